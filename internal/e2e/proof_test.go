package e2e

import (
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
)

// migrate --prove starts what it wrote, signs in and calls it, in each way that a
// program is told where to listen; and says so when it can't.
func TestProof(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answers []string
		code    int
		want    string // in what is printed
	}{
		{name: "mcpgo-start", want: "is a constant in the source"},                // by constant
		{name: "gosdk-handle", want: "allowed    user: tools/list"},               // by flag
		{name: "mcpgo-mux", want: `refused    stranger: tools/call "list_notes"`}, // by PORT
		{name: "gosdk-full", want: `allowed    stranger: tools/call "list_notes"`,
			answers: []string{"--requirement", "optional", "--public", "list_notes"}},
		// The user who signs in has every role, or would not see the tool.
		{name: "mcpgo-full", want: `refused    stranger: tools/call "list_notes"`, answers: []string{"--tool-roles", "*=admin"}},
		// Without -transport http it speaks stdio, and nobody could know.
		{name: "mcpgo-flag", code: 1, want: "not proven"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			s, err := servers.Find(tt.name)
			if err != nil {
				t.Fatal(err)
			}
			b := lay(t, s)
			r := b.migrate(t, tt.code, append(tt.answers, "--prove", "--no-verify")...)
			if all := string(r.Stdout) + string(r.Stderr); !strings.Contains(all, tt.want) {
				t.Errorf("it does not say %q:\n%s", tt.want, all)
			}
			after := read(t, b.dir)
			if _, ok := after["mcp_auth.go"]; !ok {
				t.Error("the change was not written")
			}
			if _, ok := after[".mcp-sessions/"]; ok {
				t.Error("the program kept its sessions in the tree")
			}
		})
	}
}
