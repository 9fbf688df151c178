package analyze_test

import (
	"path/filepath"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
)

// TestOpenPathsAreFound checks bodies of which all is understood, or whose one open path
// is, although their paths are many: unknown would be less than what the code shows.
func TestOpenPathsAreFound(t *testing.T) {
	for name, body := range map[string]string{
		"a loop over names, with helpers": `
	ctx := r.Context()
	for _, name := range []string{"X-Token", "X-Address", "X-Skip"} {
		if setting(name, "") != "" && r.Header.Get(name) != "" { http.Error(w, "no", 403); return }
		var value string
		if name == "X-Token" { value = pick(r, name) }
		if value == "" { value = r.Header.Get(name) }
		if value == "" { value = r.URL.Query().Get(name) }
		if value == "" { value = setting(name, "") }
		ctx = context.WithValue(ctx, name, value)
	}
	if setting("FORWARD", "") == "true" {
		if ip := address(r); ip != "" { ctx = context.WithValue(ctx, "ip", ip) }
	}
	next.ServeHTTP(w, r.WithContext(ctx))`,
		"a setting in front of too many paths": `
	if mode == "" { next.ServeHTTP(w, r); return }
	` + times(300, "\n", "x%d := false; if r.URL.Query().Get(\"k%[1]d\") != \"\" { x%[1]d = true }\n_ = x%[1]d") + `
	if r.Header.Get("Authorization") == "" { http.Error(w, "no", 401); return }
	next.ServeHTTP(w, r)`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := fixture.Unpack(t, filepath.Join("testdata", "attack", "module.txtar"), map[string]string{"go.sum": filepath.Join("..", "go.sum")})
			write(t, dir, "main.go", openProgram+"func guard(next http.Handler) http.Handler {\nreturn http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {\n_ = r.Header.Get(\"Authorization\")\n"+body+"\n})\n}\n")
			if verdict, reason := worstOf(skimmed(t, dir)); verdict != analyze.Unprotected {
				t.Errorf("is called %s: %s", verdict, reason)
			}
		})
	}
}

const openProgram = `package main

import (
	"context"
	"net/http"
	"os"
	"strings"

	"github.com/mark3labs/mcp-go/server"
)

func main() {
	h := server.NewStreamableHTTPServer(server.NewMCPServer("a", "1"))
	http.ListenAndServe(":1", guard(h))
}

var _, mode = context.Background, os.Getenv("MODE")

func setting(name, fallback string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return fallback
}

func address(r *http.Request) string {
	switch setting("METHOD", "") {
	case "real":
		if ip := pick(r, "X-Real-IP"); ip != "" {
			return ip
		}
		return pick(r, "Forwarded")
	case "forwarded":
		if ip := last(pick(r, "X-Forwarded-For")); ip != "" {
			return ip
		}
		return pick(r, "Forwarded")
	}
	return last(pick(r, "Forwarded"))
}

func last(list string) string {
	parts := strings.Split(list, ",")
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			return p
		}
	}
	return ""
}

func pick(r *http.Request, name string) string {
	if v := r.Header.Get(name); strings.HasPrefix(v, "Bearer ") {
		return strings.TrimSpace(strings.TrimPrefix(v, "Bearer "))
	}
	return ""
}

`
