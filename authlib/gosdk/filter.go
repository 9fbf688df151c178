package gosdk

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// filter lists what the caller may use, and marks it as the caller's own. The
// result may be shared with others, so a copy is changed.
func (g *Guard) filter(ctx context.Context, p *authlib.Principal, res mcp.Result) mcp.Result {
	switch r := res.(type) {
	case *mcp.ListToolsResult:
		c := *r
		c.Tools = keep(ctx, g, p, "tools/call", r.Tools, func(t *mcp.Tool) string { return t.Name })
		private(&c)
		return &c
	case *mcp.ListPromptsResult:
		c := *r
		c.Prompts = keep(ctx, g, p, "prompts/get", r.Prompts, func(t *mcp.Prompt) string { return t.Name })
		private(&c)
		return &c
	case *mcp.ListResourcesResult:
		c := *r
		c.Resources = keep(ctx, g, p, "resources/read", r.Resources, func(t *mcp.Resource) string { return t.URI })
		private(&c)
		return &c
	case *mcp.ListResourceTemplatesResult:
		c := *r
		c.ResourceTemplates = keep(ctx, g, p, "resources/read", r.ResourceTemplates, func(t *mcp.ResourceTemplate) string { return t.URITemplate })
		private(&c)
		return &c
	case *mcp.ReadResourceResult:
		c := *r
		private(&c)
		return &c
	}
	return res
}

func keep[T any](ctx context.Context, g *Guard, p *authlib.Principal, method string, items []T, name func(T) string) []T {
	return authlib.Filter(ctx, g.core, p, items, func(t T) authlib.Operation {
		return authlib.Operation{Method: method, Name: name(t)}
	})
}
