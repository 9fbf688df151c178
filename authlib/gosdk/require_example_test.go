package gosdk_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
)

type note struct {
	ID string `json:"id"`
}

// A rule can stand beside the handler that it is for. It holds even though the
// policy says nothing of this tool but that callers have to sign in.
func ExampleRequireFor() {
	s := mcp.NewServer(&mcp.Implementation{Name: "notes", Version: "1.0.0"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "delete_note"}, gosdk.RequireFor(
		authlib.Rule{AnyPermission: []string{"notes:delete"}},
		func(ctx context.Context, _ *mcp.CallToolRequest, n note) (*mcp.CallToolResult, any, error) {
			caller, _ := authlib.FromContext(ctx)
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: caller.Subject + " deleted " + n.ID}}}, nil, nil
		}))
	notes(s)
	// Output:
	// {"jsonrpc":"2.0","id":1,"error":{"code":-32011,"message":"forbidden"}}
	// {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"kim deleted n1"}]}}
}

// Require is for handlers that decode their arguments themselves, and for those of
// prompts and resources.
func ExampleRequire() {
	s := mcp.NewServer(&mcp.Implementation{Name: "notes", Version: "1.0.0"}, nil)
	s.AddTool(&mcp.Tool{Name: "delete_note", InputSchema: map[string]any{"type": "object"}}, gosdk.Require(
		authlib.Rule{AnyPermission: []string{"notes:delete"}},
		func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "deleted"}}}, nil
		}))
	notes(s)
	// Output:
	// {"jsonrpc":"2.0","id":1,"error":{"code":-32011,"message":"forbidden"}}
	// {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"deleted"}]}}
}

// notes guards s and calls its tool as two employees.
func notes(s *mcp.Server) {
	core, err := authlib.New(authlib.Config{
		Resource:             "http://localhost:8080/mcp",
		Verifier:             authlib.VerifierFunc(employees), // such as a broker, jwtauth or apikey
		AuthorizationServers: []string{"https://id.example.com"},
		Policy:               authlib.Policy{RolePermissions: map[string][]string{"editor": {"notes:*"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	g := gosdk.New(core)
	h := g.Handler("/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return g.Server(s) },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true}))

	const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_note","arguments":{"id":"n1"}}}`
	for _, token := range []string{"ada-reads", "kim-edits"} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost:8080/mcp", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(strings.TrimSpace(w.Body.String()))
	}
}

func employees(_ context.Context, token string) (*authlib.Principal, error) {
	switch token {
	case "ada-reads":
		return &authlib.Principal{Issuer: "https://id.example.com", Subject: "ada"}, nil
	case "kim-edits":
		return &authlib.Principal{Issuer: "https://id.example.com", Subject: "kim", Roles: []string{"editor"}}, nil
	}
	return nil, authlib.ErrInvalidToken
}
