package discover

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// server is what is looked at of RFC 8414 §2.
type server struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Registration  string   `json:"registration_endpoint"`
	Challenge     []string `json:"code_challenge_methods_supported"`
	Documents     bool     `json:"client_id_metadata_document_supported"`
}

// issuer looks at an authorization server, at each of the places where its metadata
// may stand: RFC 8414's, and OpenID Connect's.
func (w *walk) issuer(ctx context.Context, issuer string) {
	places, err := probe.IssuerMetadataURLs(w.target, issuer)
	if err != nil {
		w.Bad(stepIssuer, err.Error(), "set the issuer to a public https URL; with sign-in through the program itself that is MCP_RESOURCE_URL's")
		w.Skip("the authorization server was not asked", stepPKCE, stepRegister)
		return
	}
	m, at, said := w.server(ctx, places)
	if m == nil {
		w.Bad(stepIssuer, fmt.Sprintf("no metadata of %s: %s", doctor.Quote(issuer), strings.Join(said, "; ")),
			"have the proxy pass on /.well-known/oauth-authorization-server to the program; for another issuer, see that its URL is spelt as it spells it")
		w.Skip("there is no metadata of the authorization server", stepPKCE, stepRegister)
		return
	}
	w.judge(m, issuer, at)
	w.pkce(m)
	w.registration(m)
}

// server reads the first of the places that has a document.
func (w *walk) server(ctx context.Context, places []string) (m *server, at string, said []string) {
	for _, u := range places {
		m := new(server)
		d := w.http.get(ctx, u, m)
		if d.err == nil {
			w.noteCORS("metadata of the authorization server", d.header)
			return m, u, nil
		}
		said = append(said, mustPath(u)+": "+d.err.Error())
	}
	return nil, "", said
}

func (w *walk) judge(m *server, issuer, at string) {
	switch {
	case m.Issuer != issuer:
		w.Bad(stepIssuer, fmt.Sprintf("the document says issuer %s, announced was %s; clients refuse that (RFC 8414 §3.3)", doctor.Quote(m.Issuer), doctor.Quote(issuer)),
			"set MCP_RESOURCE_URL, or OIDC_ISSUER, letter for letter, a slash at the end included")
	case m.Authorization == "" || m.Token == "":
		w.Bad(stepIssuer, "the document lacks authorization_endpoint or token_endpoint", "this issuer signs nobody in: name another")
	default:
		w.Good(stepIssuer, "%s, at %s", doctor.Quote(issuer), mustPath(at))
	}
}

func (w *walk) pkce(m *server) {
	if slices.Contains(m.Challenge, "S256") {
		w.Good(stepPKCE, "S256 is announced")
		return
	}
	w.Bad(stepPKCE, "code_challenge_methods_supported lacks S256, so MCP clients do not go on", "turn PKCE on at the issuer; if it only does not announce it, sign in through the program: --provider oidc")
}

// registration says how a client that nobody knows gets a client ID.
func (w *walk) registration(m *server) {
	var ways []string
	if m.Documents {
		ways = append(ways, "client ID metadata documents")
	}
	if m.Registration != "" {
		ways = append(ways, "dynamic registration (RFC 7591)")
	}
	if len(ways) == 0 {
		w.Warn(stepRegister, "neither client ID metadata documents nor dynamic registration: only clients work that the issuer knows before",
			"turn one on at the issuer, hand out client IDs, or sign in through the program: --provider oidc")
		return
	}
	w.Good(stepRegister, "%s", strings.Join(ways, " and "))
}

// A corsNote says whether a client in a browser may read a document.
type corsNote struct {
	what string
	may  bool
}

func (w *walk) noteCORS(what string, h http.Header) {
	allowed := h.Get("Access-Control-Allow-Origin")
	w.cors = append(w.cors, corsNote{what, allowed == "*" || allowed == origin})
}

// reportCORS matters to clients in browsers only.
func (w *walk) reportCORS() {
	var closed []string
	for _, n := range w.cors {
		if !n.may && !slices.Contains(closed, n.what) {
			closed = append(closed, n.what)
		}
	}
	switch {
	case len(w.cors) == 0:
		w.Skip("there is no document to read", stepCORS)
	case len(closed) > 0:
		w.Warn(stepCORS, "clients in browsers cannot read the "+strings.Join(closed, " and "), "send Access-Control-Allow-Origin: * with it; other clients do not need that")
	default:
		w.Good(stepCORS, "clients in browsers can read the metadata")
	}
}
