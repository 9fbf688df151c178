package analyze_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

const require = "example.com/x/auth.Require"

// trusting unpacks the fixture with one text replaced by another, and analyses it.
func trusting(t *testing.T, old, new string, o analyze.Options) *analyze.Result {
	t.Helper()
	return skimmedWith(t, trustDir(t, old, new), o)
}

func trustDir(t *testing.T, old, new string) string {
	t.Helper()
	dir := fixture.Unpack(t, filepath.Join("testdata", "trusts.txtar"), map[string]string{
		"go.mod": filepath.Join("testdata", "sdks.mod"), "go.sum": filepath.Join("..", "go.sum"),
	})
	for _, name := range []string{"main.go", filepath.Join("auth", "auth.go")} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, name, strings.ReplaceAll(string(data), old, new))
	}
	return dir
}

func skimmedWith(t *testing.T, dir string, o analyze.Options) *analyze.Result {
	t.Helper()
	p, err := fast.Load(t.Context(), fast.Options{Dir: dir, SDKs: all.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	r, err := analyze.Analyze(t.Context(), p, all.Specs(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// named are options that trust a function, with the content that it has now.
func named(t *testing.T, fn string) analyze.Options {
	t.Helper()
	o := analyze.Options{Guards: []analyze.OwnGuard{{Func: fn, SHA256: "0", Reason: "asks the session service", File: "s.yaml", Line: 3, Column: 7}}}
	trusts := trusting(t, "", "", o).Trusts
	o.Guards[0].SHA256 = trusts[len(trusts)-1].SHA256
	return o
}

// verdicts returns the verdict and reason of each server's only place, by ID.
func verdicts(r *analyze.Result) map[string][2]string {
	out := map[string][2]string{}
	for _, s := range r.Report().Servers {
		out[s.ID] = [2]string{s.Transports[0].Verdict, s.Transports[0].Reason}
	}
	return out
}

// A function that is named counts, with every server behind it, and the report says whose
// word that is.
func TestNamedGuards(t *testing.T) {
	r := trusting(t, "", "", named(t, require))
	for id, want := range map[string]string{"server": "protected", "server-2": "unprotected", "server-3": "protected", "server-4": "protected"} {
		if got := verdicts(r)[id]; got[0] != want {
			t.Errorf("%s is %s: %s", id, got[0], got[1])
		}
	}
	if got := verdicts(r)["server"][1]; got != "trusted, and not proved: s.yaml:3 says asks the session service" {
		t.Errorf("the reason is %q", got)
	}
	for _, s := range r.Report().Servers {
		if tr := s.Transports[0]; s.ID == "server" && (tr.Trusted == nil || tr.Trusted.File != "s.yaml") {
			t.Errorf("not said whom to thank: %+v", tr)
		}
	}
	for _, trust := range r.Trusts {
		if trust.Func == require && (!trust.Used || trust.Fault != "") {
			t.Errorf("%+v", trust)
		}
	}
}

// Without a word of anybody nothing of this is protected.
func TestUnnamedGuards(t *testing.T) {
	got := verdicts(trusting(t, "//mcpauth:trusted asks the session service", "", analyze.Options{}))
	for id, want := range map[string]string{"server": "unknown", "server-2": "unprotected", "server-3": "unknown", "server-4": "unknown"} {
		if got[id][0] != want {
			t.Errorf("%s is %s: %s", id, got[id][0], got[id][1])
		}
	}
}

// The trust is in a content: it ends where the function, or a helper at any remove,
// becomes another one, and not where something else does.
func TestTrustEndsWithTheContent(t *testing.T) {
	o := named(t, require)
	for _, c := range []struct {
		old, new string
		counts   bool
	}{
		{"func unused() int { return 1 }", "func unused() int { return 2 }", true},
		{"\n", "\r\n", true},
		{"if !known(r) {", "if !known(r) && r.Host != \"x\" {", false},
		{"return sessions.Knows(r.Header.Get(\"Authorization\"))", "return true", false},
		{"var sessions asker", "var sessions asker = all{}\n\ntype all struct{}\n\nfunc (all) Knows(string) bool { return true }", false},
		{"type asker interface{ Knows(token string) bool }", "type asker = any2\n\ntype any2 interface{ Knows(token string) bool }", false},
		{"func Require(next", "func Require2(next", false},
	} {
		r := trusting(t, c.old, c.new, o)
		if got := verdicts(r)["server"][0]; (got == "protected") != c.counts {
			t.Errorf("%q → %q: %s", c.old, c.new, got)
		}
		if trust := r.Trusts[len(r.Trusts)-1]; (trust.Fault == "") != c.counts {
			t.Errorf("%q → %q: %+v", c.old, c.new, trust)
		}
	}
}

// What the code shows to be open stays so, whoever says what.
func TestTrustDoesNotOverrule(t *testing.T) {
	r := trusting(t, "", "", named(t, "example.com/x/auth.Waves"))
	if got := verdicts(r)["server-2"]; got[0] != "unprotected" {
		t.Errorf("%v", got)
	}
	if trust := r.Trusts[len(r.Trusts)-1]; trust.Used || trust.Overruled == "" {
		t.Errorf("%+v", trust)
	}
	o := analyze.Options{Guards: []analyze.OwnGuard{{Func: require, SHA256: "0", Reason: "x", File: "s.yaml"}}}
	o.Guards[0].SHA256 = trusting(t, "if !known(r) {", "if false {", o).Trusts[0].SHA256
	if got := verdicts(trusting(t, "if !known(r) {", "if false {", o))["server"]; got[0] == "protected" {
		t.Errorf("%v", got)
	}
}

// A comment counts for the line that it stands on, says why, and does not count where the
// settings come from elsewhere.
func TestTrustedComments(t *testing.T) {
	const comment = "//mcpauth:trusted asks the session service"
	for _, c := range []struct {
		new  string
		o    analyze.Options
		want string
	}{
		{comment, analyze.Options{}, "protected"},
		{comment, analyze.Options{NoComments: true}, "unknown"},
		{"//mcpauth:trusted", analyze.Options{}, "unknown"},
		{"// mcpauth:trusted asks", analyze.Options{}, "unknown"},
		{"//mcpauth:trust asks", analyze.Options{}, "unknown"},
	} {
		r := trusting(t, comment, c.new, c.o)
		if got := verdicts(r)["server-4"]; got[0] != c.want {
			t.Errorf("%s: %v", c.new, got)
		}
		if len(r.Trusts) != 1 || (r.Trusts[0].Fault == "") != (c.want == "protected") || r.Trusts[0].Line == 0 || r.Trusts[0].Column == 0 {
			t.Errorf("%s: %+v", c.new, r.Trusts)
		}
	}
}

// Both ways of reading a module come to the same content.
func TestContentIsTheSameForBothLoaders(t *testing.T) {
	o := analyze.Options{Guards: []analyze.OwnGuard{{Func: require, SHA256: "0", Reason: "x", File: "s.yaml"}, {Func: "example.com/x/auth.(*Keys).Require", SHA256: "0", Reason: "x", File: "s.yaml", Line: 1}}}
	dir := trustDir(t, "", "")
	p, err := typed.Load(context.Background(), typed.Options{Dir: dir, Env: fixture.Offline})
	if err != nil {
		t.Fatal(err)
	}
	r, err := analyze.Analyze(t.Context(), p, all.Specs(), o)
	if err != nil {
		t.Fatal(err)
	}
	fastly := skimmedWith(t, dir, o)
	seen := map[string]bool{}
	for i, trust := range r.Trusts {
		if trust.Func != "" && (trust.SHA256 == "" || trust.SHA256 != fastly.Trusts[i].SHA256) {
			t.Errorf("%s: %q and %q", trust.Func, trust.SHA256, fastly.Trusts[i].SHA256)
		}
		seen[trust.SHA256] = true
	}
	if len(seen) != 3 {
		t.Errorf("contents: %v", seen)
	}
}
