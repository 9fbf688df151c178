package authlib

import (
	"context"
	"slices"
)

// Authorize reports whether p (nil: anonymous) may perform op. The error is a
// [*DeniedError].
//
// A stranger may use Public operations and, where Config.AllowAnonymous is set,
// the methods by which a client learns what is there. Everybody else needs
// Policy.Base and the rule of what the operation names. Methods that the
// protocol does not define for clients to send are refused, unless Policy.Unlisted
// is [UnlistedBase].
func (g *Guard) Authorize(_ context.Context, p *Principal, op Operation) error {
	rule, st := g.rule(op)
	switch {
	case st == standOpen && g.cfg.AllowAnonymous, st == standListed && rule.Public:
		return nil
	case p == nil:
		return &DeniedError{Operation: op, Scopes: g.words.ask(nil, g.cfg.Policy.Base, rule), Err: ErrUnauthenticated}
	case st == standAmbiguous,
		st == standForeign && g.cfg.Policy.Unlisted != UnlistedBase,
		st == standUnlisted && g.cfg.Policy.Unlisted != UnlistedBase && g.cfg.Policy.names():
		return &DeniedError{Operation: op, Err: ErrForbidden}
	}
	return g.satisfy(p, op, g.cfg.Policy.Base, rule)
}

// satisfy checks p against every rule. Issuers, roles and permissions come first:
// where one is missing no scope would help, and a step-up would send the user
// through consent in vain.
func (g *Guard) satisfy(p *Principal, op Operation, rules ...Rule) error {
	for i := range rules {
		if g.words.bars(&rules[i], p) {
			return &DeniedError{Operation: op, Err: ErrForbidden}
		}
	}
	if g.words.enough(p.Scopes, rules) {
		return nil
	}
	missing := g.words.missing(p, rules)
	scopes := g.words.ask(p, rules...)
	if slices.Contains(missing, offlineAccess) { // a rule demands it in so many words
		scopes = append(scopes, offlineAccess)
	}
	return &DeniedError{Operation: op, Missing: missing, Scopes: scopes, Err: ErrInsufficientScope}
}

// A standing is how an operation relates to the policy.
type standing int

const (
	standForeign   standing = iota // a method that the protocol does not define
	standUnlisted                  // nothing names it
	standKnown                     // a method of the protocol that names nothing
	standOpen                      // a method by which a client learns what is there
	standListed                    // a rule names it
	standAmbiguous                 // it can't be said which rule holds
)

// rule returns the rule that holds for op besides Policy.Base.
func (g *Guard) rule(op Operation) (Rule, standing) {
	switch op.Method {
	case "initialize", "ping", "notifications/initialized", "server/discover",
		"tools/list", "prompts/list", "resources/list", "resources/templates/list":
		return Rule{}, standOpen
	case "tools/call":
		return named(g.cfg.Policy.Tools, op.Name)
	case "prompts/get":
		return named(g.cfg.Policy.Prompts, op.Name)
	case "resources/read", "resources/subscribe", "resources/unsubscribe":
		return g.resourceRule(op.Name)
	}
	if protocolMethods[op.Method] {
		return Rule{}, standKnown
	}
	return Rule{}, standForeign
}

// protocolMethods are those of the operations that clients may ask for. The
// protocol's versions up to 2026-07-28 and its extension for tasks define them.
var protocolMethods = set(
	"initialize", "ping", "server/discover",
	"tools/list", "tools/call", "prompts/list", "prompts/get",
	"resources/list", "resources/templates/list", "resources/read", "resources/subscribe", "resources/unsubscribe",
	"logging/setLevel", "subscriptions/listen",
	"tasks/get", "tasks/result", "tasks/cancel", "tasks/list", "tasks/update",
	"notifications/initialized", "notifications/cancelled", "notifications/progress", "notifications/roots/list_changed",
	"notifications/elicitation/complete", "notifications/tasks/status", methodResponse,
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

func named(rules map[string]Rule, name string) (Rule, standing) {
	if r, ok := rules[name]; ok {
		return r, standListed
	}
	return Rule{}, standUnlisted
}
