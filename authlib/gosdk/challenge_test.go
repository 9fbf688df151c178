package gosdk_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/oauthex"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// FuzzChallenge checks that a client of another maker reads from our challenges
// what we mean, whatever the resource is called and whatever scopes there are: it
// is go-sdk's own parser.
func FuzzChallenge(f *testing.F) {
	f.Add("https://mcp.example.com/mcp", "read", "write")
	f.Add("http://localhost:8080/", "", "a b c")
	f.Add("https://mcp.example.com/a,b=c;d'e", "x:y,z", "a=b !#$%&'()*+")
	f.Add(`https://mcp.example.com/"q"\`, `bad"scope`, "")
	f.Add("https://[::1]:8443/mcp%22", "read", "Bearer")
	f.Fuzz(func(t *testing.T, resource, base, tool string) {
		core, err := authlib.New(authlib.Config{
			Resource: resource, Verifier: people, AuthorizationServers: servers,
			Policy: authlib.Policy{
				Base:  authlib.Rule{AllScopes: strings.Fields(base)},
				Tools: map[string]authlib.Rule{"delete": {AllScopes: append(strings.Fields(tool), "never")}},
			},
		})
		if err != nil {
			return
		}
		for token, want := range map[string]struct {
			status int
			code   string
		}{"": {401, ""}, "mallory": {401, "invalid_token"}, "alice": {403, "insufficient_scope"}, "a b": {400, "invalid_request"}} {
			w := refused(core, token)
			got, err := oauthex.ParseWWWAuthenticate(w.Header().Values("WWW-Authenticate"))
			if err != nil || len(got) != 1 || got[0].Scheme != "bearer" {
				t.Fatalf("%q: %v reads %v (%v)", token, w.Header(), got, err)
			}
			p := got[0].Params
			if w.Code != want.status || p["error"] != want.code || p["resource_metadata"] != core.MetadataURL() {
				t.Fatalf("%q: status %d, %v; want %+v and %s", token, w.Code, p, want, core.MetadataURL())
			}
			for _, s := range strings.Fields(p["scope"]) {
				if !strings.Contains(" "+base+" "+tool+" never ", s) {
					t.Fatalf("%q: scope %q out of nowhere: %v", token, s, p)
				}
			}
			if token == "alice" && !strings.HasSuffix(p["scope"], "never") {
				t.Fatalf("the challenge does not ask for what is missing: %v", p)
			}
		}
	})
}

// refused calls the tool delete of a server that would run it.
func refused(core *authlib.Guard, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/mcp", strings.NewReader(req("tools/call", `{"name":"delete"}`)))
	if u, err := url.Parse(core.Resource()); err == nil {
		r.Host = u.Host
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	core.Protect(http.NotFoundHandler()).ServeHTTP(w, r)
	return w
}
