package gosdk

import "golang.org/x/mod/semver"

// since is the version whose token verifier is given the request, by which the
// guard hands the caller to the SDK.
const since = "v0.4.0"

// TooOld is sdk.Wirer's.
func (wirer) TooOld(version string, _ bool) (why, want string) {
	if version == "" || semver.Compare(version, since) >= 0 {
		return "", ""
	}
	return "go-sdk " + version + " gives its token verifier no request", since
}

// StdioTooOld is sdk.Wirer's: middleware sees every request since, but the adapter
// needs the same version as over HTTP.
func (w wirer) StdioTooOld(version string) (why, want string) { return w.TooOld(version, false) }
