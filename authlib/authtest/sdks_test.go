package authtest_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	mcpgosdk "github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
	"github.com/mcp-migrate/mcp-migrate/authlib/jwtauth"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// A transport serves the tools who and wipe behind a guard, each of which counts its
// calls.
type transport func(g *authlib.Guard, ran *atomic.Int64) http.Handler

func mcpgoServer(ran *atomic.Int64) *server.MCPServer {
	s := server.NewMCPServer("notes", "1")
	for _, name := range []string{"who", "wipe"} {
		s.AddTool(mcpgosdk.NewTool(name), func(ctx context.Context, _ mcpgosdk.CallToolRequest) (*mcpgosdk.CallToolResult, error) {
			ran.Add(1)
			return mcpgosdk.NewToolResultText(caller(ctx)), nil
		})
	}
	return s
}

func mcpgoWith(opts ...server.StreamableHTTPOption) transport {
	return func(core *authlib.Guard, ran *atomic.Int64) http.Handler {
		g := mcpgo.New(core)
		return g.Handler("/mcp", server.NewStreamableHTTPServer(g.Server(mcpgoServer(ran)), opts...))
	}
}

func gosdkWith(opts *mcp.StreamableHTTPOptions) transport {
	return func(core *authlib.Guard, ran *atomic.Int64) http.Handler {
		s := mcp.NewServer(&mcp.Implementation{Name: "notes", Version: "1"}, nil)
		for _, name := range []string{"who", "wipe"} {
			mcp.AddTool(s, &mcp.Tool{Name: name}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
				ran.Add(1)
				return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: caller(ctx)}}}, nil, nil
			})
		}
		g := gosdk.New(core)
		return g.Handler("/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return g.Server(s) }, opts))
	}
}

func caller(ctx context.Context) string {
	p, ok := authlib.FromContext(ctx)
	if !ok {
		return "nobody"
	}
	return p.Subject
}

var transports = map[string]transport{
	"mcp-go, with sessions":    mcpgoWith(),
	"mcp-go, without sessions": mcpgoWith(server.WithStateLess(true)),
	"go-sdk, with sessions":    gosdkWith(nil),
	"go-sdk, without sessions": gosdkWith(&mcp.StreamableHTTPOptions{Stateless: true}),
	"go-sdk, JSON answers":     gosdkWith(&mcp.StreamableHTTPOptions{JSONResponse: true}),
}

// A house is a server whose users' tokens an issuer signs.
type house struct {
	url    string
	issuer *authtest.Issuer
	ran    atomic.Int64
}

func newHouse(t *testing.T, alg string, serve transport, change func(*authlib.Config)) *house {
	t.Helper()
	h := &house{issuer: authtest.NewIssuer(t)}
	h.issuer.SignWith(alg)
	srv := httptest.NewUnstartedServer(nil)
	base := "http://" + srv.Listener.Addr().String()
	h.url = base + "/mcp"
	verifier, err := jwtauth.New(jwtauth.Config{Issuer: h.issuer.URL, Audience: h.url})
	if err != nil {
		t.Fatal(err)
	}
	cfg := authlib.Config{Resource: h.url, Verifier: verifier, AuthorizationServers: []string{h.issuer.URL}, Policy: authlib.Policy{
		Base:  authlib.Rule{AllScopes: []string{"notes"}},
		Tools: map[string]authlib.Rule{"who": {}, "wipe": {AllScopes: []string{"admin"}}},
	}}
	if change != nil {
		change(&cfg)
	}
	guard, err := authlib.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = serve(guard, &h.ran)
	srv.Start()
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	return h
}

func (h *house) user(t *testing.T, name string, scopes ...string) *authtest.Client {
	t.Helper()
	return authtest.NewClient(t, h.url).UseToken(h.issuer.Token(authlib.Principal{Subject: name, Scopes: scopes, ClientID: "test"}, h.url))
}

func (h *house) target(t *testing.T) authtest.Target {
	return authtest.Target{
		Caller: h.user(t, "alice", "notes"), Tool: "who", Denied: "wipe", Other: h.user(t, "bob", "notes"),
		Issuer: h.issuer, Audience: h.url, Ran: func() int { return int(h.ran.Load()) },
	}
}

// Every hostile request is refused by a guard, on each SDK with and without sessions;
// nothing is left untried but what such a server does not have.
func TestGuardedServersRefuseHostileRequests(t *testing.T) {
	algs := []string{"ES256", "RS256", "EdDSA", "PS256"}
	i := 0
	for name, serve := range transports {
		alg := algs[i%len(algs)]
		i++
		for _, strangers := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", strangers may list"}[strangers], func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, alg, serve, func(c *authlib.Config) {
					if strangers {
						c.AllowAnonymous, c.Policy.Tools["hello"] = true, authlib.Rule{Public: true}
					}
				})
				target := h.target(t)
				outcomes := authtest.Attack(t, target)
				for _, o := range outcomes {
					sessions := strings.Contains(o.Detail, "keeps no session")
					if o.Verdict == authtest.NotTried && !(sessions && strings.Contains(name, "without sessions")) && !strings.Contains(o.Detail, "Patience") {
						t.Errorf("not tried: %v", o)
					}
				}
				if len(outcomes) != len(authtest.Hostile()) {
					t.Errorf("%d outcomes of %d attempts", len(outcomes), len(authtest.Hostile()))
				}
			})
		}
	}
}

// Bodies that never end are given up, also those of strangers.
func TestGuardedServersGiveSlowBodiesUp(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	for _, name := range []string{"mcp-go, with sessions", "go-sdk, with sessions"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "ES256", transports[name], nil)
			target := h.target(t)
			target.Patience = 45 * time.Second
			for _, o := range authtest.Attack(t, target) {
				if o.Verdict == authtest.NotTried {
					t.Errorf("not tried: %v", o)
				}
			}
		})
	}
}

// The older transport of mcp-go has its session in the address that its stream begins
// with.
func TestGuardedSSERefusesHostileRequests(t *testing.T) {
	h := newHouse(t, "ES256", func(core *authlib.Guard, ran *atomic.Int64) http.Handler {
		g := mcpgo.New(core)
		return g.Handler("/", server.NewSSEServer(g.Server(mcpgoServer(ran))))
	}, nil)
	target := h.target(t)
	target.Other = nil
	base := strings.TrimSuffix(h.url, "/mcp")
	target.Endpoint = base + stream(t, base+"/sse", target.Caller.Token())
	for _, o := range authtest.Attack(t, target) {
		if o.Verdict == authtest.NotTried && !strings.Contains(o.Detail, "session") && !strings.Contains(o.Detail, "Patience") {
			t.Errorf("not tried: %v", o)
		}
	}
	bob := target
	bob.Caller = h.user(t, "bob", "notes")
	refused := &recorder{TB: t}
	refused.run(func() { authtest.Attack(refused, bob) })
	if !strings.Contains(refused.fatal, "answered 404") {
		t.Errorf("another user posts to the stream: %q", refused.fatal)
	}
}

// stream opens an HTTP+SSE stream, initializes its session, and returns the address
// for messages.
func stream(t *testing.T, address, token string) (endpoint string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
			endpoint = strings.TrimSpace(data)
			break
		}
	}
	if !strings.HasPrefix(endpoint, "/message") {
		t.Fatalf("%s: endpoint %q", res.Status, endpoint)
	}
	go func() {
		for lines.Scan() { // so that answers can be sent
		}
	}()
	return endpoint
}
