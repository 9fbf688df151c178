//go:build !authlib_no_filter

package mcpgo

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// From v0.55.0 on mcp-go asks the filter at call time too: what it hides can't be called.
func TestFilterRefusesCallsAlone(t *testing.T) {
	core, err := authlib.New(authlib.Config{Resource: "http://localhost/mcp", AuthorizationServers: []string{"http://localhost"}, Verifier: authlib.VerifierFunc(func(context.Context, string) (*authlib.Principal, error) { return nil, authlib.ErrInvalidToken })})
	if err != nil {
		t.Fatal(err)
	}
	ran := false
	s := server.NewMCPServer("s", "1")
	s.AddTool(mcp.NewTool("x"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		ran = true
		return mcp.NewToolResultText(""), nil
	})
	message := json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}`)
	if s.HandleMessage(context.Background(), message); !ran {
		t.Fatal("the unguarded server does not run it")
	}
	ran = false
	New(core).hookFilter(s)
	res := s.HandleMessage(context.Background(), message)
	if _, refused := res.(mcp.JSONRPCError); ran || !refused {
		t.Errorf("ran %v, answered %+v", ran, res)
	}
}
