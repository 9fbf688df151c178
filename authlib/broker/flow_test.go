package broker

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

func TestSignIn(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	p := be.wantValid(tok.access)
	if p.Subject != "alice" || p.Issuer != be.srv.URL+"/oauth/dev" || p.ClientID != tok.client {
		t.Errorf("principal %+v", p)
	}
	if !slices.Equal(p.Scopes, []string{"mcp:read", "mcp:write"}) || tok.scope != "mcp:read mcp:write" {
		t.Errorf("scopes %v, answered %q", p.Scopes, tok.scope)
	}
	next := be.tokens(tok.refreshForm())
	be.wantValid(next.access)
	if next.refresh == tok.refresh || next.access == tok.access {
		t.Error("a refresh must give new tokens")
	}
	for _, bad := range []string{"", "x", tok.refresh, tok.access + "x", accessPrefix} {
		if _, err := be.verify(bad); !errors.Is(err, authlib.ErrInvalidToken) {
			t.Errorf("Verify(%q): %v, want ErrInvalidToken", bad, err)
		}
	}
}

func TestMetadata(t *testing.T) {
	be := newBench(t, nil)
	for _, path := range []string{pathMetadata, pathOIDC} {
		res, err := http.Get(be.srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		m := be.decode(res, http.StatusOK)
		if m["issuer"] != be.srv.URL || m["token_endpoint"] != be.srv.URL+"/oauth/token" ||
			m["authorization_response_iss_parameter_supported"] != true {
			t.Errorf("%s: %v", path, m)
		}
		if m["client_id_metadata_document_supported"] != true {
			t.Error("client metadata documents are not announced")
		}
	}
}
