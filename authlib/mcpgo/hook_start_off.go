//go:build authlib_no_start

package mcpgo

// This mcp-go version can't be given an http.Server, so there is no At: mount the
// transport on a server of your own with [Guard.Mount].
