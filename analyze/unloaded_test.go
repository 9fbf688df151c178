package analyze_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// Middleware whose module is not there is told from the syntax: what is known of it stands
// in the reason, and nothing is protected by it.
func TestMiddlewareThatWasNotRead(t *testing.T) {
	dir := t.TempDir()
	mod, err := os.ReadFile(filepath.Join("testdata", "sdks.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.mod", string(mod)+"\nrequire example.com/missing v1.0.0\nrequire github.com/giantswarm/mcp-oauth v1.2.16\n")
	write(t, dir, "main.go", `package main

import (
	"net/http"

	"example.com/missing/guard"
	"github.com/giantswarm/mcp-oauth/handler"
	"github.com/mark3labs/mcp-go/server"
)

type app struct{ oauth *handler.Handler }

func main() {
	serve(&app{}, guard.New())
}

func serve(a *app, g *guard.Guard) {
	mux := http.NewServeMux()
	mux.Handle("/field", a.oauth.ValidateToken(server.NewStreamableHTTPServer(server.NewMCPServer("a", "1"))))
	mux.Handle("/parameter", g.Protect(server.NewStreamableHTTPServer(server.NewMCPServer("b", "1"))))
	made := guard.New()
	mux.Handle("/made", made.Protect(server.NewStreamableHTTPServer(server.NewMCPServer("c", "1"))))
	mux.Handle("/function", guard.Protect(server.NewStreamableHTTPServer(server.NewMCPServer("d", "1"))))
	_ = http.ListenAndServe(":8080", mux)
}
`)
	missing := `it is of example.com/missing/guard, whose source was not read`
	want := map[string]string{
		"/field":     "nobody compares its audience",
		"/parameter": missing, "/made": missing, "/function": missing,
	}
	for _, s := range skimmedWith(t, dir, analyze.Options{}).Report().Servers {
		for _, tr := range s.Transports {
			kind := "none"
			if tr.Path == "/field" {
				kind = "verified"
			}
			if why := want[tr.Path]; why == "" || tr.Verdict != "unknown" || tr.GuardKind != kind || !strings.Contains(tr.Reason, why) {
				t.Errorf("%s is %s, %s: %s; want unknown, %s: … %s", tr.Path, tr.Verdict, tr.GuardKind, tr.Reason, kind, why)
			}
			delete(want, tr.Path)
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}
