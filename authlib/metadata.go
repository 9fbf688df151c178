package authlib

import (
	"encoding/json"
	"net/http"
	"strings"
)

const wellKnown = "/.well-known/oauth-protected-resource"

// MetadataPath is the path of the protected resource metadata: the well-known
// prefix with the path of Config.Resource after it (RFC 9728 §3.1).
func (g *Guard) MetadataPath() string {
	return wellKnown + strings.TrimSuffix(g.resource.EscapedPath(), "/")
}

// MetadataURL is the absolute URL of the protected resource metadata, which
// challenges point to (RFC 9728 §5.1).
func (g *Guard) MetadataURL() string {
	return g.resource.Scheme + "://" + g.resource.Host + g.MetadataPath()
}

// MetadataHandler serves the protected resource metadata (RFC 9728 §3.2) to
// anybody, browsers of any origin included. It answers GET and HEAD.
func (g *Guard) MetadataHandler() http.Handler { return g.leaf(http.HandlerFunc(g.serveMetadata)) }

func (g *Guard) serveMetadata(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "public, max-age=300")
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(g.metadata) // the client is gone if this fails
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "Authorization, MCP-Protocol-Version")
		w.WriteHeader(http.StatusNoContent)
	default:
		h.Set("Allow", "GET, HEAD, OPTIONS")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

// encodeMetadata makes the document once. scopes_supported is what basic use
// needs, not the catalogue: clients ask for all of it where a challenge names no
// scope (MCP authorization, Scope Selection Strategy).
func (g *Guard) encodeMetadata() ([]byte, error) {
	return json.Marshal(struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers,omitempty"`
		Scopes   []string `json:"scopes_supported,omitempty"`
		Methods  []string `json:"bearer_methods_supported"`
		Name     string   `json:"resource_name,omitempty"`
	}{g.cfg.Resource, g.cfg.AuthorizationServers, g.baseScopes, []string{"header"}, g.cfg.ResourceName})
}
