package analyze_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

// Each program in testdata/strangers has a check in front of its server, and says in its
// first line what that is worth: "open" is one that strangers get past, "checked" one
// that they don't, "shut" one of which that is found out too, and "slow" one that takes long to understand.

// TestNoCheckIsTrustedThatStrangersPass is the reason for the whole analysis of checks:
// protected is never said of a server that a stranger gets to.
func TestNoCheckIsTrustedThatStrangersPass(t *testing.T) {
	names, err := filepath.Glob("testdata/strangers/*.txtar")
	if err != nil || len(names) < 50 {
		t.Fatalf("%d programs: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			p, dir := stranger(t, name)
			start := time.Now()
			r := analysed(t, p)
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
			judgeStranger(t, dir, r)
		})
	}
}

// stranger loads one program without the go command, or several that use libraries with
// full types: the fast loader does not know those.
func stranger(t *testing.T, name string) (*load.Program, string) {
	t.Helper()
	extra := map[string]string{"go.sum": filepath.Join("..", "go.sum")}
	if strings.HasPrefix(filepath.Base(name), "library-") {
		dir := fixture.Unpack(t, name, extra)
		p, err := typed.Load(context.Background(), typed.Options{Dir: dir, Env: fixture.Offline})
		if err != nil {
			t.Fatal(err)
		}
		return p, dir
	}
	extra["go.mod"] = filepath.Join("testdata", "sdks.mod")
	dir := fixture.Unpack(t, name, extra)
	p, err := fast.Load(context.Background(), fast.Options{Dir: dir, SDKs: all.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	return p, dir
}

func judgeStranger(t *testing.T, dir string, r *analyze.Result) {
	t.Helper()
	found := 0
	for i, s := range r.Report().Servers {
		src, err := os.ReadFile(filepath.Join(dir, s.File))
		if err != nil {
			t.Fatal(err)
		}
		worth, why, _ := strings.Cut(strings.TrimPrefix(string(src), "// "), ": ")
		why, _, _ = strings.Cut(why, "\n")
		for _, tr := range r.Servers[i].Transports { // of several places, the worst counts
			found++
			switch {
			case worth == "checked" && tr.Verdict == "unprotected", worth != "checked" && worth != "shut" && tr.Verdict == "protected", worth == "shut" && tr.Verdict != "protected":
				t.Errorf("%s: %s: %s is said to be %s by %q: %s", s.File, worth, why, tr.Verdict, tr.Guard, tr.Reason)
			case !slices.Contains([]string{"open", "checked", "shut", "slow"}, worth):
				t.Errorf("%s does not say what its check is worth: %q", s.File, worth)
			}
		}
	}
	if found == 0 {
		t.Error("no transport was found")
	}
}
