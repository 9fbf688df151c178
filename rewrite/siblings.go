package rewrite

import (
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// One server on two kinds of transport at a time: streamable HTTP and the older
// SSE. Each has a URL of its own, and so a guard of its own; the policy is one.

// streamableFirst puts streamable HTTP before the rest: its URL is the one that
// is called MCP_RESOURCE_URL.
func streamableFirst(list []*analyze.Transport) []*analyze.Transport {
	other := func(t *analyze.Transport) int {
		if t.Kind == sdk.KindStreamable {
			return 0
		}
		return 1
	}
	return slices.SortedStableFunc(slices.Values(list), func(x, y *analyze.Transport) int { return other(x) - other(y) })
}

// guardAt returns the guard for a transport that is served at site: the server's
// or, where that one runs for another kind of transport at the same time, one
// more.
func (b *builder) guardAt(side *sidecar, s *analyze.Server, t *analyze.Transport, site sdk.Site) *guarded {
	first := b.guardFor(side, s)
	if !b.runsBeside(first, t, site) {
		return first
	}
	for _, g := range side.guards {
		if g.sibling && g.policy == first.policy {
			return g
		}
	}
	g := &guarded{
		constructor: b.freshName(side.pkg, first.constructor+"SSE"),
		policy:      first.policy,
		variable:    first.variable + "SSE",
		sibling:     true,
	}
	g.env, g.further = b.freshEnvNamed(first.env+"_SSE"), true
	return g
}

// runsBeside reports whether guard g was made for another kind of transport
// than t, at a place that runs beside site.
func (b *builder) runsBeside(g *guarded, t *analyze.Transport, site sdk.Site) bool {
	return g.kind != "" && g.kind != t.Kind && slices.ContainsFunc(g.places, func(p sdk.Site) bool { return !b.exclusive(p, site) })
}

// together reports whether two kinds of transport of s are served at the same
// time, in one function.
func (b *builder) together(s *analyze.Server) bool {
	var stream, sse []sdk.Site
	for _, t := range s.Transports {
		for _, r := range t.Routes {
			switch t.Kind {
			case sdk.KindStreamable:
				stream = append(stream, guardSite(t, r))
			case sdk.KindSSE:
				sse = append(sse, guardSite(t, r))
			}
		}
	}
	if wirer := b.opt.Wirers[s.Spec.Name]; wirer == nil {
		return false
	} else if why, _ := wirer.CantGuard(sdk.KindSSE); why != "" {
		return false
	}
	return slices.ContainsFunc(stream, func(x sdk.Site) bool {
		return slices.ContainsFunc(sse, func(y sdk.Site) bool { return !b.exclusive(x, y) })
	})
}

// noteSSE tells what is to be known of a guarded SSE transport.
func (b *builder) noteSSE(g *guarded, t *analyze.Transport) {
	if t.Kind != sdk.KindSSE {
		return
	}
	why := "SSE is guarded as well; MCP deprecates it: serve streamable HTTP alone as soon as your clients can"
	if g.kind != sdk.KindSSE {
		why += ". Where it runs instead of streamable HTTP, " + g.env + " must be its URL, such as https://mcp.example.com/sse"
	}
	b.steps = append(b.steps, Step{Kind: StepNote, File: t.New.File.Rel, Site: t.New.ID(b.prog.Fset), Reason: why})
}

// mainRoute returns the route at the endpoint itself, where the transport has
// others beside it, such as that of SSE's messages.
func mainRoute(t *analyze.Transport, routes []*analyze.Route) *analyze.Route {
	for _, r := range routes {
		if r.Pattern == t.Path {
			return r
		}
	}
	return routes[0]
}
