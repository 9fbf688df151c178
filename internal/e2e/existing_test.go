package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// oldSecret is what the callers of a server with a check of its own had so far.
const oldSecret = "shared-by-everybody"

// checkKept: a check of the user's own is kept unless they say otherwise, the exit
// code says that nobody knows what it is worth, and nothing is written.
func (b *bed) checkKept(t *testing.T) {
	before := read(t, b.dir)
	r := b.migrate(t, 1)
	all := string(r.Stdout) + string(r.Stderr)
	for _, want := range []string{"manual step 1: main.go:", "a check of your own stands here and was kept"} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not say %q:\n%s", want, all)
		}
	}
	same(t, "after migrate", read(t, b.dir), before)
}

// laid is lay by name.
func laid(t *testing.T, name string) *bed {
	t.Helper()
	s, err := servers.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return lay(t, s)
}

// onceAndBack makes sure that a second run changes nothing, and that undo gives the tree back.
func (b *bed) onceAndBack(t *testing.T, before tree, args []string) {
	t.Helper()
	after := read(t, b.dir)
	b.run(t, 0, args...)
	same(t, "after a second run", read(t, b.dir), after)
	b.run(t, 0, "undo", b.dir)
	same(t, "after undo", read(t, b.dir), before)
}

// Ours in front of a check that reads a header of its own: callers need both.
func TestExistingAdd(t *testing.T) {
	t.Parallel()
	two <- struct{}{}
	defer func() { <-two }()
	b := laid(t, "mcpgo-ownkey")
	before := read(t, b.dir)
	key := apiKey("k")
	args := []string{"migrate", b.dir, "--yes", "--allow-dirty", "--provider", "apikey", "--existing", "add"}
	r := b.run(t, 0, args...)
	if want := "withKey (main.go:"; !strings.Contains(string(r.Stderr), want) || !strings.Contains(string(r.Stderr), "brings x-api-key") {
		t.Errorf("it does not say what becomes of the check:\n%s", r.Stderr)
	}
	p := b.startWith(t, keyFile(t, map[string][]string{key: nil}), b.Secret.Env+"="+oldSecret)
	defer p.Stop()
	call := func(c *probe.Client, token string) (*probe.Answer, error) {
		c.Token = token
		if a, err := c.Initialize(t.Context()); err != nil || a.Result == nil {
			return a, err
		}
		return c.CallTool(t.Context(), b.ReadOnly, nil)
	}
	if a, err := call(b.Secret.Client(b.url(), oldSecret), key); err != nil || !strings.Contains(string(a.Result), b.Want) {
		t.Errorf("with token and key: %+v, %v", a, err)
	}
	a, err := call(b.Secret.Client(b.url(), ""), "")
	b.mustRefuse(t, "a stranger", a, err)
	a, err = call(b.Secret.Client(b.url(), oldSecret), "")
	b.mustRefuse(t, "with the key only", a, err)
	if a, err := call(b.Secret.Client(b.url(), "a guess"), key); err != nil || a.Status != http.StatusForbidden {
		t.Errorf("with a token and a wrong key: %+v, %v", a, err)
	}
	if a, err := call(b.Secret.Client(b.url(), ""), key); err != nil || a.Status != http.StatusForbidden {
		t.Errorf("with the token only: %+v, %v", a, err)
	}
	b.openRoutes(t)
	p.Stop()
	b.onceAndBack(t, before, args)
}

// Ours in place of a check: whom it let in has to sign in now.
func TestExistingReplace(t *testing.T) {
	for _, name := range []string{"mcpgo-bearer", "gosdk-bearer"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			b := laid(t, name)
			before := read(t, b.dir)
			args := []string{"migrate", b.dir, "--provider", "dev", "--store", "memory", "--yes", "--allow-dirty", "--existing", "replace"}
			r := b.run(t, 0, args...)
			if !strings.Contains(string(r.Stderr), "was taken out for our guard") {
				t.Errorf("it does not say what became of the check:\n%s", r.Stderr)
			}
			p := b.startWith(t, "MCP_DEV_CODE="+devCode, b.Secret.Env+"="+oldSecret)
			defer p.Stop()
			a, err := b.Secret.Client(b.url(), oldSecret).Initialize(t.Context())
			b.mustRefuse(t, "with the old token", a, err)
			b.prove(t, p)
			b.openRoutes(t)
			p.Stop()
			b.onceAndBack(t, before, args)
		})
	}
}

// What would refuse everybody, or be missed, is left to a person: not a byte of the
// user's own source changes.
func TestExistingIsLeftToAPerson(t *testing.T) {
	for _, tt := range []struct{ server, existing, says string }{
		{"mcpgo-bearer", "add", "behind ours it would refuse everybody"},
		{"gosdk-bearer", "add", "behind ours it would refuse everybody"},
		{"mcpgo-ownkey", "replace", "it calls log.Printf at main.go:"},
	} {
		t.Run(tt.server, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			b := laid(t, tt.server)
			before := read(t, b.dir)
			r := b.migrate(t, 1, "--existing", tt.existing, "--no-verify")
			if all := string(r.Stdout) + string(r.Stderr); !strings.Contains(all, tt.says) {
				t.Errorf("it does not say %q:\n%s", tt.says, all)
			}
			if after := read(t, b.dir); after["main.go"] != before["main.go"] {
				t.Error("main.go changed")
			}
		})
	}
}
