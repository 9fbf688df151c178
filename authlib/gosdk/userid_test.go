//go:build !authlib_no_userid

package gosdk

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// The SDK's own protection of sessions needs to know whose request it is, and
// tells strangers from everybody who has a name.
func TestTheSDKKnowsTheCaller(t *testing.T) {
	end := time.Now().Add(10 * time.Minute)
	core, err := authlib.New(authlib.Config{
		Resource: "http://localhost/mcp", AllowAnonymous: true, AuthorizationServers: []string{"https://id"},
		Policy: authlib.Policy{Tools: map[string]authlib.Rule{"x": {Public: true}}},
		Verifier: authlib.VerifierFunc(func(_ context.Context, tok string) (*authlib.Principal, error) {
			return &authlib.Principal{Issuer: "https://id", Subject: tok, Scopes: []string{"read"}, Expiry: end}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]string{"alice": "https%3A%2F%2Fid|alice", "anonymous": "https%3A%2F%2Fid|anonymous", "": "anonymous"} {
		var info *auth.TokenInfo
		var header []string
		h := New(core).Protect(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			info, header = auth.TokenInfoFromContext(r.Context()), r.Header["Authorization"]
		}))
		r := httptest.NewRequest("POST", "http://localhost/mcp", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"ping"}`))
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		if info == nil || info.UserID != want || len(header) != 0 {
			t.Errorf("%q: %+v, header %v", token, info, header)
		}
		if info != nil && (token != "" && !info.Expiration.Equal(end) || info.Expiration.Before(time.Now())) {
			t.Errorf("%q ends at %v", token, info.Expiration)
		}
	}
}
