//go:build !authlib_no_init

package mcpgo

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

const hasInit = true

// hookInit checks every request, by the one hook of the SDK that sees them all and
// can refuse, and filters the lists. The hooks that the program set stay.
func (g *Guard) hookInit(s *server.MCPServer) {
	if s.GetHooks() == nil {
		server.WithHooks(&server.Hooks{})(s)
	}
	h := s.GetHooks()
	h.AddOnRequestInitialization(func(ctx context.Context, _ any, message any) error { return g.checkMessage(ctx, s, message) })
	h.AddOnRegisterSession(func(ctx context.Context, session server.ClientSession) {
		if d, ok := authlib.Decided(ctx); !localSession(session) && (!ok || d.Guard() != g.decider(d)) {
			// A stream that came past the guard. It can't be refused, but what the
			// program tells everybody then misses it.
			s.UnregisterSession(ctx, session.SessionID())
		}
	})
	h.AddAfterListTools(func(ctx context.Context, _ any, _ *mcp.ListToolsRequest, r *mcp.ListToolsResult) {
		r.Tools = keep(ctx, g, "tools/call", r.Tools, func(t mcp.Tool) string { return t.Name })
	})
	h.AddAfterListPrompts(func(ctx context.Context, _ any, _ *mcp.ListPromptsRequest, r *mcp.ListPromptsResult) {
		r.Prompts = keep(ctx, g, "prompts/get", r.Prompts, func(p mcp.Prompt) string { return p.Name })
	})
	h.OnAfterListResources = append([]server.OnAfterListResourcesFunc{
		func(ctx context.Context, _ any, _ *mcp.ListResourcesRequest, r *mcp.ListResourcesResult) {
			hear(ctx, r)
		},
	}, h.OnAfterListResources...)
	h.OnAfterListResourceTemplates = append([]server.OnAfterListResourceTemplatesFunc{
		func(ctx context.Context, _ any, _ *mcp.ListResourceTemplatesRequest, r *mcp.ListResourceTemplatesResult) {
			hear(ctx, r)
		},
	}, h.OnAfterListResourceTemplates...)
	h.AddAfterListResources(func(ctx context.Context, _ any, _ *mcp.ListResourcesRequest, r *mcp.ListResourcesResult) {
		if !asking(ctx) {
			r.Resources = keep(ctx, g, "resources/read", r.Resources, func(r mcp.Resource) string { return r.URI })
		}
	})
	h.AddAfterListResourceTemplates(func(ctx context.Context, _ any, _ *mcp.ListResourceTemplatesRequest, r *mcp.ListResourceTemplatesResult) {
		if !asking(ctx) {
			r.ResourceTemplates = keep(ctx, g, "resources/read", r.ResourceTemplates, templateText)
		}
	})
}

func (g *Guard) checkMessage(ctx context.Context, s *server.MCPServer, message any) error {
	if asking(ctx) || local(ctx) && !g.asked(ctx) {
		return nil
	}
	raw, ok := message.(json.RawMessage)
	if !ok {
		return refusal{}
	}
	err := authlib.EachOperation(ctx, raw, func(op authlib.Operation) error { return g.checkOn(ctx, s, op) })
	if err != nil {
		return refusal{err}
	}
	return nil
}

func templateText(t mcp.ResourceTemplate) string {
	if t.URITemplate == nil || t.URITemplate.Template == nil {
		return ""
	}
	return t.URITemplate.Raw()
}
