package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// A server has an older authlib, in which any word before a token is as good as Bearer,
// and which somebody changed besides. Upgraded, it has that change still, and the
// fault no more.
func TestUpgradedCopyIsCalled(t *testing.T) {
	t.Parallel()
	two <- struct{}{}
	defer func() { <-two }()
	s, err := servers.Find("mcpgo-mux")
	if err != nil {
		t.Fatal(err)
	}
	b := lay(t, s)
	b.migrate(t, 0, "--no-verify")
	b.older(t, "authenticate.go", `!strings.EqualFold(scheme, "Bearer")`, `scheme == ""`)
	b.older(t, "challenge.go", `	h.Set("X-Content-Type-Options", "nosniff")`+"\n", "")
	b.commit(t)
	b.change(t, "challenge.go", "func (x *exchange) challenge(status int, code, description string, scopes []string) {\n", "\tx.w.Header().Set(\"X-Ours\", \"1\")\n")
	before := read(t, b.dir)
	b.run(t, 1, "lint", b.dir)
	b.run(t, 0, "upgrade", b.dir, "--yes", "--allow-dirty")
	b.upgradedIsCalled(t)
	b.run(t, 0, "upgrade", b.dir, "--dry-run", "--exit-code")
	b.run(t, 0, "undo", b.dir)
	same(t, "after undo", read(t, b.dir), before)
}

// upgradedIsCalled starts the server and calls it: as a stranger, with a token in the
// way that the older version let through, and as a user.
func (b *bed) upgradedIsCalled(t *testing.T) {
	t.Helper()
	p := b.start(t)
	defer p.Stop()
	v, err := signin.Connect(t.Context(), signin.Options{URL: b.url(), Browser: signin.Robot(map[string]string{"user": "ada", "code": devCode})})
	if err != nil {
		t.Fatalf("%v\noutput of the server:\n%s", err, p.Output())
	}
	defer v.Close()
	b.served(t, v)
	token, err := v.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for what, credential := range map[string]string{"a stranger": "", "a token after another word": "Anything " + token} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url(), strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		if credential != "" {
			r.Header.Set("Authorization", credential)
		}
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		b.mustRefuse(t, what, &probe.Answer{Status: got.StatusCode, Header: got.Header}, nil)
		for name, want := range map[string]string{"X-Ours": "1", "X-Content-Type-Options": "nosniff"} {
			if got.Header.Get(name) != want {
				t.Errorf("%s gets %s %q, want %q", what, name, got.Header.Get(name), want)
			}
		}
	}
}

// older makes a file of the copy what an older version copied: with another text, and
// the hash of that in the manifest.
func (b *bed) older(t *testing.T, name, now, then string) {
	t.Helper()
	text := b.replace(t, name, now, then)
	at := filepath.Join(b.dir, "internal", "authlib", "manifest.json")
	src, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(src, &m); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(text))
	m["version"], m["files"].(map[string]any)[name] = "v0.0.1", hex.EncodeToString(sum[:])
	if src, err = json.MarshalIndent(m, "", "  "); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, append(src, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// change puts lines after a text in a file of the copy.
func (b *bed) change(t *testing.T, name, after, lines string) {
	t.Helper()
	b.replace(t, name, after, after+lines)
}

func (b *bed) replace(t *testing.T, name, old, text string) string {
	t.Helper()
	at := filepath.Join(b.dir, "internal", "authlib", name)
	src, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(src), old) != 1 {
		t.Fatalf("%s does not have once what is to be replaced: %s", name, old)
	}
	out := strings.Replace(string(src), old, text, 1)
	if err := os.WriteFile(at, []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
	return out
}

// commit puts everything into a repository, which is where the text of a copied file is
// found later. The journal that a migration left is in another place.
func (b *bed) commit(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{
		{"init", "--quiet"}, {"add", "."},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "migrated"},
	} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = b.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
}
