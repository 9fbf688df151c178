package fast

import (
	"bytes"
	"slices"
	"testing"
)

func TestSeeker(t *testing.T) {
	texts := []string{"tools/call", "NewMCPServer(", "mcp.NewServer(", "plain"}
	s := newSeeker(texts...)
	for src, want := range map[string]bool{
		"":                             false,
		"tools/call":                   true,
		"x := \"tools/call\"":          true,
		"tools/cal":                    false,
		"ools/call":                    false,
		"/N/N a/b tools/call":          true,
		"s := server.NewMCPServer(":    true,
		"s := server.NewMCPServer":     false,
		"NewServer(":                   false,
		"my.NewServer(mcp.NewServer":   false,
		"my.NewServer(mcp.NewServer()": true,
		"pplain":                       true,
	} {
		if got := s.in([]byte(src)); got != want {
			t.Errorf("%q: %v, want %v", src, got, want)
		}
	}
}

// A seeker finds what a search for each text finds.
func FuzzSeeker(f *testing.F) {
	f.Add([]byte("a tools/call b"), "tools/call", "NewMCPServer(")
	f.Add([]byte("NNN/"), "NN", "/")
	f.Fuzz(func(t *testing.T, src []byte, one, two string) {
		if one == "" || two == "" {
			return
		}
		want := slices.ContainsFunc([]string{one, two}, func(s string) bool { return bytes.Contains(src, []byte(s)) })
		if got := newSeeker(one, two).in(src); got != want {
			t.Errorf("%q, %q in %q: %v, want %v", one, two, src, got, want)
		}
	})
}
