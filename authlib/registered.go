package authlib

import (
	"context"
	"errors"
	"slices"
)

// A Registry is what an MCP server has registered, and so what a resource URI can
// lead to.
type Registry struct {
	Resources []string // URIs of resources
	Templates []string // URI templates, as they were registered
}

// errNoRegistry says that nobody knows what the server has registered.
var errNoRegistry = errors.New("authlib: nobody says what the server has registered")

// DeferResources tells g that an adapter calls [Guard.AuthorizeRegistered] for
// every operation on a resource that g lets through. Until then, and without
// Config.Registered, [Guard.Protect] refuses URIs that only a template names.
func (g *Guard) DeferResources() { g.deferred.Store(true) }

// AuthorizeRegistered completes [Guard.Authorize], which matches a URI with the
// policy's templates only: what the server runs depends on what it has registered
// (see [Policy]). It allows everything but a resource operation that the policy
// names by a template alone. That one is allowed where the server has registered
// this very template, and nothing else that could serve the URI; otherwise it is
// unlisted. registered is called only where it matters. An error of it refuses.
// The error is a [*DeniedError].
func (g *Guard) AuthorizeRegistered(p *Principal, op Operation, registered func() (Registry, error)) error {
	if !g.byTemplate(op) {
		return nil
	}
	if reg, err := registered(); err == nil && g.routed(op.Name, reg) {
		return nil
	}
	switch {
	case p == nil:
		return &DeniedError{Operation: op, Scopes: g.baseScopes, Err: ErrUnauthenticated}
	case g.cfg.Policy.Unlisted == UnlistedBase: // besides the template's rule, which Authorize has checked
		return g.satisfy(p, op, g.cfg.Policy.Base)
	}
	return &DeniedError{Operation: op, Err: ErrForbidden}
}

// AuthorizeItem decides whether p may use op.Name where that is something the
// server has registered, as its lists name it: a template's rule says nothing
// about another template or a resource. The error is a [*DeniedError].
func (g *Guard) AuthorizeItem(ctx context.Context, p *Principal, op Operation) error {
	if err := g.Authorize(ctx, p, op); err != nil {
		return err
	}
	return g.AuthorizeRegistered(p, op, func() (Registry, error) { return Registry{Resources: []string{op.Name}}, nil })
}

// byTemplate reports whether op is on a resource that no rule names by its URI.
func (g *Guard) byTemplate(op Operation) bool {
	switch op.Method {
	case "resources/read", "resources/subscribe", "resources/unsubscribe":
	default:
		return false
	}
	_, exact := g.cfg.Policy.Resources[op.Name]
	return !exact && len(g.templates) > 0
}

// routed reports whether a server with reg serves uri by a template that the
// policy names, whatever the order in which it tries its templates.
func (g *Guard) routed(uri string, reg Registry) bool {
	if slices.Contains(reg.Resources, uri) {
		return false // resources come before templates in every SDK
	}
	found := false
	for _, text := range reg.Templates {
		if !g.couldServe(text, uri) {
			continue
		}
		if _, named := g.cfg.Policy.Resources[text]; !named {
			return false
		}
		found = true
	}
	return found
}

// registeredWithout is the check of a guard that no adapter stands behind.
func (g *Guard) registeredWithout(ctx context.Context, p *Principal, op Operation) error {
	if g.deferred.Load() {
		return nil
	}
	return g.AuthorizeRegistered(p, op, func() (Registry, error) {
		if g.cfg.Registered == nil {
			return Registry{}, errNoRegistry
		}
		return g.cfg.Registered(ctx)
	})
}
