package authtest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
)

// A server that is built with go-sdk and signs users in itself is tested from the
// first 401 on: the client finds the sign-in page, registers, and steps up when it is
// told that more is needed.
func Example_gosdk() {
	inATest(func(t testing.TB) {
		srv := httptest.NewUnstartedServer(nil)
		defer srv.Close()
		url := "http://" + srv.Listener.Addr().String() + "/mcp"
		srv.Config.Handler = guardedGoSDK(url)
		srv.Start()

		alice := authtest.NewClient(t, url).SignIn(authtest.Answers{"user": "alice", "code": "1234-5678"})
		fmt.Println(alice.MustCall("whoami", nil), "has", alice.Scope())
		if err := alice.StepUp(alice.Expect403("wipe", nil)); err != nil {
			t.Fatalf("step up: %v", err)
		}
		fmt.Println(alice.MustCall("wipe", nil), "has", alice.Scope())
	})
	// Output:
	// alice has notes
	// alice has notes admin
}

// guardedGoSDK is the program under test.
func guardedGoSDK(url string) http.Handler {
	s := mcp.NewServer(&mcp.Implementation{Name: "notes", Version: "1"}, nil)
	for _, tool := range []string{"whoami", "wipe"} {
		mcp.AddTool(s, &mcp.Tool{Name: tool}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
			p, _ := authlib.FromContext(ctx)
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: p.Subject}}}, nil, nil
		})
	}
	people, err := dev.New(dev.Config{Resource: url, Code: "1234-5678", Out: io.Discard}) // MCP_DEV_CODE
	if err != nil {
		panic(err)
	}
	b, err := broker.New(broker.Config{Resource: url, Providers: []provider.Provider{people}, Scopes: []string{"notes", "admin"}, Logger: quiet})
	if err != nil {
		panic(err)
	}
	core, err := authlib.New(authlib.Config{Resource: url, Verifier: b, AuthServer: b, Policy: authlib.Policy{
		Base:  authlib.Rule{AllScopes: []string{"notes"}},
		Tools: map[string]authlib.Rule{"whoami": {}, "wipe": {AllScopes: []string{"admin"}}},
	}})
	if err != nil {
		panic(err)
	}
	guard := gosdk.New(core)
	return guard.Handler("/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return guard.Server(s) }, nil))
}
