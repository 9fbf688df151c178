package authtest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/jwtauth"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// A server that is built with mcp-go and checks the tokens of another issuer is
// tested with a stand-in for that issuer.
func Example_mcpgo() {
	inATest(func(t testing.TB) {
		srv := httptest.NewUnstartedServer(nil)
		defer srv.Close()
		url := "http://" + srv.Listener.Addr().String() + "/mcp"
		issuer := authtest.NewIssuer(t)
		srv.Config.Handler = guardedMCPGo(url, issuer.URL)
		srv.Start()

		token := issuer.Token(authlib.Principal{Subject: "alice", Scopes: []string{"notes"}}, url)
		alice := authtest.NewClient(t, url).UseToken(token)
		alice.Expect401("whoami")
		fmt.Println(alice.MustCall("whoami", nil))
		fmt.Println(alice.Expect403("wipe", nil))
		for _, o := range authtest.Attack(t, authtest.Target{Caller: alice, Tool: "whoami", Denied: "wipe", Issuer: issuer, Audience: url}) {
			if o.Name == "an ID token" {
				fmt.Println(o.Verdict, o.Status)
			}
		}
	})
	// Output:
	// alice
	// refused with 403 insufficient_scope (scope "admin")
	// refused 401
}

// guardedMCPGo is the program under test.
func guardedMCPGo(url, issuer string) http.Handler {
	s := server.NewMCPServer("notes", "1")
	for _, tool := range []string{"whoami", "wipe"} {
		s.AddTool(mcp.NewTool(tool), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			p, _ := authlib.FromContext(ctx)
			return mcp.NewToolResultText(p.Subject), nil
		})
	}
	verifier, err := jwtauth.New(jwtauth.Config{Issuer: issuer, Audience: url})
	if err != nil {
		panic(err)
	}
	core, err := authlib.New(authlib.Config{Resource: url, Verifier: verifier, AuthorizationServers: []string{issuer}, Policy: authlib.Policy{
		Tools: map[string]authlib.Rule{"whoami": {}, "wipe": {AllScopes: []string{"admin"}}},
	}})
	if err != nil {
		panic(err)
	}
	guard := mcpgo.New(core)
	return guard.Handler("/mcp", server.NewStreamableHTTPServer(guard.Server(s)))
}
