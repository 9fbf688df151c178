package broker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

// protect is the least that makes a resource server: a bearer check with the
// challenges of RFC 6750 and the metadata of RFC 9728. Calls of "write" need the
// scope mcp:write.
func (be *bench) protect(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	for _, p := range be.b.Paths() {
		mux.Handle(p, be.b)
	}
	mux.HandleFunc("/.well-known/oauth-protected-resource/mcp", func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"resource": be.b.resource.String(), "authorization_servers": []string{be.b.Issuer()}})
	})
	mux.HandleFunc("/mcp", func(w http.ResponseWriter, r *http.Request) {
		challenge := func(status int, extra string) {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer resource_metadata="%s/.well-known/oauth-protected-resource/mcp"%s`, be.srv.URL, extra))
			w.WriteHeader(status)
		}
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			challenge(http.StatusUnauthorized, `, scope="mcp:read"`)
			return
		}
		p, err := be.b.Verify(r.Context(), token)
		if err != nil {
			challenge(http.StatusUnauthorized, `, error="invalid_token"`)
			return
		}
		if r.Header.Get("X-Needs") != "" && !p.HasScope(r.Header.Get("X-Needs")) {
			challenge(http.StatusForbidden, `, error="insufficient_scope", scope="mcp:read mcp:write"`)
			return
		}
		next.ServeHTTP(w, r.WithContext(authlib.NewContext(r.Context(), p)))
	})
	return mux
}

// needs adds a header that makes the resource demand a scope, once it is set.
type needs struct{ scope string }

func (n *needs) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if n.scope != "" {
		r.Header.Set("X-Needs", n.scope)
	}
	return http.DefaultTransport.RoundTrip(r)
}

func (be *bench) mcpHandler() http.Handler {
	server := mcp.NewServer(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "whoami"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
		p, _ := authlib.FromContext(ctx)
		text := p.Subject + " " + strings.Join(p.Scopes, ",")
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}, nil, nil
	})
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true})
}

func (be *bench) oauthClient(logins *[]string) *auth.AuthorizationCodeHandler {
	be.Helper()
	h, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{Metadata: &oauthex.ClientRegistrationMetadata{
			ClientName: "go-sdk", RedirectURIs: []string{callback}, GrantTypes: []string{"authorization_code", "refresh_token"},
		}},
		RequestRefreshToken: true,
		AuthorizationCodeFetcher: func(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
			*logins = append(*logins, args.URL)
			u, err := robot.SignIn(ctx, nil, args.URL, answers())
			if err != nil {
				return nil, err
			}
			q := u.Query()
			return &auth.AuthorizationResult{Code: q.Get("code"), State: q.Get("state"), Iss: q.Get("iss")}, nil
		},
	})
	if err != nil {
		be.Fatal(err)
	}
	return h
}

// The go-sdk's own client signs in, calls, steps up and refreshes.
func TestGoSDKClient(t *testing.T) {
	be := newBench(t, nil)
	be.serve(be.protect(be.mcpHandler()))
	var logins []string
	n := &needs{}
	client := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "1"}, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	handler := be.oauthClient(&logins)
	cs, err := client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: be.b.resource.String(), HTTPClient: &http.Client{Transport: n}, OAuthHandler: handler, DisableStandaloneSSE: true,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer cs.Close()
	call := func() string {
		t.Helper()
		res, err := cs.CallTool(ctx, &mcp.CallToolParams{Name: "whoami", Arguments: map[string]any{}})
		if err != nil {
			t.Fatal(err)
		}
		return res.Content[0].(*mcp.TextContent).Text
	}
	if got := call(); got != "alice mcp:read" {
		t.Errorf("whoami = %q", got)
	}
	n.scope = "mcp:write"
	if got := call(); got != "alice mcp:read,mcp:write" {
		t.Errorf("after step-up whoami = %q", got)
	}
	if len(logins) != 2 || !slices.ContainsFunc(logins, func(u string) bool { return strings.Contains(u, "offline_access") }) {
		t.Errorf("%d logins", len(logins))
	}
}

// The go-sdk's client refreshes by itself, without another sign-in.
func TestGoSDKClientRefreshes(t *testing.T) {
	be := newBench(t, func(c *Config) { c.Now, c.AccessTTL = nil, 11*time.Second }) // x/oauth2 refreshes 10 s early
	be.serve(be.protect(be.mcpHandler()))
	var logins []string
	handler := be.oauthClient(&logins)
	ctx := context.Background()
	req, _ := http.NewRequest(http.MethodPost, be.b.resource.String(), nil)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := handler.Authorize(ctx, req, res); err != nil {
		t.Fatal(err)
	}
	src, err := handler.TokenSource(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first, err := src.Token()
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond)
	next, err := src.Token()
	if err != nil || next.AccessToken == first.AccessToken || len(logins) != 1 {
		t.Fatalf("refreshed: %v, %d logins", err, len(logins))
	}
	be.wantValid(next.AccessToken)
}
