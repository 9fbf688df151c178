package peers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	mcpgosdk "github.com/mark3labs/mcp-go/mcp"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// What clients of other makers have taught, one test each.

// A client steps up on the word insufficient_scope in the challenge, and on
// nothing else: the same server without the word is one that it gives up on.
func TestClientsStepUpOnTheWordInTheChallenge(t *testing.T) {
	word := regexp.MustCompile(`error="[a-z_]*", |error_description="[^"]*", `)
	for sdk := range sdks {
		resource := start(t, sdk, nil)
		p := connected(t, GoSDK, Options{URL: resource})
		mustCall(t, p, "delete_note", "ada notes:read notes:write")
		if p.SignIns() != 2 {
			t.Errorf("%s: %d sign-ins, want 2", sdk, p.SignIns())
		}
		mute := &http.Client{Transport: editing(func(h http.Header) {
			h.Set("WWW-Authenticate", word.ReplaceAllString(h.Get("WWW-Authenticate"), ""))
		})}
		p = connected(t, GoSDK, Options{URL: resource, HTTP: mute})
		mustCall(t, p, "whoami", "ada notes:read")
		if text, err := p.Call(t.Context(), "delete_note", nil); err == nil || p.SignIns() != 1 {
			t.Errorf("%s: without the word: %q after %d sign-ins", sdk, text, p.SignIns())
		}
	}
}

// In a session of the official SDK the token that its own context holds is the one
// that began the session. What handlers get from us is of the request: after a
// step-up in the same session, the scopes that the user has just granted.
func TestAHandlerSeesTheTokenOfItsOwnRequest(t *testing.T) {
	sessions := map[string]bool{}
	program := func(core *authlib.Guard) http.Handler {
		s := mcp.NewServer(&mcp.Implementation{Name: "peers", Version: "1"}, nil)
		tool := func(ctx context.Context, r *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
			sessions[r.Session.ID()] = true
			text := fmt.Sprintf("%s, request %v, context %v", seen(ctx), r.Extra.TokenInfo.Scopes, auth.TokenInfoFromContext(ctx).Scopes)
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}, nil, nil
		}
		mcp.AddTool(s, &mcp.Tool{Name: "whoami"}, tool)
		mcp.AddTool(s, &mcp.Tool{Name: "delete_note"}, tool)
		g := gosdk.New(core)
		g.Server(s)
		return g.Handler("/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil))
	}
	p := connected(t, GoSDK, Options{URL: serve(t, program, nil)})
	mustCall(t, p, "whoami", "ada notes:read, request [notes:read], context [notes:read]")
	mustCall(t, p, "delete_note", "ada notes:read notes:write, request [notes:read notes:write], context [notes:read]")
	mustCall(t, p, "whoami", "ada notes:read notes:write, request [notes:read notes:write], context [notes:read]")
	if len(sessions) != 1 || sessions[""] {
		t.Errorf("%d sessions, want one", len(sessions))
	}
}

// Programs that share tokens refresh with the same refresh token at the same time,
// though it can be used once only. Nobody is logged out, and no call fails.
func TestConcurrentRefreshesLogNobodyOut(t *testing.T) {
	const programs, rounds = 10, 5
	for sdk := range sdks {
		sent := &refreshes{count: map[string]int{}}
		all := sharing(t, programs, Options{URL: start(t, sdk, nil), Answers: answers(), HTTP: &http.Client{Transport: sent}})
		for range rounds {
			if err := all[0].expire(t.Context()); err != nil {
				t.Fatal(err)
			}
			together(all, func(p *mcpGo) { mustCall(t, p, "whoami", "ada notes:read notes:write") })
		}
		signIns := 0
		for _, p := range all {
			signIns += p.SignIns()
		}
		if signIns != 1 || sent.most() < 2 {
			t.Errorf("%s: %d sign-ins; one refresh token was used %d times at most, which proves nothing below 2", sdk, signIns, sent.most())
		}
	}
}

// sharing returns programs of one user that keep their tokens in one place.
func sharing(t *testing.T, n int, o Options) (all []*mcpGo) {
	t.Helper()
	store := client.NewMemoryTokenStore()
	for range n {
		p, err := mcpGoWith(o, store)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) > 0 {
			p.config.ClientID = all[0].config.ClientID
		}
		if err := p.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		all = append(all, p)
	}
	return all
}

func together(all []*mcpGo, do func(*mcpGo)) {
	var wg sync.WaitGroup
	for _, p := range all {
		wg.Add(1)
		go func() { defer wg.Done(); do(p) }()
	}
	wg.Wait()
}

// What answers a registration has no member that clients with strict schemas
// refuse: none that is null or empty, no keys that were not sent.
func TestStrictClientsTakeTheAnswerToARegistration(t *testing.T) {
	resource := start(t, "go-sdk", nil)
	endpoint := strings.TrimSuffix(resource, "/mcp") + "/oauth/register"
	for _, method := range []string{"", "none", "client_secret_basic", "client_secret_post"} {
		var raw []byte
		keep := &http.Client{Transport: answersTo(func(body []byte) { raw = body })}
		m := metadata(Options{Method: method})
		m.TokenEndpointAuthMethod = method
		res, err := oauthex.RegisterClient(t.Context(), endpoint, m, keep)
		if err != nil {
			t.Fatal(err)
		}
		if want := cmp.Or(method, "none"); res.TokenEndpointAuthMethod != want {
			t.Errorf("%q: the answer says %q, want %q", method, res.TokenEndpointAuthMethod, want)
		}
		var members map[string]any
		if err := json.Unmarshal(raw, &members); err != nil {
			t.Fatal(err)
		}
		for name, v := range members {
			if s := fmt.Sprint(v); v == nil || s == "" || s == "[]" || s == "map[]" || name == "jwks" || name == "client_uri" {
				t.Errorf("%q: the answer has %s: %v", method, name, v)
			}
		}
	}
}

// A client registers with the scopes that it happens to know then. Later it asks
// for more with the same registration, and gets them.
func TestTheScopeOfARegistrationDoesNotBind(t *testing.T) {
	for sdk := range sdks {
		p := connected(t, MCPGo, Options{URL: start(t, sdk, nil), Scopes: []string{"notes:read"}})
		mustCall(t, p, "whoami", "ada notes:read")
		before, err1 := p.Tokens(t.Context())
		err2 := p.Ask(t.Context(), "notes:read", "notes:write")
		after, err3 := p.Tokens(t.Context())
		if err := errors.Join(err1, err2, err3); err != nil || before.ClientID == "" || after.ClientID != before.ClientID {
			t.Fatalf("%s: registered again: %v, %v", sdk, after.ClientID != before.ClientID, err)
		}
		mustCall(t, p, "delete_note", "ada notes:read notes:write")
	}
}

// Clients authenticate at the token endpoint in the way that they registered with,
// and each way works, also to refresh.
func TestEveryWayToAuthenticateAtTheTokenEndpoint(t *testing.T) {
	short := start(t, "go-sdk", func(c *broker.Config) { c.AccessTTL = life })
	s := Site{Short: short, Life: life, Read: "whoami"}
	for _, tt := range []struct {
		client, method string
		make           Maker
	}{
		{"go-sdk", "none", GoSDK}, {"go-sdk", "client_secret_basic", GoSDK}, {"go-sdk", "client_secret_post", GoSDK},
		{"mcp-go", "", MCPGo}, {"mcp-go", "client_secret_post", MCPGo},
	} {
		t.Run(tt.client+" "+tt.method, func(t *testing.T) {
			t.Parallel()
			sent := &ways{}
			p, err := tt.make(Options{URL: short, Answers: answers(), Method: tt.method, HTTP: &http.Client{Transport: sent}})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if _, err := s.refresh(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			want := cmp.Or(tt.method, "none")
			if got := sent.all(); len(got) < 2 || strings.Join(got, " ") != strings.TrimSpace(strings.Repeat(want+" ", len(got))) {
				t.Errorf("the client authenticated by %q, want %s each time", got, want)
			}
		})
	}
}

// mcp-go's client speaks a newer version of MCP than a server on the official SDK
// does that keeps sessions. It is not the guard that refuses it; programs name
// the version that they want.
func TestMCPGoNamesAVersionThatTheServerSpeaks(t *testing.T) {
	if mcpgosdk.LATEST_PROTOCOL_VERSION == Protocol {
		t.Fatal("mcp-go's newest version is the one that is named here: nothing is pinned any more")
	}
	resource := start(t, "go-sdk", nil)
	p := connected(t, MCPGo, Options{URL: resource, Protocol: mcpgosdk.LATEST_PROTOCOL_VERSION}) // the server knows its server/discover
	if text, err := p.Call(t.Context(), "whoami", nil); err == nil || !strings.Contains(err.Error(), "unsupported protocol version") {
		t.Errorf("%s: %q, %v; it may no longer be necessary to name a version", mcpgosdk.LATEST_PROTOCOL_VERSION, text, err)
	}
	mustCall(t, connected(t, MCPGo, Options{URL: resource}), "whoami", "ada notes:read notes:write")
}

// The scheme is written in any case (RFC 9110 §11.1).
func TestTheBearerSchemeIsWrittenInAnyCase(t *testing.T) {
	for sdk := range sdks {
		resource := start(t, sdk, nil)
		tokens, err := connected(t, GoSDK, Options{URL: resource}).Tokens(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for scheme, want := range map[string]int{"Bearer": 200, "bearer": 200, "BEARER": 200, "bEaReR": 200, "Basic": 401, "Bear": 401} {
			c := &probe.Client{URL: resource, HTTP: &http.Client{Transport: withAuthorization(scheme + " " + tokens.Access)}}
			if a, err := c.Initialize(t.Context()); err != nil || a.Status != want {
				t.Errorf("%s, %s: %+v, %v; want %d", sdk, scheme, a, err, want)
			}
		}
	}
}

// A client that has a metadata document needs no registration (draft-ietf-oauth-
// client-id-metadata-document). The server fetches the document; for this test it
// may do so from this machine.
func TestAClientWithADocumentDoesNotRegister(t *testing.T) {
	const document = "https://client.example.com/mcp.json"
	docs := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"client_id":%q,"client_name":"a program","redirect_uris":["http://127.0.0.1/callback"],
			"grant_types":["authorization_code","refresh_token"],"token_endpoint_auth_method":"none"}`, document)
	}))
	t.Cleanup(docs.Close)
	tr := docs.Client().Transport.(*http.Transport).Clone()
	tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, docs.Listener.Addr().String())
	}
	for sdk := range sdks {
		resource := start(t, sdk, func(c *broker.Config) { c.HTTPClient = &http.Client{Transport: tr} })
		p := connected(t, GoSDK, Options{URL: resource, Document: document})
		mustCall(t, p, "whoami", "ada notes:read")
		mustCall(t, p, "delete_note", "ada notes:read notes:write") // steps up with the same document
		if tokens, err := p.Tokens(t.Context()); err != nil || tokens.ClientID != document || tokens.Refresh == "" {
			t.Errorf("%s: client %q, %v", sdk, tokens.ClientID, err)
		}
	}
}
