package authlib

import (
	"maps"
	"slices"
)

// An Operation is one MCP request, as far as authorization is concerned.
type Operation struct {
	Method string // "tools/call", "resources/read", …
	Name   string // tool or prompt name, or resource URI; "" otherwise
}

// A Rule is what an operation demands of its caller. Every field that is set
// must be satisfied. The zero Rule demands an authenticated caller.
type Rule struct {
	Public    bool     // no caller needed; must then be the only field set
	AllScopes []string // the caller holds every one of these
	AnyScope  []string // the caller holds at least one of these
	AnyRole   []string // the caller has at least one of these
	// AnyPermission: the caller's roles give at least one of these, by
	// Policy.RolePermissions. One with a star demands all that it stands for.
	AnyPermission []string
	// AnyIssuer: one of these vouches for the caller. They are compared with
	// Principal.Issuer letter for letter.
	AnyIssuer []string
}

// A Policy says who may do what. The zero Policy lets any authenticated caller
// do anything that the protocol defines, and an anonymous caller nothing.
//
// A key of Resources that is a URI names that URI. One that is a URI template names
// what the server has registered under that very template, text for text: neither
// resources nor other templates whose URIs it matches as well, because the server
// runs those instead. They need keys of their own, or else are unlisted, and so is a
// URI for which nothing is registered. A URI that several templates of the policy
// match, or that could be read in two ways (dot segments, encoded slashes), is
// refused whatever Unlisted says.
type Policy struct {
	Base      Rule            // holds for every operation that is not Public
	Tools     map[string]Rule // by tool name; adds to Base
	Prompts   map[string]Rule // by prompt name
	Resources map[string]Rule // by URI or URI template
	// Unlisted says what holds for a tool, prompt or resource that has no rule,
	// once at least one of Tools, Prompts and Resources names something, and always
	// for methods that the protocol does not define.
	Unlisted Unlisted
	// Implies says of a scope which others it includes, at any remove, as in
	// {"admin": {"write"}, "write": {"read"}}: who holds the broader one satisfies a
	// demand for the narrower (MCP authorization, Step-Up Authorization Flow).
	Implies map[string][]string
	// RolePermissions says of a role what it permits. A permission is a name of
	// segments that are joined by colons. "*" gives every permission, and "notes:*"
	// every one that begins with "notes:". Nothing else gives any: a scope or a claim
	// of a token never does.
	RolePermissions map[string][]string
}

// Roles returns every role that p gives a meaning to, sorted: those that an
// operation demands, and those that give permissions.
func (p Policy) Roles() []string {
	out := append(slices.Clone(p.Base.AnyRole), slices.Collect(maps.Keys(p.RolePermissions))...)
	for _, rules := range []map[string]Rule{p.Tools, p.Prompts, p.Resources} {
		for _, r := range rules {
			out = append(out, r.AnyRole...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Unlisted says what holds for what the policy does not name.
type Unlisted int

// The zero value refuses.
const (
	UnlistedDeny Unlisted = iota // refused
	UnlistedBase                 // Policy.Base holds
)
