package broker

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/auth/extauth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
)

// whoami connects the go-sdk's own client and asks who it is.
func (be *bench) whoami(h auth.OAuthHandler) string {
	be.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "1"}, nil)
	cs, err := client.Connect(ctx, &mcp.StreamableClientTransport{Endpoint: be.b.resource.String(), OAuthHandler: h, DisableStandaloneSSE: true}, nil)
	if err != nil {
		be.Fatal(err)
	}
	defer cs.Close()
	res, err := cs.CallTool(ctx, &mcp.CallToolParams{Name: "whoami", Arguments: map[string]any{}})
	if err != nil {
		be.Fatal(err)
	}
	return res.Content[0].(*mcp.TextContent).Text
}

// The go-sdk's client comes in as a machine, by what the metadata tell it.
func TestGoSDKClientIsAMachine(t *testing.T) {
	be := newBench(t, withMachines(t, authtest.NewIssuer(t)))
	be.serve(be.protect(be.mcpHandler()))
	h, err := extauth.NewClientCredentialsHandler(&extauth.ClientCredentialsHandlerConfig{
		Credentials: &oauthex.ClientCredentials{ClientID: "cron", ClientSecretAuth: &oauthex.ClientSecretAuth{ClientSecret: machineSecret}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := be.whoami(h); got != "cron mcp:read" {
		t.Errorf("whoami = %q", got)
	}
}

// The go-sdk's client comes in for the user of a company's issuer, whose token exchange
// is played here.
func TestGoSDKClientOfAnEnterprise(t *testing.T) {
	idp := authtest.NewIssuer(t)
	be := newBench(t, withEnterprise(t, idp, everybody))
	be.serve(be.protect(be.mcpHandler()))
	client := be.register("")["client_id"].(string)
	exchange := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims := be.idJAG(idp, client, "1")
		claims["aud"], claims["resource"] = r.PostFormValue("audience"), r.PostFormValue("resource")
		if r.PostFormValue("subject_token") != "id token" {
			http.Error(w, "no subject_token", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issued_token_type": oauthex.TokenTypeIDJAG, "access_token": idp.Mint(typeIDJAG, claims), "token_type": "N_A", "expires_in": 300,
		})
	}))
	t.Cleanup(exchange.Close)
	idp.Tamper(authtest.IssuerMetadata, func(m map[string]any) { m["token_endpoint"] = exchange.URL })
	h, err := extauth.NewEnterpriseHandler(&extauth.EnterpriseHandlerConfig{
		IdPIssuerURL: idp.URL, IdPCredentials: &oauthex.ClientCredentials{ClientID: idp.ClientID},
		MCPAuthServerURL: be.b.Issuer(), MCPResourceURI: be.b.resource.String(), MCPCredentials: &oauthex.ClientCredentials{ClientID: client},
		IDTokenFetcher: func(context.Context) (*oauth2.Token, error) {
			return (&oauth2.Token{}).WithExtra(map[string]any{"id_token": "id token"}), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := be.whoami(h); got != "U42 mcp:read" {
		t.Errorf("whoami = %q", got)
	}
}
