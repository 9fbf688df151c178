package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"strconv"
	"strings"
	"sync"
)

// emulatedGitHub lets users of emulate's GitHub sign in.
func emulatedGitHub(ctx context.Context, clients string) error {
	g := &githubBed{ctx: ctx, clients: clients, id: "Iv1.0123456789abcdef", secret: rand.Text(), issued: map[string]bool{}}
	defer g.stop()
	r, err := migrated(ctx, "mcpgo-start", "github", g.prepare)
	if g.err != nil {
		return g.err
	}
	if err != nil {
		return err
	}
	defer r.stop()
	return visitEmulated(ctx, r, nil, "login", "ada", "mallory")
}

// A githubBed stands before the emulator and makes it an Enterprise Server: the API
// is below /api/v3, and a token can be asked about, which emulate can't.
type githubBed struct {
	ctx             context.Context
	clients, tmp    string
	id, secret      string
	emu             *emulator
	front           *httptest.Server
	emulatorHandler http.Handler
	err             error

	mu     sync.Mutex
	issued map[string]bool // tokens that went through here
}

func (g *githubBed) stop() {
	if g.emu != nil {
		g.emu.stop()
	}
	if g.front != nil {
		g.front.Close()
	}
	os.RemoveAll(g.tmp)
}

func (g *githubBed) prepare(resource string) (flags, env []string) {
	g.err = g.start(resource)
	if g.err != nil {
		return nil, nil
	}
	return []string{"--allow", "user:ada"},
		[]string{"GITHUB_CLIENT_ID=" + g.id, "GITHUB_CLIENT_SECRET=" + g.secret, "GITHUB_BASE_URL=" + g.front.URL}
}

func (g *githubBed) start(resource string) error {
	origin, err := originOf(resource)
	if err != nil {
		return err
	}
	if g.tmp, err = os.MkdirTemp("", "mcp-migrate-github-"); err != nil {
		return err
	}
	mux := http.NewServeMux()
	g.front = httptest.NewServer(mux)
	seed := fmt.Sprintf(`github:
  users:
  - {login: ada, name: Ada, email: ada@acme.test}
  - {login: mallory, name: Mallory, email: mallory@acme.test}
  oauth_apps:
  - {client_id: %s, client_secret: %s, name: interop, redirect_uris: [%q]}
`, g.id, g.secret, origin+"/oauth/callback/github")
	if g.emu, err = startEmulator(g.ctx, g.clients, g.tmp, "github", seed, g.front.URL); err != nil {
		return err
	}
	proxy := httputil.NewSingleHostReverseProxy(g.emu.url)
	proxy.ModifyResponse = g.remember
	g.emulatorHandler = proxy
	mux.Handle("/", proxy)
	mux.Handle("/api/v3/", http.StripPrefix("/api/v3", proxy))
	mux.HandleFunc("POST /api/v3/applications/{id}/token", g.check)
	return nil
}

// remember notes which tokens the emulator issued.
func (g *githubBed) remember(res *http.Response) error {
	if res.Request.URL.Path != "/login/oauth/access_token" {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	var a struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(body, &a) == nil && a.Token != "" {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.issued[a.Token] = true
	}
	return nil
}

// check answers whose a token is and which app's, as GitHub does: the user is whom
// the emulator says.
func (g *githubBed) check(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Token string `json:"access_token"`
	}
	id, secret, _ := r.BasicAuth()
	if json.NewDecoder(r.Body).Decode(&in) != nil || id != g.id || secret != g.secret || r.PathValue("id") != id {
		http.Error(w, "bad credentials", http.StatusUnauthorized)
		return
	}
	g.mu.Lock()
	ours := g.issued[in.Token]
	g.mu.Unlock()
	user, err := g.user(in.Token)
	if !ours || err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"scopes": []string{"read:user"}, "app": map[string]any{"client_id": g.id}, "user": user})
}

// user asks the emulator whose a token is.
func (g *githubBed) user(token string) (json.RawMessage, error) {
	r := httptest.NewRequest(http.MethodGet, "/user", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	g.emulatorHandler.ServeHTTP(w, r)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		return nil, fmt.Errorf("the emulator answered %s", strconv.Itoa(w.Code))
	}
	return w.Body.Bytes(), nil
}
