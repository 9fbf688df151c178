package analyze_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

// Programs that try to get a wrong verdict. The first line of each says what somebody
// who reads it with care would say: "open" for one that serves strangers, or callers with
// a token that they made up, "checked" for one that serves nobody else than it should,
// "protected" for one of the latter that is found out. Where the analysis is known to be
// wrong, in the direction that harms nobody, the line says how: "checked, but called
// unprotected".

// TestAttacksAsSkimmed judges every program of testdata/attack, read without the go command.
func TestAttacksAsSkimmed(t *testing.T) {
	dir := attacks(t, "*")
	p, err := fast.Load(t.Context(), fast.Options{Dir: dir, SDKs: all.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	if wrong := judged(t, p, 430); wrong != 3 {
		t.Errorf("%d programs are known to be called worse than they are", wrong)
	}
}

// TestAttacksWithTypes judges those that call libraries with full types: the other way of
// reading leaves the libraries out.
func TestAttacksWithTypes(t *testing.T) {
	p, err := typed.Load(t.Context(), typed.Options{Dir: attacks(t, "tokens", "verifiers", "handedout"), Env: fixture.Offline})
	if err != nil {
		t.Fatal(err)
	}
	if wrong := judged(t, p, 30); wrong != 0 {
		t.Errorf("%d programs are known to be called worse than they are", wrong)
	}
}

// attacks unpacks archives of programs into one module, so that they are loaded once.
func attacks(t *testing.T, names ...string) string {
	t.Helper()
	dir := fixture.Unpack(t, filepath.Join("testdata", "attack", "module.txtar"), map[string]string{"go.sum": filepath.Join("..", "go.sum")})
	for _, name := range names {
		list, err := filepath.Glob(filepath.Join("testdata", "attack", name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		for _, archive := range list {
			unpack(t, dir, archive)
		}
	}
	return dir
}

func unpack(t *testing.T, dir, archive string) {
	t.Helper()
	ar, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(f.Name)), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, dir, f.Name, string(f.Data))
	}
}

// judged analyses each program by itself, of which there are at least so many, and
// compares the verdict with what it wants. It returns how many are known to be wrong.
func judged(t *testing.T, p *load.Program, least int) (wrong int) {
	t.Helper()
	programs := map[string][]*load.Package{}
	for _, pkg := range p.Packages {
		name := program(pkg.Files[0].Rel)
		programs[name] = append(programs[name], pkg)
	}
	delete(programs, "stub")
	if len(programs) < least {
		t.Fatalf("%d programs were loaded", len(programs))
	}
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		t.Run(name, func(t *testing.T) {
			alone := *p
			alone.Packages = programs[name]
			r, err := analyze.Analyze(context.Background(), &alone, all.Specs(), analyze.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if wanted(t, r, filepath.Join(p.Dir, name, "main.go")) {
				wrong++
			}
		})
	}
	return wrong
}

var firstLine = regexp.MustCompile(`^// (open|checked|protected)(?:, but called (unprotected|unknown))?: (.+)\n`)

// wanted compares the verdict of a program with what its first line says, and reports
// whether it is one that is known to be wrong.
func wanted(t *testing.T, r *analyze.Result, file string) (known bool) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := firstLine.FindStringSubmatch(string(data))
	if want == nil {
		t.Fatal("its first line does not say what it is")
	}
	verdict, reason := worstOf(r)
	right := map[string][]analyze.Verdict{
		"open":      {analyze.Unprotected, analyze.Unknown},
		"checked":   {analyze.Protected, analyze.Unknown},
		"protected": {analyze.Protected},
	}[want[1]]
	switch called := analyze.Verdict(want[2]); {
	case called == "" && !slices.Contains(right, verdict):
		t.Errorf("is called %s (%s); it is %s: %s", verdict, strings.TrimSpace(reason), want[1], want[3])
	case called != "" && slices.Contains(right, called):
		t.Errorf("%s is not wrong of what is %s", called, want[1])
	case called != "" && verdict != called:
		t.Errorf("is called %s (%s), and no longer %s: its first line is to say so", verdict, strings.TrimSpace(reason), called)
	case called != "":
		t.Logf("known to be wrong: called %s (%s); it is %s: %s", verdict, strings.TrimSpace(reason), want[1], want[3])
		return true
	}
	return false
}

// worstOf returns the worst verdict on the transports of a program; "" when there is none.
func worstOf(r *analyze.Result) (verdict analyze.Verdict, reason string) {
	order := []analyze.Verdict{"", analyze.Protected, analyze.Unknown, analyze.Unprotected}
	for _, s := range r.Servers {
		for _, tr := range s.Transports {
			if slices.Index(order, tr.Verdict) > slices.Index(order, verdict) {
				verdict, reason = tr.Verdict, tr.Reason
			}
		}
	}
	return verdict, reason
}
