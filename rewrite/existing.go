package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// What becomes of checks that are there already (--existing): they are kept, ours is
// put in front of them, or in their place.

// inPlaceOf is what a person pastes where the check is not taken out of the text.
const inPlaceOf = "mcpAuth.Protect(handler) // in place of it, around the handler that it guards"

// withCheck decides about a route that something guards already: whether it is
// wired, or left to a person and why, or neither.
func (b *builder) withCheck(t *analyze.Transport, r *analyze.Route) (open bool, left *leftRoute) {
	if r.Verdict == analyze.Protected && !r.OwnGuard && (b.ans.Existing != "replace" || r.Guard == analyze.OurGuard) {
		b.noteKept(r)
		return false, nil
	}
	var err error
	switch {
	case b.ans.Existing != "keep" && (r.Site.File.Cgo || r.Site.File.Generated):
		err = manualf("the file is generated or uses cgo and is not edited")
	case b.ans.Existing == "add" && known(r):
		err = b.addTo(r)
	case b.ans.Existing == "replace" && known(r):
		err = b.replaceChecks(t, r)
	default:
		b.manual(r.Site, "a check of your own stands here and was kept: "+keptReason(r), inPlaceOf)
		return false, nil
	}
	if err != nil {
		return false, &leftRoute{Route: r, why: err.Error(), byHand: inPlaceOf}
	}
	return true, nil
}

// keptReason says what is known of a check that was kept.
func keptReason(r *analyze.Route) string {
	if r.Reason == "" {
		return "it verifies a credential of its own, and MCP clients that sign in don't have that one"
	}
	return r.Reason
}

// known reports whether everything that stands in front of a route is a check that
// is known to be one.
func known(r *analyze.Route) bool { return len(r.Checks)+len(r.Outside) > 0 && !r.Blind }

// noteKept says that what protects a route already was left as it is.
func (b *builder) noteKept(r *analyze.Route) {
	if r.Trust != nil {
		b.note(r.Site, "the check that stands here was kept: "+r.Reason)
		return
	}
	for _, c := range slices.Concat(r.Checks, r.Outside) {
		if r.Guard == analyze.OurGuard || c.Verdict != analyze.Protected {
			continue
		}
		why := "it is known to verify tokens, so that this route is protected and nothing of ours was put here"
		if b.ans.Existing == "add" {
			why += "; one in front would take the token away that it reads, and it would refuse everybody"
		}
		b.note(r.Site, fmt.Sprintf("%s was kept: %s", b.named(c), why))
	}
}

// addTo looks whether a guard of ours can stand in front of a route's checks. Ours
// takes the Authorization header away, since a token for this server is nobody
// else's business (MCP authorization, Token Handling).
func (b *builder) addTo(r *analyze.Route) error {
	for _, c := range r.Outside {
		if c.Verdict != analyze.Unprotected {
			return &sdk.ManualError{Why: fmt.Sprintf("%s stands in front of the whole mux: a guard behind it could not let clients read the metadata and sign in; "+
				"put it around the other routes only, then run migrate again", b.named(c))}
		}
	}
	for _, c := range refusing(r.Checks) {
		switch {
		case c.Reads("authorization"):
			return &sdk.ManualError{Why: fmt.Sprintf("%s reads the Authorization header, which our guard takes away: behind ours it would refuse everybody; "+
				"use --existing replace, or let it read another header", b.named(c))}
		case c.Hidden != "":
			return &sdk.ManualError{Why: fmt.Sprintf("whether %s reads the Authorization header can't be told (%s): our guard takes it away, and behind ours it might refuse everybody", b.named(c), c.Hidden)}
		}
	}
	b.noteStays(r, refusing(r.Checks))
	return nil
}

// noteStays tells of checks that go on behind the guard.
func (b *builder) noteStays(r *analyze.Route, checks []*analyze.Check) {
	for _, c := range checks {
		what := "passes it"
		if len(c.Headers) > 0 {
			what = "brings " + strings.Join(c.Headers, " and ")
		}
		b.noteWith(r, r.Site, fmt.Sprintf("%s stays, behind the guard: callers are served who are signed in and whose request %s", b.named(c), what))
	}
}

// refusing returns the checks that refuse somebody, or may.
func refusing(checks []*analyze.Check) []*analyze.Check {
	return slices.DeleteFunc(slices.Clone(checks), func(c *analyze.Check) bool { return c.Verdict == analyze.Unprotected })
}

// replaceChecks plans to take a route's checks out, for a guard of ours in their place.
func (b *builder) replaceChecks(t *analyze.Transport, r *analyze.Route) error {
	for _, c := range refusing(r.Outside) {
		return &sdk.ManualError{Why: fmt.Sprintf("%s stands in front of the whole mux, other routes included: it can't be taken out for this one alone", b.named(c))}
	}
	checks, others := byCredential(refusing(r.Checks))
	for _, c := range checks {
		switch {
		case len(c.Caller) > 0:
			return &sdk.ManualError{Why: fmt.Sprintf("who %s said is calling is read at %s: behind our guard there are the caller's ID and scopes, and nothing else that your verifier tells; "+
				"take it from authlib.FromContext(ctx)", b.named(c), c.Caller[0].ID(b.prog.Fset))}
		case c.More != "":
			return &sdk.ManualError{Why: fmt.Sprintf("%s does more than check, and would be missed: %s; put ours in its place and keep the rest", b.named(c), c.More)}
		}
	}
	b.noteStays(r, others)
	if len(checks) == 0 {
		return nil
	}
	p, err := b.peel(t, r, checks)
	if err != nil {
		return err
	}
	b.peels[r] = p
	for _, c := range checks {
		b.noteWith(r, r.Site, fmt.Sprintf("%s was taken out for our guard: the credentials that it accepted are refused from now on", b.named(c)))
	}
	return nil
}

// byCredential tells checks that judge a credential, or may, from those that refuse
// by something else, such as the origin: ours takes the place of the former only.
func byCredential(list []*analyze.Check) (checks, others []*analyze.Check) {
	for _, c := range list {
		if len(c.Headers) > 0 || c.Hidden != "" || c.Verdict == analyze.Protected {
			checks = append(checks, c)
		} else {
			others = append(others, c)
		}
	}
	return checks, others
}

// named names a check with its place.
func (b *builder) named(c *analyze.Check) string {
	p := c.Site.Position(b.prog.Fset)
	return fmt.Sprintf("%s (%s:%d)", c.Name, p.Filename, p.Line)
}

// noteMetadata tells of tools that are named for the server's own auth metadata, which the
// guard publishes from now on.
func (b *builder) noteMetadata(s *analyze.Server) {
	for _, t := range s.Tools {
		if t.TellsMetadata() {
			b.note(t.Defined, "the tool "+wizard.Printable(t.Name)+" was kept: "+analyze.MetadataReason)
		}
	}
}

// noteReaders tells of what reads the credential of its callers and finds none
// behind the guard: a token that was handed on to an upstream server, mostly.
func (b *builder) noteReaders(s *analyze.Server, routes []*analyze.Route) {
	cure := "give what it calls a credential of its own"
	if wizard.Brokered(b.ans) {
		cure = "for a token of the user at the provider ask the broker's TokenSource(ctx)"
	}
	say := func(name string, site sdk.Site) {
		b.note(site, fmt.Sprintf("%s reads the Authorization header, which the guard takes away before: it finds none from now on, and what it demands one for it refuses to everybody. "+
			"Who is calling is in authlib.FromContext(ctx); %s", name, cure))
	}
	for _, r := range s.Readers {
		if slices.Contains(r.Headers, "authorization") {
			say(r.Name, r.Site)
		}
	}
	for _, r := range routes {
		for _, c := range r.Checks {
			if c.Verdict == analyze.Unprotected && c.Reads("authorization") {
				say(c.Name, c.Site)
			}
		}
	}
}

// note records what is worth knowing about a place, once.
func (b *builder) note(site sdk.Site, reason string) {
	s := Step{Kind: StepNote, File: site.File.Rel, Site: site.ID(b.prog.Fset), Reason: reason}
	if !slices.Contains(b.steps, s) {
		b.steps = append(b.steps, s)
	}
}

// noteWith records a note that holds once r is wired.
func (b *builder) noteWith(r *analyze.Route, site sdk.Site, reason string) {
	b.later[r] = append(b.later[r], func() { b.note(site, reason) })
}

// routeOf is what a Wirer is told of a route; without its checks, where those are
// taken out.
func (b *builder) routeOf(t *analyze.Transport, r *analyze.Route, auth string) sdk.Route {
	w := sdk.Route{
		Auth: auth, Fset: b.prog.Fset, Kind: string(r.Kind), Site: r.Site,
		Of: t.Kind, Transport: t.New, Handler: r.Handler, Mux: r.Mux, Path: t.Path, Own: t.Own,
	}
	if p := b.peels[r]; p != nil {
		w.Handler, w.Site.Node = p.handler, p.site
	}
	if r.Kind == analyze.RouteOther && r.Mounting != nil && r.Mounting.Why == "" {
		b.asRouter(&w, r.Mounting)
	}
	return w
}

// A cut is a stretch of a file that goes.
type cut struct {
	file       *load.File
	start, end int // byte offsets
}
