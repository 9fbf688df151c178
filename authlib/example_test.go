package authlib_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// A guard stands in front of any handler that speaks MCP over HTTP. Servers that
// are built with mcp-go or go-sdk use the adapters instead.
func Example() {
	verifier := authlib.VerifierFunc(func(_ context.Context, token string) (*authlib.Principal, error) {
		if token != "token-of-alice" {
			return nil, authlib.ErrInvalidToken
		}
		return &authlib.Principal{Issuer: "https://id.example.com", Subject: "alice", Scopes: []string{"notes:read"}}, nil
	})
	guard, err := authlib.New(authlib.Config{
		Resource:             "https://mcp.example.com/mcp",
		AuthorizationServers: []string{"https://id.example.com"},
		Verifier:             verifier,
		Policy: authlib.Policy{Tools: map[string]authlib.Rule{
			"read":   {AllScopes: []string{"notes:read"}},
			"delete": {AllScopes: []string{"notes:write"}},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := guard.Handler("/mcp", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		caller, _ := authlib.FromContext(r.Context())
		fmt.Println("served to", caller.Subject)
	}))

	for _, c := range []struct{ token, tool string }{{"", "read"}, {"token-of-alice", "read"}, {"token-of-alice", "delete"}} {
		r := httptest.NewRequest(http.MethodPost, "https://mcp.example.com/mcp",
			strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"`+c.tool+`"}}`))
		r.Header.Set("Content-Type", "application/json")
		if c.token != "" {
			r.Header.Set("Authorization", "Bearer "+c.token)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Printf("%d %q\n", w.Code, w.Header()["Www-Authenticate"])
	}
	// Output:
	// 401 ["Bearer resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\""]
	// served to alice
	// 200 []
	// 403 ["Bearer error=\"insufficient_scope\", error_description=\"insufficient scope\", resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\", scope=\"notes:write\""]
}

// A server over stdio has one caller: whom the credential in its environment
// belongs to.
func ExampleGuard_AuthenticateStdio() {
	guard, err := authlib.New(authlib.Config{
		Resource: "http://localhost/mcp", AuthorizationServers: []string{"https://id.example.com"},
		Verifier: authlib.VerifierFunc(func(context.Context, string) (*authlib.Principal, error) { return nil, authlib.ErrInvalidToken }),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = guard.AuthenticateStdio(context.Background(), "") // os.Getenv("MCP_TOKEN")
	fmt.Println(err, errors.Is(err, authlib.ErrUnauthenticated))
	_, err = guard.AuthenticateStdio(context.Background(), "stolen")
	fmt.Println(err, errors.Is(err, authlib.ErrInvalidToken))
	// Output:
	// authlib: the stdio credential is empty: authlib: no credentials true
	// authlib: the stdio credential was not accepted: authlib: invalid token true
}
