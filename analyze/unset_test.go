package analyze_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
)

const tellingCheck = `package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/mark3labs/mcp-go/server"
)

func main() {
	http.ListenAndServe(":1", check{server.NewStreamableHTTPServer(server.NewMCPServer("a", "1")), os.Getenv("KEY")})
}

type check struct {
	next http.Handler
	key  string
}

func (c check) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.key != "" {
		if got := r.Header.Get("Authorization"); got != c.key {
			http.Error(w, fmt.Sprintf("want %q, got %q", c.key, got), http.StatusUnauthorized)
			return
		}
	}
	c.next.ServeHTTP(w, r)
}
`

// TestWhereASettingDecidesItIsOpen: that a comparison is not understood makes no
// difference where a setting decides, before it, that there is none.
func TestWhereASettingDecidesItIsOpen(t *testing.T) {
	for text, want := range map[string]analyze.Verdict{
		tellingCheck: analyze.Unprotected,
		strings.Replace(tellingCheck, `if c.key != ""`, `if r.Host != c.key`, 1): analyze.Unknown,
	} {
		dir := fixture.Unpack(t, filepath.Join("testdata", "attack", "module.txtar"), map[string]string{"go.sum": filepath.Join("..", "go.sum")})
		write(t, dir, "main.go", text)
		verdict, reason := worstOf(skimmed(t, dir))
		if verdict != want || want == analyze.Unprotected && !strings.Contains(reason, "without it everybody is let through") {
			t.Errorf("%s: %s, want %s", verdict, reason, want)
		}
	}
}
