package mcpgo_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

type note struct {
	ID string `json:"id"`
}

// A rule can stand beside the handler that it is for. It holds even though the
// policy says nothing of this tool but that callers have to sign in.
func ExampleRequire() {
	s := server.NewMCPServer("notes", "1.0.0")
	s.AddTool(mcp.NewTool("delete_note", mcp.WithString("id")), mcpgo.Require(
		authlib.Rule{AnyPermission: []string{"notes:delete"}},
		mcp.NewTypedToolHandler(func(ctx context.Context, _ mcp.CallToolRequest, n note) (*mcp.CallToolResult, error) {
			caller, _ := authlib.FromContext(ctx)
			return mcp.NewToolResultText(caller.Subject + " deleted " + n.ID), nil
		})))

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
	g := mcpgo.New(core)
	h := g.Handler("/mcp", server.NewStreamableHTTPServer(g.Server(s), server.WithStateLess(true)))

	const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_note","arguments":{"id":"n1"}}}`
	for _, token := range []string{"ada-reads", "kim-edits"} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost:8080/mcp", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(strings.TrimSpace(w.Body.String()))
	}
	// Output:
	// {"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"forbidden"}}
	// {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"kim deleted n1"}]}}
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
