package signin

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A house is an MCP server, its guard and its authorization server in one: just
// enough to be signed in to.
type house struct {
	base      string
	mcp       http.Handler
	challenge string // S256 challenge of the only authorization request
	redirect  string
	open      bool   // no guard
	elsewhere string // the sign-in page leads there
}

func newHouse(t *testing.T) *house {
	s := mcp.NewServer(&mcp.Implementation{Name: "house", Version: "1"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "hello"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "hi"}}}, nil, nil
	})
	h := &house{mcp: mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil)}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	h.base = srv.URL
	return h
}

func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/mcp":
		if !h.open && r.Header.Get("Authorization") != "Bearer tok" {
			w.Header().Set("WWW-Authenticate", `Bearer resource_metadata="`+h.base+`/.well-known/oauth-protected-resource/mcp"`)
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		h.mcp.ServeHTTP(w, r)
	case "/.well-known/oauth-protected-resource/mcp":
		reply(w, map[string]any{"resource": h.base + "/mcp", "authorization_servers": []string{h.base}})
	case "/.well-known/oauth-authorization-server":
		reply(w, map[string]any{"issuer": h.base, "authorization_endpoint": h.base + "/authorize", "token_endpoint": h.base + "/token",
			"registration_endpoint": h.base + "/register", "code_challenge_methods_supported": []string{"S256"}, "response_types_supported": []string{"code"}})
	case "/register":
		w.WriteHeader(http.StatusCreated)
		reply(w, map[string]any{"client_id": "c1", "token_endpoint_auth_method": "none", "redirect_uris": []string{h.redirect}})
	case "/authorize", "/consent":
		h.pages(w, r)
	case "/token":
		h.token(w, r)
	default:
		http.NotFound(w, r)
	}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (h *house) pages(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if r.Method == http.MethodGet {
		h.challenge, h.redirect = q.Get("code_challenge"), q.Get("redirect_uri")
		http.SetCookie(w, &http.Cookie{Name: "browser", Value: "b1"})
		fmt.Fprintf(w, `<form method="post" action="/consent"><input type="hidden" name="state" value="%s">
			<input name="code" value=""><input name="user" value="dev"><button name="answer" value="approve">Allow</button>
			<button name="answer" value="deny">Deny</button></form>`, q.Get("state"))
		return
	}
	c, err := r.Cookie("browser")
	if err != nil || c.Value != "b1" || r.FormValue("code") != "1234" || r.FormValue("user") != "dev" ||
		r.PostForm.Get("answer") != "approve" || len(r.PostForm["answer"]) != 1 || r.Header.Get("Origin") != h.base {
		http.Error(w, "wrong form "+r.PostForm.Encode(), http.StatusForbidden)
		return
	}
	to := h.redirect + "?code=secret&state=" + url.QueryEscape(r.FormValue("state"))
	if h.elsewhere != "" {
		to = h.elsewhere
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (h *house) token(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if r.FormValue("code") != "secret" || base64.RawURLEncoding.EncodeToString(sum[:]) != h.challenge {
		http.Error(w, "bad code", http.StatusBadRequest)
		return
	}
	reply(w, map[string]any{"access_token": "tok", "token_type": "Bearer", "expires_in": 3600})
}

func TestSignIn(t *testing.T) {
	h := newHouse(t)
	s, err := Connect(t.Context(), Options{URL: h.base + "/mcp", Browser: Robot(map[string]string{"code": "1234"})})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if token, err := s.Token(t.Context()); err != nil || token != "tok" {
		t.Errorf("Token = %q, %v", token, err)
	}
	if names, err := s.Tools(t.Context()); err != nil || len(names) != 1 || names[0] != "hello" {
		t.Errorf("Tools = %q, %v", names, err)
	}
	if text, err := s.CallTool(t.Context(), "hello", nil); err != nil || text != "hi" {
		t.Errorf("CallTool = %q, %v", text, err)
	}
	if _, err := s.CallTool(t.Context(), "none", nil); err == nil {
		t.Error("a tool that does not exist was called")
	}
}

func TestSignInFails(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*house)
		browser Browser
		want    string
	}{
		{"wrong code", func(*house) {}, Robot(map[string]string{"code": "0"}), "403"},
		{"dead end", func(h *house) { h.elsewhere = h.base + "/nowhere" }, Robot(map[string]string{"code": "1234"}), "404"},
		{"refused", func(h *house) { h.elsewhere = "http://127.0.0.1:7777/callback?error=access_denied" }, Robot(map[string]string{"code": "1234"}), "access_denied"},
		{"no browser", func(*house) {}, nil, "no browser"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			tt.change(h)
			_, err := Connect(t.Context(), Options{URL: h.base + "/mcp", Browser: tt.browser})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// A server that lets everybody in must not look like one that was signed in to.
func TestOpenServerGivesNoToken(t *testing.T) {
	h := newHouse(t)
	h.open = true
	s, err := Connect(t.Context(), Options{URL: h.base + "/mcp", Browser: func(context.Context, string) (*url.URL, error) {
		t.Error("the browser was opened")
		return nil, context.Canceled
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if token, err := s.Token(t.Context()); err == nil {
		t.Errorf("Token = %q", token)
	}
}
