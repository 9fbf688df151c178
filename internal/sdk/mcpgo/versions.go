package mcpgo

import "golang.org/x/mod/semver"

// The versions in which mcp-go gained what the wiring needs.
const (
	hooksSince = "v0.20.0" // a check inside the server: tool middleware
	startSince = "v0.31.0" // Start can be given an http.Server
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
