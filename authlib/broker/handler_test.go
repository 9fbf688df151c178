package broker

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	mcpgosdk "github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// profile is a tool as programs write it: it knows only its context. It asks the
// provider who the caller is, and counts how often they asked.
func profile(ctx context.Context) string {
	b, ok := FromContext(ctx)
	if !ok {
		return "no broker"
	}
	n, err := visit(b, ctx)
	if err != nil {
		return "data: " + err.Error()
	}
	p, _ := authlib.FromContext(ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Issuer+"/api/v3/user", nil)
	if err != nil {
		return err.Error()
	}
	res, err := b.Client(ctx).Do(r)
	if err != nil {
		return "client: " + err.Error()
	}
	defer res.Body.Close()
	var user struct{ Login string }
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&user); err != nil {
		return "answer: " + err.Error()
	}
	return fmt.Sprintf("%s, visit %d", user.Login, n)
}

// In the tools of both SDKs, with sessions and without, handlers find the broker and
// what it has for their caller.
func TestHandlersOfBothSDKs(t *testing.T) {
	goSDK := func(stateless bool) func(*authlib.Guard) http.Handler {
		return func(core *authlib.Guard) http.Handler {
			s := mcp.NewServer(&mcp.Implementation{Name: "t", Version: "1"}, nil)
			mcp.AddTool(s, &mcp.Tool{Name: "profile"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
				return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: profile(ctx)}}}, nil, nil
			})
			g := gosdk.New(core)
			mux := http.NewServeMux()
			g.Mount(mux, "/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return g.Server(s) }, &mcp.StreamableHTTPOptions{Stateless: stateless}))
			return mux
		}
	}
	mcpGo := func(stateless bool) func(*authlib.Guard) http.Handler {
		return func(core *authlib.Guard) http.Handler {
			s := server.NewMCPServer("t", "1")
			s.AddTool(mcpgosdk.NewTool("profile"), func(ctx context.Context, _ mcpgosdk.CallToolRequest) (*mcpgosdk.CallToolResult, error) {
				return mcpgosdk.NewToolResultText(profile(ctx)), nil
			})
			g := mcpgo.New(core)
			mux := http.NewServeMux()
			g.Mount(mux, "/mcp", server.NewStreamableHTTPServer(g.Server(s), server.WithStateLess(stateless)))
			return mux
		}
	}
	for name, handler := range map[string]func(*authlib.Guard) http.Handler{
		"go-sdk": goSDK(false), "go-sdk without sessions": goSDK(true), "mcp-go": mcpGo(false), "mcp-go without sessions": mcpGo(true),
	} {
		t.Run(name, func(t *testing.T) {
			gh := authtest.NewGitHub(t)
			gh.ExpireTokens(2 * time.Hour)
			be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) { c.AccessTTL = 5 * time.Hour }))
			core, err := authlib.New(authlib.Config{Resource: be.b.Audience(), Verifier: be.b, AuthServer: be.b, Now: be.clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			h := handler(core)
			tok := be.signIn()
			session := rpc(h, be.b.Audience(), tok.access, "", `"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}`).Header().Get("Mcp-Session-Id")
			for want := range 2 {
				w := rpc(h, be.b.Audience(), tok.access, session, `"tools/call","params":{"name":"profile","arguments":{}}`)
				if text := fmt.Sprintf(`"octocat, visit %d"`, want+1); !strings.Contains(w.Body.String(), text) {
					t.Errorf("status %d: %s, want %q", w.Code, w.Body, text)
				}
				be.advance(3 * time.Hour) // the provider's token ends, and ours does not
			}
		})
	}
}

func rpc(h http.Handler, url, token, session, call string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, url, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":`+call+`}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("Authorization", "Bearer "+token)
	if session != "" {
		r.Header.Set("Mcp-Session-Id", session)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
