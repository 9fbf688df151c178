package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/apikey"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// Checks in handlers of tools and around them become the policy: whom they let through is
// let through by what its key holds, and nobody by what it says of itself.
func TestChecksInHandlers(t *testing.T) {
	for _, name := range []string{"mcpgo", "gosdk"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			b := laid(t, name+"-mux")
			src, err := os.ReadFile(filepath.Join("testdata", "checks", name, "main.go"))
			if err != nil {
				t.Fatal(err)
			}
			b.write(t, "main.go", string(src))
			_ = os.Remove(filepath.Join(b.dir, "store.go")) // of the server whose go.mod it takes
			before := read(t, b.dir)
			args := []string{"migrate", b.dir, "--provider", "apikey", "--yes", "--allow-dirty", "--existing", "replace"}
			r := b.run(t, 0, args...)
			if !strings.Contains(string(r.Stderr), "the policy demands one of the scopes notes:admin, notes:read for either") {
				t.Errorf("it does not say what became of the checks:\n%s", r.Stderr)
			}
			p := b.startWith(t, checkKeys(t))
			b.demands(t)
			p.Stop()
			b.onceAndBack(t, before, args)
		})
	}
}

// keyed are the keys of the test, by what they hold.
var keyed = map[string]apikey.Key{
	"a": {Subject: "nothing"},
	"b": {Subject: "reader", Scopes: []string{"notes:read"}},
	"c": {Subject: "admin of notes", Scopes: []string{"notes:admin"}},
	"d": {Subject: "writer", Scopes: []string{"notes:read", "notes:write"}},
	"e": {Subject: "admin", Scopes: []string{"notes:write"}, Roles: []string{"admin"}},
	"f": {Subject: "admin without scopes", Roles: []string{"admin"}},
}

func checkKeys(t *testing.T) string {
	t.Helper()
	var keys []apikey.Key
	for letter, k := range keyed {
		sum := sha256.Sum256([]byte(apiKey(letter)))
		k.SHA256 = hex.EncodeToString(sum[:])
		keys = append(keys, k)
	}
	src, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, src, 0o600); err != nil {
		t.Fatal(err)
	}
	return "MCP_API_KEYS_FILE=" + file
}

// demands calls each tool with each key, which says besides that it is all that the
// checks asked for.
func (b *bed) demands(t *testing.T) {
	t.Helper()
	for _, tt := range []struct{ tool, passes, scope string }{
		{"list_notes", "abcdef", ""},
		{"either", "bcd", ""},
		{"both", "d", "notes:read notes:write"},
		{"purge", "e", "notes:write"},
	} {
		for letter, k := range keyed {
			c := &probe.Client{URL: b.url(), Token: apiKey(letter), HTTP: &http.Client{Transport: boaster{}}}
			if a, err := c.Initialize(t.Context()); err != nil || a.Result == nil {
				t.Fatalf("initialize: %+v, %v", a, err)
			}
			a, err := c.CallTool(t.Context(), tt.tool, map[string]any{})
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(tt.passes, letter) {
				if a.Status != http.StatusOK || !strings.Contains(string(a.Result), "done") {
					t.Errorf("%s by %s: %d %s", tt.tool, k.Subject, a.Status, a.Result)
				}
				continue
			}
			mustLack(t, tt.tool, tt.scope, k, a)
		}
	}
	a, err := (&probe.Client{URL: b.url()}).CallTool(t.Context(), "list_notes", nil)
	b.mustRefuse(t, "a stranger", a, err)
}

// A boaster says of every request that its sender is all that the checks asked for.
type boaster struct{}

func (boaster) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Scopes", "notes:read notes:write notes:admin")
	r.Header.Set("X-Role", "admin")
	return http.DefaultTransport.RoundTrip(r)
}

// mustLack makes sure that a call was refused, with the scopes that are missing if it is
// scopes (RFC 6750 §3.1), and without any if it is a role.
func mustLack(t *testing.T, tool, scope string, k apikey.Key, a *probe.Answer) {
	t.Helper()
	challenge := a.Header.Get("WWW-Authenticate")
	if a.Status != http.StatusForbidden || a.Result != nil {
		t.Errorf("%s by %s: %d %s; want 403", tool, k.Subject, a.Status, a.Result)
	}
	if tool == "purge" && len(k.Roles) == 0 {
		if challenge != "" {
			t.Errorf("%s by %s: challenge %s for a role", tool, k.Subject, challenge)
		}
		return
	}
	if !strings.Contains(challenge, `error="insufficient_scope"`) || !strings.Contains(challenge, `scope="`) || !strings.Contains(challenge, scope) {
		t.Errorf("%s by %s: challenge %s", tool, k.Subject, challenge)
	}
}
