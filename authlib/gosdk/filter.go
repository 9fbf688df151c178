package gosdk

import (
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// filter lists what the caller may use, and marks it as the caller's own. The
// result may be shared with others, so a copy is changed.
func (g *Guard) filter(res mcp.Result, usable func(authlib.Operation) bool) mcp.Result {
	switch r := res.(type) {
	case *mcp.ListToolsResult:
		c := *r
		c.Tools = keep(usable, "tools/call", r.Tools, func(t *mcp.Tool) string { return t.Name })
		private(&c)
		return &c
	case *mcp.ListPromptsResult:
		c := *r
		c.Prompts = keep(usable, "prompts/get", r.Prompts, func(t *mcp.Prompt) string { return t.Name })
		private(&c)
		return &c
	case *mcp.ListResourcesResult:
		c := *r
		c.Resources = keep(usable, "resources/read", r.Resources, func(t *mcp.Resource) string { return t.URI })
		private(&c)
		return &c
	case *mcp.ListResourceTemplatesResult:
		c := *r
		c.ResourceTemplates = keep(usable, "resources/read", r.ResourceTemplates, func(t *mcp.ResourceTemplate) string { return t.URITemplate })
		private(&c)
		return &c
	case *mcp.ReadResourceResult:
		c := *r
		private(&c)
		return &c
	}
	return res
}

func keep[T any](usable func(authlib.Operation) bool, method string, items []T, name func(T) string) []T {
	return authlib.Filter(items, func(t T) authlib.Operation { return authlib.Operation{Method: method, Name: name(t)} }, usable)
}
