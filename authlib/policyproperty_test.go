package authlib

import (
	"context"
	"errors"
	"math/rand"
	"slices"
	"testing"
)

// A world makes policies and callers of few words, so that they meet.
type world struct{ *rand.Rand }

var (
	worldScopes = []string{"a", "b", "c", "d", "e"}
	worldRoles  = []string{"r0", "r1", "r2"}
	worldGiven  = []string{"*", "n:*", "n:x", "n:y", "n:x:*", "n:x:1", "m:z"}
	worldWanted = []string{"n:x", "n:y", "n:x:1", "n:*", "m:z"}
	worldIssuer = []string{"https://one.example.com", "https://two.example.com"}
	worldTools  = []string{"t0", "t1", "t2", "t3", "unlisted"}
)

// some returns each of words with a probability of 1/n.
func (w world) some(words []string, n int) []string {
	return slices.DeleteFunc(slices.Clone(words), func(string) bool { return w.Intn(n) > 0 })
}

func (w world) rule() Rule {
	return Rule{
		AllScopes: w.some(worldScopes, 4), AnyScope: w.some(worldScopes, 3), AnyRole: w.some(worldRoles, 5),
		AnyPermission: w.some(worldWanted, 6), AnyIssuer: w.some(worldIssuer, 5),
	}
}

func (w world) policy() Policy {
	p := Policy{
		Base:     Rule{AllScopes: w.some(worldScopes, 8)},
		Tools:    map[string]Rule{},
		Implies:  map[string][]string{},
		Unlisted: Unlisted(w.Intn(2)),
		// One role gives everything, so that no permission is without one.
		RolePermissions: map[string][]string{"r2": {"*"}},
	}
	for _, tool := range worldTools[:4] {
		p.Tools[tool] = w.rule()
	}
	for i, s := range worldScopes { // only to later ones, so that nothing goes round
		if narrower := w.some(worldScopes[i+1:], 3); len(narrower) > 0 {
			p.Implies[s] = narrower
		}
	}
	for _, r := range worldRoles[:2] {
		if given := w.some(worldGiven, 3); len(given) > 0 {
			p.RolePermissions[r] = given
		}
	}
	return p
}

func (w world) principal() *Principal {
	return &Principal{Issuer: worldIssuer[w.Intn(2)], Subject: "u", Scopes: w.some(worldScopes, 4), Roles: w.some(worldRoles, 3)}
}

func eachWorld(t *testing.T, f func(w world, g *Guard, p *Principal)) {
	for seed := range int64(3000) {
		w := world{rand.New(rand.NewSource(seed))}
		f(w, newGuard(t, func(c *Config) { c.Policy = w.policy() }), w.principal())
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func allowed(g *Guard, p *Principal) []string {
	return slices.DeleteFunc(slices.Clone(worldTools), func(tool string) bool {
		return g.Authorize(context.Background(), p, Operation{"tools/call", tool}) != nil
	})
}

// Whoever has more scopes or roles may never do less, and neither may they where a
// scope includes more or a role gives more.
func TestMoreNeverAllowsLess(t *testing.T) {
	gained := 0
	eachWorld(t, func(w world, g *Guard, p *Principal) {
		before := allowed(g, p)
		more := *p
		more.Scopes = append(slices.Clone(p.Scopes), w.some(worldScopes, 2)...)
		more.Roles = append(slices.Clone(p.Roles), w.some(worldRoles, 2)...)
		wider := g.Policy()
		wider.Implies = cloneLists(wider.Implies)
		if last := len(worldScopes) - 1; wider.Implies["a"] == nil {
			wider.Implies["a"] = []string{worldScopes[last]}
		}
		wider.RolePermissions["r0"] = append(wider.RolePermissions["r0"], "n:*")
		for name, after := range map[string][]string{
			"more of the caller": allowed(g, &more),
			"more of the words":  allowed(newGuard(t, func(c *Config) { c.Policy = wider }), p),
		} {
			gained += len(after) - len(before)
			for _, tool := range before {
				if !slices.Contains(after, tool) {
					t.Errorf("%s: %s is allowed no longer\n%+v\n%+v\n%+v", name, tool, g.Policy(), p, more)
				}
			}
		}
	})
	if gained < 1000 {
		t.Errorf("only %d operations were gained: the worlds are too small to show anything", gained)
	}
}

// What a challenge asks for is enough, and nothing in it could be left out. Where no
// scope is enough there is no challenge.
func TestAChallengeIsEnoughAndNoMore(t *testing.T) {
	challenges := 0
	eachWorld(t, func(_ world, g *Guard, p *Principal) {
		all := *p
		all.Scopes = worldScopes
		for _, tool := range worldTools {
			op := Operation{"tools/call", tool}
			var d *DeniedError
			errors.As(g.Authorize(context.Background(), p, op), &d)
			if d == nil {
				continue
			}
			if everything := g.Authorize(context.Background(), &all, op); (everything == nil) != errors.Is(d, ErrInsufficientScope) {
				t.Errorf("%s: %v, and with every scope %v", tool, d, everything)
			}
			if !errors.Is(d, ErrInsufficientScope) {
				continue
			}
			challenges++
			for name, scopes := range map[string][]string{"asked for": d.Scopes, "missing": append(slices.Clone(p.Scopes), d.Missing...)} {
				with := *p
				with.Scopes = scopes
				if err := g.Authorize(context.Background(), &with, op); err != nil {
					t.Errorf("%s: with what is %s (%q): %v", tool, name, scopes, err)
				}
			}
			for i := range d.Scopes {
				with := *p
				with.Scopes = slices.Concat(d.Scopes[:i], d.Scopes[i+1:])
				if err := g.Authorize(context.Background(), &with, op); err == nil {
					t.Errorf("%s: asks for %q, where %q would do", tool, d.Scopes, with.Scopes)
				}
			}
		}
	})
	if challenges < 1000 {
		t.Errorf("only %d challenges", challenges)
	}
}

// Lists show what can be called, and all of it: they are decided in the same way.
func TestListedIsCallable(t *testing.T) {
	eachWorld(t, func(_ world, g *Guard, p *Principal) {
		for _, tool := range worldTools {
			op := Operation{"tools/call", tool}
			listed := g.AuthorizeItem(context.Background(), p, op) == nil
			if called := g.Check(context.Background(), &Decision{g, p, []Operation{op}, 0}, op) == nil; listed != called {
				t.Errorf("%s: listed %v, callable %v", tool, listed, called)
			}
		}
	})
}

// The rule of a handler takes away from the policy, and adds nothing.
func TestTheRuleOfAHandlerOnlyRestricts(t *testing.T) {
	both, refused := 0, 0
	eachWorld(t, func(w world, g *Guard, p *Principal) {
		for _, tool := range worldTools {
			op, rule := Operation{"tools/call", tool}, w.rule()
			policy := g.Authorize(context.Background(), p, op) == nil
			handler := (&Decision{g, p, []Operation{op}, 0}).Require(context.Background(), op, rule) == nil
			alone := g.satisfy(p, op, rule) == nil
			if handler != (policy && alone) {
				t.Errorf("%s: policy %v, rule %v, handler %v", tool, policy, alone, handler)
			}
			if handler {
				both++
			} else if policy {
				refused++
			}
		}
	})
	if both < 100 || refused < 100 {
		t.Errorf("%d were allowed by both and %d refused by the rule", both, refused)
	}
}
