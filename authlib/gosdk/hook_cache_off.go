//go:build authlib_no_cache

package gosdk

import "github.com/modelcontextprotocol/go-sdk/mcp"

// private does nothing: this go-sdk version sends no cache hints.
func private(mcp.Result) {}
