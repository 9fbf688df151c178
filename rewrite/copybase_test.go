package rewrite

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/internal/demo/published"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

const atVersion = "v0.9.9"

// The text that a file was copied from is found in the version of this module that
// copied it, if it has the hash that the manifest says, and in no other.
func TestTextOfTheVersionThatCopied(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	env, err := published.Lay(ctx, root, t.TempDir(), atVersion)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	files, _, err := copySpec{importPath: "example.com/x/internal/authlib", packages: []string{"", "/apikey"}, version: atVersion}.render(mcpmigrate.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	m, ok := parseManifest(files[manifestName])
	if !ok {
		t.Fatal("no manifest")
	}
	of := func(name string) (string, error) {
		text, err := (&bases{b: &builder{prog: &load.Program{Dir: dir}}, dir: "internal/authlib", manifest: m}).of(ctx, name)
		return string(text), err
	}
	for _, name := range []string{"guard.go", "apikey/apikey.go"} {
		if files[name] == nil {
			t.Fatalf("no file %s", name)
		}
		if text, err := of(name); err != nil || text != string(files[name]) {
			t.Errorf("%s: %d bytes, %v; want the %d that were copied", name, len(text), err, len(files[name]))
		}
	}
	m.Files["guard.go"] = sumOf([]byte("another text"))
	if text, err := of("guard.go"); err == nil || text != "" || !strings.Contains(err.Error(), "has another text") {
		t.Errorf("a text with another hash: %q, %v", text, err)
	}
	for version, want := range map[string]string{"(devel)": "is no version that could be fetched", "-x": "is no version", "v0.0.1": "can't be fetched: "} {
		m.Version = version
		if _, err := of("guard.go"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("version %s: %v, want %q", version, err, want)
		}
	}
}

// The text is found in the commits first, however often the file was changed since.
func TestTextOfACommit(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	run := func(args ...string) {
		t.Helper()
		if out, ok := git(ctx, dir, append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...); !ok {
			t.Fatalf("git %s: %s", strings.Join(args, " "), out)
		}
	}
	run("init", "-q")
	name := filepath.Join(dir, "a file ö.go")
	for _, text := range []string{"one\n", "two\n", "three\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		run("add", ".")
		run("commit", "-q", "-m", text)
	}
	if got := committed(ctx, name, sumOf([]byte("one\n"))); string(got) != "one\n" {
		t.Errorf("the first text: %q", got)
	}
	if got := committed(ctx, name, sumOf([]byte("four\n"))); got != nil {
		t.Errorf("a text that was never there: %q", got)
	}
}
