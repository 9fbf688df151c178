package probe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const goodToken = "the-good-token"

// A guarded is a small server that does what an MCP server behind a guard must
// do. Each field set makes it wrong in one way.
type guarded struct {
	url string

	badTokens     bool   // with openMethod: a bad token is refused all the same
	openMethod    string // this JSON-RPC method or HTTP method is served to everybody
	noMetadataURL bool   // the challenge lacks resource_metadata
	foreign       bool   // resource_metadata lies on another host
	firstError    bool   // first contact carries error=
	noError       bool   // a bad token's challenge carries none
	status        int    // refuse with this status instead of 401
	resource      string // resource of the metadata
	noServers     bool
	issuer        string
	plainPKCE     bool
	pathOnly      bool // the metadata at the path of the endpoint only; everything else is the guarded server's
	slashOpen     bool // a second mount at /mcp/ without the guard
	refuseAll     bool // not even the good token helps

	called []string // tools that ran
}

func start(t *testing.T, g *guarded) *guarded {
	t.Helper()
	s := httptest.NewServer(g)
	t.Cleanup(s.Close)
	g.url = s.URL + "/mcp"
	return g
}

func (g *guarded) base() string { return strings.TrimSuffix(g.url, "/mcp") }

func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case g.pathOnly && !strings.HasSuffix(path, "/mcp") && path != wellKnownServer:
		g.refuse(w, r.Header.Get("Authorization"))
	case strings.HasPrefix(path, wellKnownResource):
		doc := map[string]any{"resource": or(g.resource, g.url), "authorization_servers": []string{g.base()}}
		if g.noServers {
			doc["authorization_servers"] = []string{}
		}
		writeJSON(w, doc)
	case path == wellKnownServer:
		methods := []string{"S256"}
		if g.plainPKCE {
			methods = []string{"plain"}
		}
		writeJSON(w, map[string]any{
			"issuer": or(g.issuer, g.base()), "authorization_endpoint": g.base() + "/authorize",
			"token_endpoint": g.base() + "/token", "code_challenge_methods_supported": methods,
		})
	case path == "/mcp", path == "/mcp/" && g.slashOpen:
		g.mcp(w, r)
	default:
		http.NotFound(w, r)
	}
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (g *guarded) mcp(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var m struct {
		ID     int64  `json:"id"`
		Method string `json:"method"`
		Params struct {
			Name string `json:"name"`
		} `json:"params"`
	}
	_ = json.Unmarshal(body, &m)
	auth := r.Header.Get("Authorization")
	open := r.URL.Path == "/mcp/" || (g.openMethod != "" && (m.Method == g.openMethod || r.Method == g.openMethod))
	if g.badTokens && auth != "" {
		open = false
	}
	if !open && (g.refuseAll || auth != "Bearer "+goodToken) {
		g.refuse(w, auth)
		return
	}
	if m.Method == "tools/call" {
		g.called = append(g.called, m.Params.Name)
	}
	writeJSON(w, map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": map[string]any{"tools": []any{
		map[string]any{"name": "get_time", "annotations": map[string]any{"readOnlyHint": true}},
		map[string]any{"name": "delete_note"},
	}}})
}

func (g *guarded) refuse(w http.ResponseWriter, auth string) {
	ch := "Bearer "
	if (auth != "" && !g.noError) || g.firstError {
		ch += `error="invalid_token", `
	}
	if !g.noMetadataURL {
		host := g.base()
		if g.foreign {
			host = "https://evil.example"
		}
		ch += fmt.Sprintf("resource_metadata=%q", host+wellKnownResource+"/mcp")
	}
	w.Header().Set("WWW-Authenticate", ch)
	status := g.status
	if status == 0 {
		status = http.StatusUnauthorized
	}
	http.Error(w, "no", status)
}

func verify(t *testing.T, g *guarded, o VerifyOptions) *Report {
	t.Helper()
	o.URL = g.url
	r, err := VerifyURL(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func failures(r *Report) []string {
	var names []string
	for _, c := range r.Checks {
		if c.Outcome == Failed {
			names = append(names, c.Name+": "+c.Reason)
		}
	}
	return names
}

func TestVerifyGuarded(t *testing.T) {
	g := start(t, &guarded{})
	r := verify(t, g, VerifyOptions{Token: goodToken, Call: []string{"delete_note"}})
	if !r.OK || len(failures(r)) > 0 {
		t.Errorf("a guarded server fails: %q", failures(r))
	}
	if n := r.count(); n[Refused] < 12 || n[Allowed] < 6 || n[NotTried] != 0 {
		t.Errorf("outcomes %v", n)
	}
	if len(g.called) > 0 {
		t.Errorf("verify ran %v", g.called)
	}
}

// A server behind its guard at every path has the metadata at the path of the
// endpoint alone, which is where clients look first: nothing is wrong with it.
func TestVerifyMetadataAtThePathOnly(t *testing.T) {
	r := verify(t, start(t, &guarded{pathOnly: true}), VerifyOptions{Token: goodToken})
	if !r.OK || len(failures(r)) > 0 {
		t.Errorf("it fails: %q", failures(r))
	}
}

// Each way of being wrong must be seen, by the check that is meant for it.
func TestVerifySeesEveryFault(t *testing.T) {
	for _, tt := range []struct {
		name string
		g    *guarded
		want string
	}{
		{"initialize open", &guarded{openMethod: "initialize"}, "stranger: initialize (2025-11-25): the request was served"},
		{"list open", &guarded{openMethod: "tools/list"}, "stranger: tools/list: the request was served"},
		{"prompts open", &guarded{openMethod: "prompts/list"}, "stranger: prompts/list: the request was served"},
		{"resources open", &guarded{openMethod: "resources/list"}, "stranger: resources/list: the request was served"},
		{"GET open", &guarded{openMethod: "GET"}, "stranger: GET: the request was"},
		{"DELETE open", &guarded{openMethod: "DELETE"}, "stranger: DELETE: the request was"},
		{"call open", &guarded{openMethod: "tools/call"}, `stranger: tools/call "get_time": the request was served`},
		{"second mount", &guarded{slashOpen: true}, "stranger: initialize at /mcp/: the request was served"},
		{"no way to sign in", &guarded{noMetadataURL: true}, "no resource_metadata"},
		{"sent elsewhere", &guarded{foreign: true}, "is not on"},
		{"error at first contact", &guarded{firstError: true}, "the first challenge carries error"},
		{"no error for a bad token", &guarded{noError: true}, "malformed token: tools/list: the challenge carries error"},
		{"403", &guarded{status: 403}, "status 403 is no refusal"},
		{"404", &guarded{status: 404}, "status 404 is no refusal"},
		{"wrong resource", &guarded{resource: "https://h/mcp"}, "not the URL that was called"},
		{"no servers", &guarded{noServers: true}, "authorization_servers is empty"},
		{"wrong issuer", &guarded{issuer: "https://h"}, "the document says issuer"},
		{"no S256", &guarded{plainPKCE: true}, "lacks S256"},
		{"refuses everybody", &guarded{refuseAll: true}, "a caller with a valid token is not served"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := verify(t, start(t, tt.g), VerifyOptions{Token: goodToken})
			if all := strings.Join(failures(r), "\n"); r.OK || !strings.Contains(all, tt.want) {
				t.Errorf("OK %v, failures:\n%s\nwant %q", r.OK, all, tt.want)
			}
		})
	}
}

// After one refusal that failed, no tool is called any more: it might run.
func TestVerifyStopsBeforeCalling(t *testing.T) {
	g := start(t, &guarded{openMethod: "tools/list", slashOpen: true})
	r := verify(t, g, VerifyOptions{Token: goodToken, Call: []string{"delete_note"}})
	if len(g.called) > 0 {
		t.Errorf("verify called %v on a server that is open", g.called)
	}
	last := r.Checks[len(r.Checks)-1]
	if last.Outcome != NotTried || !strings.Contains(last.Reason, "was not refused") {
		t.Errorf("last check %+v", last)
	}
}

// An open tools/call runs at most one tool: the first one.
func TestVerifyStopsAtTheFirstCall(t *testing.T) {
	g := start(t, &guarded{openMethod: "tools/call"})
	verify(t, g, VerifyOptions{Token: goodToken, Call: []string{"first", "second"}})
	if len(g.called) != 1 || g.called[0] != "first" {
		t.Errorf("verify ran %v", g.called)
	}
}

func TestVerifyWithoutToken(t *testing.T) {
	r := verify(t, start(t, &guarded{}), VerifyOptions{})
	if !r.OK || r.count()[NotTried] != 2 {
		t.Errorf("OK %v, outcomes %v", r.OK, r.count())
	}
}

func TestVerifyOptional(t *testing.T) {
	g := start(t, &guarded{openMethod: "tools/list", badTokens: true})
	r := verify(t, g, VerifyOptions{Token: goodToken, Optional: true, Call: []string{"delete_note"}})
	if !r.OK {
		t.Errorf("failures %q", failures(r))
	}
	g = start(t, &guarded{openMethod: "tools/call"})
	if r = verify(t, g, VerifyOptions{Token: goodToken, Optional: true}); r.OK {
		t.Error("an open tools/call passes because lists are open on purpose")
	}
}

func TestReportHoldsNoToken(t *testing.T) {
	r := verify(t, start(t, &guarded{refuseAll: true}), VerifyOptions{Token: goodToken})
	var text bytes.Buffer
	if err := r.Text(&text); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if all := text.String() + string(data); strings.Contains(all, goodToken) || !strings.Contains(all, "FAILED") {
		t.Errorf("report:\n%s", all)
	}
}

func TestVerifyBadURL(t *testing.T) {
	for _, u := range []string{"", "mcp", "ftp://h/mcp", "http://user:secret@h/mcp", "http://127.0.0.1:1/mcp"} {
		_, err := VerifyURL(t.Context(), VerifyOptions{URL: u, Token: goodToken})
		if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), goodToken) {
			t.Errorf("VerifyURL(%q): %v", u, err)
		}
	}
}

// An authorization server that the looked-at server names must not lead to our own machine.
func TestIssuerPlaces(t *testing.T) {
	remote := &verifier{target: must(t, "https://mcp.example.com/mcp")}
	for _, issuer := range []string{"http://127.0.0.1/x", "http://localhost:80", "http://as.example.com", "https://a@b", "as", "https://h?x=1"} {
		if p, err := IssuerMetadataURLs(remote.target, issuer); err == nil {
			t.Errorf("places(%q) = %q, want an error", issuer, p)
		}
	}
	p, err := IssuerMetadataURLs(remote.target, "https://as.example.com/tenant")
	if err != nil || len(p) != 3 || p[0] != "https://as.example.com/.well-known/oauth-authorization-server/tenant" {
		t.Errorf("places = %q, %v", p, err)
	}
}
