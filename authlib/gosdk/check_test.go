package gosdk

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// A server that was set up without a guard at hand serves what came through any
// guard, by that guard's policy, and nothing else.
func TestCheckTakesTheGuardFromTheRequest(t *testing.T) {
	s := Check(mcp.NewServer(&mcp.Implementation{Name: "t", Version: "1"}, nil))
	ran := ""
	for _, name := range []string{"open", "secret"} {
		mcp.AddTool(s, &mcp.Tool{Name: name}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
			ran += name + " "
			return &mcp.CallToolResult{}, nil, nil
		})
	}
	h := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true})
	core, err := authlib.New(authlib.Config{
		Resource: "http://localhost/mcp",
		Verifier: authlib.VerifierFunc(func(context.Context, string) (*authlib.Principal, error) {
			return &authlib.Principal{Issuer: "i", Subject: "ada"}, nil
		}),
		AuthorizationServers: []string{"http://localhost"},
		Policy:               authlib.Policy{Tools: map[string]authlib.Rule{"open": {}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	guarded := New(core).Protect(h)
	for _, tt := range []struct {
		name, body string
		h          http.Handler
		want       int
	}{
		{"guarded", call("open"), guarded, http.StatusOK},
		{"guarded, refused by the policy", call("secret"), guarded, http.StatusForbidden},
		{"past the guard", call("open"), h, http.StatusOK}, // a JSON-RPC error
		{"list", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, guarded, http.StatusOK},
	} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/mcp", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		r.Header.Set("Authorization", "Bearer x")
		w := httptest.NewRecorder()
		tt.h.ServeHTTP(w, r)
		body, _ := io.ReadAll(w.Body)
		if w.Code != tt.want {
			t.Errorf("%s: status %d, want %d: %s", tt.name, w.Code, tt.want, body)
		}
		if tt.name == "list" && (strings.Contains(string(body), "secret") || !strings.Contains(string(body), "open")) {
			t.Errorf("listed: %s", body)
		}
	}
	if ran != "open " {
		t.Errorf("ran %q, want open once", ran)
	}
}

func call(tool string) string {
	return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + tool + `","arguments":{}}}`
}
