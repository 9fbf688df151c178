package mcpgo_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// The credential of the process is the caller of all that comes over stdio,
// whatever context it is served with, and the policy holds for it.
func TestStdioHasOneCaller(t *testing.T) {
	a := newApp()
	g, err := mcpgo.New(newCore(t, "http://localhost/mcp", true)).Stdio(context.Background(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	got := overStdio(context.Background(), g.Server(a.s), initialize, req("tools/call", `{"name":"delete"}`),
		req("tools/call", `{"name":"who"}`), req("tools/list", `{}`), req("prompts/get", `{"name":"hidden"}`), req("resources/read", `{"uri":"doc://b"}`))
	if !slices.Equal(a.ran, []string{"who"}) || !strings.Contains(got, `"alice"`) || strings.Contains(got, `"job"`) {
		t.Errorf("ran %v: %s", a.ran, got)
	}
}

// Without an accepted credential there is nothing to serve with, and the error does
// not tell the credential.
func TestStdioNeedsACredential(t *testing.T) {
	g := mcpgo.New(newCore(t, "http://localhost/mcp", true))
	for credential, want := range map[string]error{"": authlib.ErrUnauthenticated, "mallory-secret": authlib.ErrInvalidToken} {
		stdio, err := g.Stdio(context.Background(), credential)
		if stdio != nil || !errors.Is(err, want) || credential != "" && strings.Contains(err.Error(), credential) {
			t.Errorf("%q: %v, %v", credential, stdio, err)
		}
	}
}

// One server may be served both ways by one program: each way has its callers.
func TestStdioBesideHTTP(t *testing.T) {
	a := newApp()
	url := serve(t, func(g *mcpgo.Guard) http.Handler {
		stdio, err := g.Stdio(context.Background(), "alice")
		if err != nil {
			t.Fatal(err)
		}
		stdio.Server(a.s)
		return g.Handler("/mcp", server.NewStreamableHTTPServer(g.Server(a.s), server.WithStateLess(true)))
	}) + "/mcp"
	if got := post(t, url, "admin", "", req("tools/call", `{"name":"delete"}`)); got.status != 200 || !slices.Equal(a.ran, []string{"delete"}) {
		t.Errorf("over HTTP: %d %s, ran %v", got.status, got.body, a.ran)
	}
	if got := post(t, url, "", "", req("tools/call", `{"name":"who"}`)); got.status != 401 {
		t.Errorf("a stranger over HTTP: %d %s", got.status, got.body)
	}
	got := overStdio(context.Background(), a.s, initialize, req("tools/call", `{"name":"delete"}`), req("tools/call", `{"name":"who"}`))
	if !slices.Equal(a.ran, []string{"delete", "who"}) || !strings.Contains(got, `"alice"`) {
		t.Errorf("over stdio: ran %v: %s", a.ran, got)
	}
}

// Nothing that the guard holds is shown with it: neither the keys of the sessions nor
// the caller's credential.
func TestGuardPrintsNoSecret(t *testing.T) {
	g := mcpgo.New(newCore(t, "http://localhost/mcp", true))
	stdio, err := g.Stdio(context.Background(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{g, stdio, []any{g}, struct{ G any }{stdio}} {
			if out := fmt.Sprintf(verb, v); len(out) > 200 || strings.Contains(out, "alice") {
				t.Errorf("%s prints %s", verb, out)
			}
		}
	}
}
