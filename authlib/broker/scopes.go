package broker

import (
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// offlineAccess asks for a refresh token. Clients get one whether or not they
// ask, if they registered for the refresh_token grant.
const offlineAccess = "offline_access"

const maxScopes = 100

// validScope reports whether s is a scope-token of RFC 6749 §3.3.
func validScope(s string) bool {
	if s == "" || len(s) > 200 {
		return false
	}
	for _, c := range []byte(s) {
		if c < 0x21 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// parseScopes splits a scope parameter; ok is false if it is malformed.
func parseScopes(s string) (scopes []string, ok bool) {
	for _, f := range strings.Split(s, " ") {
		if f == "" || slices.Contains(scopes, f) {
			continue
		}
		if !validScope(f) || len(scopes) == maxScopes {
			return nil, false
		}
		scopes = append(scopes, f)
	}
	return scopes, true
}

// wanted returns which of the requested scopes tokens can carry; for none
// requested, all.
func (b *Broker) wanted(requested []string) []string {
	var out []string
	for _, s := range b.cfg.Scopes {
		if slices.Contains(requested, s) {
			out = append(out, s)
		}
	}
	if len(requested) == 0 || (len(requested) == 1 && requested[0] == offlineAccess) {
		return slices.Clone(b.cfg.Scopes)
	}
	return out
}

// upstreamScopes returns those that p has to grant.
func upstreamScopes(p provider.Provider, wanted []string) []string {
	m, ok := p.(provider.ScopeMapper)
	if !ok {
		return nil
	}
	var out []string
	for _, s := range wanted {
		if m.KnowsScope(s) {
			out = append(out, s)
		}
	}
	return out
}

// granted returns which of the wanted scopes the user's tokens carry: those the
// provider granted, and those that are no business of the provider's.
func granted(p provider.Provider, id *provider.Identity, wanted []string) []string {
	m, ok := p.(provider.ScopeMapper)
	if !ok {
		return slices.Clone(wanted)
	}
	has := m.ExpandScopes(id.Scopes)
	var out []string
	for _, s := range wanted {
		if !m.KnowsScope(s) || slices.Contains(has, s) {
			out = append(out, s)
		}
	}
	return out
}
