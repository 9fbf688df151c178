// Package authlib asks an MCP server's callers who they are, and decides what they may
// do. It checks each request's host, origin and form, its bearer token, the MCP session
// that it claims, and by the policy everything that its messages ask for. It does not
// sign anybody in, and does not look at a tool's arguments or results.
//
// A [Guard] stands in front of an MCP server's http.Handler. It authenticates
// every request, reads the JSON-RPC message strictly, decides by its [Policy],
// and hands the server a canonical re-encoding of exactly what it decided on.
// It answers 401 and 403 with the challenges that make an MCP client sign in or
// ask for more scope (RFC 6750, RFC 9728, MCP authorization). The adapters
// authlib/mcpgo and authlib/gosdk repeat the decision inside the SDK.
//
// # What it does not do
//
// It signs nobody in and issues no token: package broker does, or an authorization
// server elsewhere. It checks no token itself: that is the [Verifier]'s part. It does not
// look at a tool's arguments or results, and so cannot tell one user's data from another's:
// that is the program's part, with the caller from [FromContext]. It does not limit how
// much somebody may call who may. It sees what goes over HTTP, so that stdio stays open
// unless [Guard.AuthenticateStdio] is used, and what the program serves on other paths is
// not its own. TLS is somebody else's.
package authlib

import (
	"context"
	"maps"
	"slices"
	"time"
)

// A Principal is a caller whose credential has been verified. It is never
// changed after verification, and may be read concurrently.
type Principal struct {
	Issuer   string         // who vouches for Subject, e.g. "https://github.com"
	Subject  string         // stable, unique within Issuer
	ClientID string         // OAuth client that obtained the token; "" if unknown
	Username string         // for display; never authorize on it
	Scopes   []string       // granted scopes as reported by the issuer, never by the caller
	Roles    []string       // roles as given by the server's roles hook
	Expiry   time.Time      // when the credential ends; zero: the issuer reported none
	Claims   map[string]any // what else the issuer said of the caller, for handlers; no rule looks at it

	words  *vocabulary // of the guard that let the caller in; nil: of none
	server AuthServer  // of that guard
}

// ID identifies the principal across issuers: the query-escaped issuer and
// subject joined by "|", so that no two pairs share an ID.
func (p *Principal) ID() string {
	var some [128]byte
	return string(p.appendID(some[:0]))
}

func (p *Principal) appendID(id []byte) []byte {
	id = append(appendEscaped(id, p.Issuer), '|')
	return appendEscaped(id, p.Subject)
}

// appendEscaped appends what [url.QueryEscape] returns, without making a string.
func appendEscaped(id []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~':
			id = append(id, c)
		case c == ' ':
			id = append(id, '+')
		default:
			id = append(id, '%', hex[c>>4], hex[c&15])
		}
	}
	return id
}

// HasScope reports whether scope s was granted, or one that includes it by the
// Policy.Implies of the guard that let p in.
func (p *Principal) HasScope(s string) bool { return p.words.covered(p.Scopes, s) }

// HasRole reports whether the caller has role r.
func (p *Principal) HasRole(r string) bool { return slices.Contains(p.Roles, r) }

// HasPermission reports whether a role of the caller gives permission s, by the
// Policy.RolePermissions of the guard that let p in. Without a guard nothing does.
func (p *Principal) HasPermission(s string) bool { return p.words.permitted(p.Roles, s) }

// AuthServer is the Config.AuthServer of the guard that let p in; nil without one.
// It is how packages of authorization servers find their own: handlers ask those,
// as with authlib/broker.FromContext.
func (p *Principal) AuthServer() AuthServer { return p.server }

// Clone returns a copy of p that shares no slice or map with it.
func (p *Principal) Clone() *Principal {
	c := *p
	c.Scopes, c.Roles, c.Claims = slices.Clone(p.Scopes), slices.Clone(p.Roles), maps.Clone(p.Claims)
	return &c
}

type principalKey struct{}

// NewContext returns a context that carries p; nil marks an anonymous caller.
func NewContext(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// Anonymous reports whether ctx is that of an anonymous caller, and not of no call at all.
func Anonymous(ctx context.Context) bool {
	p, marked := ctx.Value(principalKey{}).(*Principal)
	return marked && p == nil
}

// FromContext returns the caller. ok is false for an anonymous caller.
func FromContext(ctx context.Context) (p *Principal, ok bool) {
	p, _ = ctx.Value(principalKey{}).(*Principal)
	return p, p != nil
}
