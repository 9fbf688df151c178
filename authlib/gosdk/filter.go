package gosdk

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// filter lists what the caller may use, and marks it as the caller's own. The
// result may be shared with others, so a copy is changed.
func filter(ctx context.Context, d *authlib.Decision, res mcp.Result) mcp.Result {
	switch r := res.(type) {
	case *mcp.ListToolsResult:
		c := *r
		c.Tools = keep(ctx, d, "tools/call", r.Tools, func(t *mcp.Tool) string { return t.Name })
		private(&c)
		return &c
	case *mcp.ListPromptsResult:
		c := *r
		c.Prompts = keep(ctx, d, "prompts/get", r.Prompts, func(t *mcp.Prompt) string { return t.Name })
		private(&c)
		return &c
	case *mcp.ListResourcesResult:
		c := *r
		c.Resources = keep(ctx, d, "resources/read", r.Resources, func(t *mcp.Resource) string { return t.URI })
		private(&c)
		return &c
	case *mcp.ListResourceTemplatesResult:
		c := *r
		c.ResourceTemplates = keep(ctx, d, "resources/read", r.ResourceTemplates, func(t *mcp.ResourceTemplate) string { return t.URITemplate })
		private(&c)
		return &c
	case *mcp.ReadResourceResult:
		c := *r
		private(&c)
		return &c
	}
	return res
}

func keep[T any](ctx context.Context, d *authlib.Decision, method string, items []T, name func(T) string) []T {
	return authlib.Filter(ctx, d.Guard(), d.Principal(), items, func(t T) authlib.Operation {
		return authlib.Operation{Method: method, Name: name(t)}
	})
}
