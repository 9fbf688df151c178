package mcpgo

import "golang.org/x/mod/semver"

// The versions in which mcp-go gained what the wiring needs.
const (
	hooksSince = "v0.20.0" // a check inside the server: tool middleware
	startSince = "v0.31.0" // Start can be given an http.Server
	stdioSince = "v0.45.0" // a hook that sees every request and can refuse
)

// TooOld is sdk.Wirer's.
func (wirer) TooOld(version string, start bool) (why, want string) {
	switch {
	case version == "":
	case start && semver.Compare(version, startSince) < 0:
		return "in mcp-go " + version + " Start can't be given a guard", startSince
	case semver.Compare(version, hooksSince) < 0:
		return "mcp-go " + version + " has no place for a check inside the server", hooksSince
	}
	return "", ""
}

// StdioTooOld is sdk.Wirer's.
func (wirer) StdioTooOld(version string) (why, want string) {
	if version == "" || semver.Compare(version, stdioSince) >= 0 {
		return "", ""
	}
	return "mcp-go " + version + " has no hook that sees every request, and over stdio nothing else does", stdioSince
}
