package gosdk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
)

func newCore(t *testing.T) *authlib.Guard {
	t.Helper()
	return newCoreAt(t, "http://localhost/mcp")
}

func newCoreAt(t testing.TB, resource string) *authlib.Guard {
	t.Helper()
	core, err := authlib.New(authlib.Config{Resource: resource, Verifier: people, AuthorizationServers: servers, Policy: policy(), AllowAnonymous: true})
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// local connects a client to s within the process.
func local(t *testing.T, s *mcp.Server) *mcp.ClientSession {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	t.Cleanup(cancel)
	ours, theirs := mcp.NewInMemoryTransports()
	if _, err := s.Connect(ctx, ours, nil); err != nil {
		t.Fatal(err)
	}
	c, err := mcp.NewClient(&mcp.Implementation{Name: "c", Version: "1"}, nil).Connect(ctx, theirs, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// The credential of the process is the caller of all that is served without HTTP,
// whatever context it is served with, and the policy holds for it.
func TestStdioHasOneCaller(t *testing.T) {
	a := newApp()
	g, err := gosdk.New(newCore(t)).Stdio(context.Background(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	c := local(t, g.Server(a.s))
	_, denied := c.CallTool(context.Background(), &mcp.CallToolParams{Name: "delete"})
	_, allowed := c.CallTool(context.Background(), &mcp.CallToolParams{Name: "who"})
	if denied == nil || allowed != nil || a.log() != "who:alice" {
		t.Errorf("denied %v, allowed %v, ran %s", denied, allowed, a.log())
	}
	if got := strings.Join(listed(t, c), " "); got != "hello who doc://a greet item://{id}" {
		t.Errorf("lists %s", got)
	}
}

// Without an accepted credential there is nothing to serve with, and the error does
// not tell the credential.
func TestStdioNeedsACredential(t *testing.T) {
	g := gosdk.New(newCore(t))
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
	url := serve(t, func(g *gosdk.Guard) http.Handler {
		stdio, err := g.Stdio(context.Background(), "alice")
		if err != nil {
			t.Fatal(err)
		}
		stdio.Server(a.s)
		return g.Handler("/mcp", a.transport(g, true))
	})
	if _, err := connect(t, url+"/mcp", "bob+write").CallTool(context.Background(), &mcp.CallToolParams{Name: "delete"}); err != nil || a.log() != "delete:bob+write" {
		t.Errorf("over HTTP: %v, ran %s", err, a.log())
	}
	c := local(t, a.s)
	_, denied := c.CallTool(context.Background(), &mcp.CallToolParams{Name: "delete"})
	_, allowed := c.CallTool(context.Background(), &mcp.CallToolParams{Name: "who"})
	if denied == nil || allowed != nil || a.log() != "delete:bob+write,who:alice" {
		t.Errorf("denied %v, allowed %v, ran %s", denied, allowed, a.log())
	}
}

// Nothing that the guard holds is shown with it: neither the keys of the sessions nor
// the caller's credential.
func TestGuardPrintsNoSecret(t *testing.T) {
	g := gosdk.New(newCore(t))
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
