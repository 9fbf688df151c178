package mcpgo_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// Whatever a policy demands, the list has exactly what can be called.
func TestWhatIsListedCanBeCalled(t *testing.T) {
	tools := []string{"who", "hello", "delete", "other"}
	p := authlib.Policy{
		Tools: map[string]authlib.Rule{
			"who": {AnyPermission: []string{"notes:read", "notes:purge"}}, "hello": {AnyIssuer: []string{"https://id"}, AnyScope: []string{"read", "x"}},
			"delete": {AllScopes: []string{"write"}, AnyPermission: []string{"notes:purge"}},
		},
		Implies:         map[string][]string{"admin": {"write"}, "write": {"read"}},
		RolePermissions: map[string][]string{"reader": {"notes:read"}, "keeper": {"notes:*"}},
	}
	for token, want := range map[string]string{
		"ada": "", "ada/read": "hello", "ada/write": "hello", "ada/reader": "who", "ada/keeper": "who",
		"ada/keeper/admin": "delete hello who", "ada/reader/admin": "hello who", "ada/*/notes:purge": "",
	} {
		a := newApp()
		var h http.Handler
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
		core, err := authlib.New(authlib.Config{Resource: srv.URL + "/mcp", Verifier: callers, AuthorizationServers: servers, Policy: p})
		if err != nil {
			t.Fatal(err)
		}
		h = stateless(a)(mcpgo.New(core))
		list := post(t, srv.URL+"/mcp", token, "", req("tools/list", `{}`))
		for _, tool := range tools {
			listed := strings.Contains(list.body, `"name":"`+tool+`"`)
			got := post(t, srv.URL+"/mcp", token, "", req("tools/call", `{"name":"`+tool+`"}`))
			if called := strings.Contains(fmt.Sprint(a.ran), tool); listed != called || called != strings.Contains(want, tool) || called != (got.status == 200) {
				t.Errorf("%s: %s is listed %v, ran %v: %d %s", token, tool, listed, called, got.status, got.body)
			}
		}
		srv.Close()
	}
}
