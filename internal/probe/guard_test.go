package probe

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	mcpgosdk "github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
	gosdkmcp "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// An issuer is an authorization server as far as its metadata goes.
type issuer struct{ base string }

func (i issuer) Issuer() string  { return i.base }
func (i issuer) Paths() []string { return []string{wellKnownServer} }
func (i issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, map[string]any{
		"issuer": i.base, "authorization_endpoint": i.base + "/authorize", "token_endpoint": i.base + "/token",
		"code_challenge_methods_supported": []string{"S256"},
	})
}

// onlyGood knows one token.
func onlyGood(_ context.Context, token string) (*authlib.Principal, error) {
	if token != goodToken {
		return nil, authlib.ErrInvalidToken
	}
	return &authlib.Principal{Issuer: "test", Subject: "ada"}, nil
}

// serve starts a server behind authlib's guard; mount puts it on the mux.
func serve(t *testing.T, mount func(*http.ServeMux, *authlib.Guard)) string {
	t.Helper()
	return serveWith(t, authlib.Config{}, mount)
}

// serveWith is serve with a policy.
func serveWith(t *testing.T, cfg authlib.Config, mount func(*http.ServeMux, *authlib.Guard)) string {
	t.Helper()
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	cfg.Resource, cfg.Verifier, cfg.AuthServer = s.URL+"/mcp", authlib.VerifierFunc(onlyGood), issuer{s.URL}
	g, err := authlib.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	mount(mux, g)
	return s.URL + "/mcp"
}

func mcpGoServer() *server.MCPServer {
	s := server.NewMCPServer("x", "1")
	ok := func(context.Context, mcpgosdk.CallToolRequest) (*mcpgosdk.CallToolResult, error) {
		return mcpgosdk.NewToolResultText("ok"), nil
	}
	s.AddTool(mcpgosdk.NewTool("get_time", mcpgosdk.WithReadOnlyHintAnnotation(true)), ok)
	s.AddTool(mcpgosdk.NewTool("delete_note"), ok)
	return s
}

func goSDKServer() *gosdkmcp.Server {
	s := gosdkmcp.NewServer(&gosdkmcp.Implementation{Name: "x", Version: "1"}, nil)
	ok := func(context.Context, *gosdkmcp.CallToolRequest, struct{}) (*gosdkmcp.CallToolResult, any, error) {
		return &gosdkmcp.CallToolResult{}, nil, nil
	}
	gosdkmcp.AddTool(s, &gosdkmcp.Tool{Name: "get_time", Annotations: &gosdkmcp.ToolAnnotations{ReadOnlyHint: true}}, ok)
	gosdkmcp.AddTool(s, &gosdkmcp.Tool{Name: "delete_note"}, ok)
	return s
}

func mountMCPGo(mux *http.ServeMux, g *authlib.Guard) {
	a := mcpgo.New(g)
	a.Mount(mux, "/mcp", server.NewStreamableHTTPServer(a.Server(mcpGoServer())))
}

func mountGoSDK(mux *http.ServeMux, g *authlib.Guard) {
	a := gosdk.New(g)
	s := a.Server(goSDKServer())
	a.Mount(mux, "/mcp", gosdkmcp.NewStreamableHTTPHandler(func(*http.Request) *gosdkmcp.Server { return s }, nil))
}

// What authlib guards passes every check, on both SDKs; what it is only wrapped
// around in part does not.
func TestVerifyRealGuards(t *testing.T) {
	for _, tt := range []struct {
		name  string
		mount func(*http.ServeMux, *authlib.Guard)
		fails string
	}{
		{"mcp-go", mountMCPGo, ""},
		{"go-sdk", mountGoSDK, ""},
		{"a second mount that is open", func(mux *http.ServeMux, g *authlib.Guard) {
			h := server.NewStreamableHTTPServer(mcpGoServer())
			mcpgo.New(g).Mount(mux, "/mcp", h)
			mux.Handle("/mcp/", h)
		}, "initialize at /mcp/"},
		{"not guarded at all", func(mux *http.ServeMux, g *authlib.Guard) {
			mux.Handle("/mcp", server.NewStreamableHTTPServer(mcpGoServer()))
		}, "the request was served"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url := serve(t, tt.mount)
			r, err := VerifyURL(t.Context(), VerifyOptions{URL: url, Token: goodToken, Call: []string{"delete_note"}})
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			if err := r.Text(&text); err != nil {
				t.Fatal(err)
			}
			if tt.fails == "" {
				if !r.OK || r.count()[NotTried] > 0 {
					t.Errorf("report:\n%s", text.String())
				}
				return
			}
			if all := strings.Join(failures(r), "\n"); r.OK || !strings.Contains(all, tt.fails) {
				t.Errorf("no failure with %q:\n%s", tt.fails, text.String())
			}
		})
	}
}
