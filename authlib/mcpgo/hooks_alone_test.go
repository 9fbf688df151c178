//go:build !authlib_no_tools && !authlib_no_prompts && !authlib_no_resources && !authlib_no_init

package mcpgo

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// Each hook refuses what came past the guard by itself: older SDKs have only some.
func TestEachHookRefusesAlone(t *testing.T) {
	core, err := authlib.New(authlib.Config{Resource: "http://localhost/mcp", AuthorizationServers: []string{"https://id"}, Verifier: authlib.VerifierFunc(func(context.Context, string) (*authlib.Principal, error) { return nil, authlib.ErrInvalidToken })})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		hook          func(*Guard, *server.MCPServer)
		method, param string
	}{
		"tools":     {(*Guard).hookTools, "tools/call", `{"name":"x"}`},
		"prompts":   {(*Guard).hookPrompts, "prompts/get", `{"name":"x"}`},
		"resources": {(*Guard).hookResources, "resources/read", `{"uri":"doc://x"}`},
		"template":  {(*Guard).hookResources, "resources/read", `{"uri":"item://x"}`},
		"init":      {(*Guard).hookInit, "tools/call", `{"name":"x"}`},
	} {
		ran := false
		s := server.NewMCPServer("s", "1")
		s.AddTool(mcp.NewTool("x"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			ran = true
			return mcp.NewToolResultText(""), nil
		})
		s.AddPrompt(mcp.NewPrompt("x"), func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			ran = true
			return &mcp.GetPromptResult{}, nil
		})
		read := func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			ran = true
			return nil, nil
		}
		s.AddResource(mcp.NewResource("doc://x", "x"), read)
		s.AddResourceTemplate(mcp.NewResourceTemplate("item://{id}", "x"), read)
		message := json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"` + tt.method + `","params":` + tt.param + `}`)
		if s.HandleMessage(context.Background(), message); !ran {
			t.Fatalf("%s: the unguarded server does not run it", name)
		}
		ran = false
		tt.hook(New(core), s)
		res := s.HandleMessage(context.Background(), message)
		if _, refused := res.(mcp.JSONRPCError); ran || !refused {
			t.Errorf("%s: ran %v, answered %+v", name, ran, res)
		}
	}
}

// A message of a form that the check can't read is refused.
func TestMessagesOfAnotherFormAreRefused(t *testing.T) {
	s := server.NewMCPServer("s", "1")
	for _, message := range []any{nil, "ping", map[string]any{"method": "ping"}, []byte(`{"jsonrpc":"2.0","id":1,"method":"ping"}`)} {
		if New(nil).checkMessage(context.Background(), s, message) == nil {
			t.Errorf("%T passed", message)
		}
	}
}
