package rewrite

import (
	"fmt"
	"go/ast"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// A fileEdit is an edit with the file it belongs to.
type fileEdit struct {
	file *load.File
	edit edit.Edit
}

// wireServers plans the wiring of every transport that needs a guard.
func (b *builder) wireServers() {
	for _, s := range b.res.Servers {
		if !b.selected(s) {
			continue
		}
		for _, t := range streamableFirst(s.Transports) {
			b.wireTransport(s, t)
		}
	}
}

// NoAdapter says that servers of an SDK can't be guarded, and what to do instead.
func NoAdapter(spec *sdk.Spec) string {
	return "no adapter guards servers of " + spec.Name + "; their HTTP layer can be wrapped by hand: " + spec.ByHand
}

func (b *builder) selected(s *analyze.Server) bool {
	if len(b.ans.Servers) == 0 {
		return true
	}
	for _, id := range b.ans.Servers {
		if id == s.ID {
			return true
		}
	}
	return false
}

// wireTransport decides what happens to one transport.
func (b *builder) wireTransport(s *analyze.Server, t *analyze.Transport) {
	switch {
	case t.Kind == sdk.KindInProcess && t.Verdict == analyze.Unknown:
		b.manual(t.New, "who can reach the server here could not be told: "+t.Reason+"; if strangers can, serve it over the SDK's streamable HTTP transport and run migrate again", "")
		return
	case t.Kind == sdk.KindStdio || t.Kind == sdk.KindInProcess || t.Verdict == analyze.Protected && t.Kind != sdk.KindStreamable:
		return
	case b.opt.Wirers[s.Spec.Name] == nil:
		if t.Verdict != analyze.Protected {
			b.manual(t.New, NoAdapter(s.Spec), "")
		}
		return
	}
	if why, instead := b.opt.Wirers[s.Spec.Name].CantGuard(t.Kind); why != "" {
		b.manual(t.New, why, instead)
		return
	}
	if g := b.wired[t.New.Node]; g != nil { // one call that serves several servers
		g.addServer(s, t, mainRoute(t, t.Routes))
		return
	}
	routes, left := b.openRoutes(t)
	if len(routes)+len(left) > 0 && b.tooOld(s, t) {
		return
	}
	parts := byFunction(t, routes)
	for _, part := range parts {
		if err := b.wireGroup(s, t, part, len(parts) > 1); err != nil {
			for _, r := range part {
				left = append(left, leftRoute{Route: r, why: err.Error()})
			}
		}
	}
	b.leaveToPerson(s, t, left)
}

// openRoutes returns the routes of t that can be wired, and those that are left
// to a person.
func (b *builder) openRoutes(t *analyze.Transport) (open []*analyze.Route, left []leftRoute) {
	if len(t.Routes) == 0 {
		b.manual(t.New, "no place was found where this transport is served: "+t.Reason, "mcpAuth.Mount(mux, \"/mcp\", handler)")
	}
	for _, r := range t.Routes {
		switch {
		case r.Kind == analyze.RouteOther && r.Verdict != analyze.Protected:
			if why := b.routerBars(r); why != "" {
				left = append(left, leftRoute{Route: r, why: why})
			} else if ok, toPerson := b.onRouter(t, r); ok {
				open = append(open, r)
			} else if toPerson != nil {
				left = append(left, *toPerson)
			}
		case r.Verdict != analyze.Unprotected || r.Blind || len(refusing(r.Checks))+len(refusing(r.Outside)) > 0:
			if ok, toPerson := b.withCheck(t, r); ok {
				open = append(open, r)
			} else if toPerson != nil {
				left = append(left, *toPerson)
			}
		case r.Site.File.Cgo || r.Site.File.Generated:
			left = append(left, leftRoute{Route: r, why: "the file is generated or uses cgo and is not edited"})
		default:
			open = append(open, r)
		}
	}
	return open, left
}

// notRewritten says why a route is left to a person that no edit is known for.
func (b *builder) notRewritten(r *analyze.Route) string {
	call, ok := r.Site.Node.(*ast.CallExpr)
	if !ok || r.Verdict != analyze.Unprotected || r.Site.File.Cgo {
		return "the handler is served in a way that this version does not rewrite: " + r.Reason
	}
	return "the handler is served by " + firstLine(sdk.Text(b.prog.Fset, r.Site.File, call.Fun)) + ", which this version does not rewrite; " + r.Reason
}

// tooOld records a manual step where the SDK's version lacks what the guard needs.
func (b *builder) tooOld(s *analyze.Server, t *analyze.Transport) bool {
	wirer := b.opt.Wirers[s.Spec.Name]
	if wirer == nil {
		return false
	}
	start := slices.ContainsFunc(t.Routes, func(r *analyze.Route) bool { return r.Kind == analyze.RouteStart })
	why, want := wirer.TooOld(sdkVersion(s, t.New.Pkg), start)
	if why == "" {
		return false
	}
	b.manual(t.New, fmt.Sprintf("%s: move to %s or later, then run migrate again", why, want),
		fmt.Sprintf("go get %s@%s && go mod tidy", s.Spec.Module, want))
	return true
}

// wireGroup wires a transport and its routes in one function with one guard, made
// there. Elsewhere says that other functions serve the transport, too.
func (b *builder) wireGroup(s *analyze.Server, t *analyze.Transport, routes []*analyze.Route, elsewhere bool) error {
	wirer := b.opt.Wirers[s.Spec.Name]
	if wirer == nil {
		return &sdk.ManualError{Why: "there is no wiring for " + s.Spec.Name}
	}
	plan := &group{b: b, wirer: wirer, server: s, transport: t, routes: routes, elsewhere: elsewhere}
	return plan.wire()
}

func (b *builder) manual(site sdk.Site, reason, text string) {
	b.steps = append(b.steps, Step{Kind: StepManual, File: site.File.Rel, Site: site.ID(b.prog.Fset), Reason: reason, Text: text})
}

// applyEdits turns the gathered edits into file changes.
func (b *builder) applyEdits() error {
	for _, pkg := range b.prog.Packages {
		for _, f := range pkg.Files {
			if err := b.applyFile(pkg, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *builder) applyFile(pkg *load.Package, f *load.File) error {
	list := b.edits[f.Rel]
	if len(list) == 0 {
		return nil
	}
	var edits []edit.Edit
	for _, fe := range list {
		edits = append(edits, fe.edit)
	}
	edits = append(edits, b.unusedImports(pkg, f, list)...)
	out, err := edit.Apply(f.Src, edits)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Rel, err)
	}
	b.change(FileChange{Rel: f.Rel, Old: f.Src, New: tidy(f.Src, out)},
		Step{Kind: StepEdit, File: f.Rel, Reason: edits[0].Why})
	return nil
}
