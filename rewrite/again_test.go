package rewrite_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// TestAgain migrates each module of testdata/again with the answers of the file
// "answers", lets a person replace what the file "person" says, line by line as
// "FILE: old => new", and plans again with the answers of the file "again" besides. What
// the second run changes, the copy of the library and go.sum left out, must be the
// file "want"; the result must build; and a third run must plan nothing.
func TestAgain(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "again", "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no modules: %v", err)
	}
	quiet(t)
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			again(t, name)
		})
	}
}

func again(t *testing.T, name string) {
	ctx := context.Background()
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := lay(t, ar)
	first := answered(t, ar, "answers")
	plan := planAgain(t, dir, first, nil)
	if err := rewrite.Write(ctx, plan); err != nil {
		t.Fatal(err)
	}
	edited(t, dir, section(ar, "person"))
	second := answered(t, ar, "answers", "again")
	plan = planAgain(t, dir, second, &first)
	compare(t, name, ar, followed(ctx, plan))
	if err := rewrite.Verify(ctx, plan); err != nil {
		t.Fatal(err)
	}
	if err := rewrite.Write(ctx, plan); err != nil {
		t.Fatal(err)
	}
	if len(plan.Manual()) > 0 {
		second = first // what was not carried out is not on record
	}
	if third := planAgain(t, dir, second, &second); !third.Empty() {
		t.Errorf("a third run changes:\n%s", rewrite.Diff(ctx, third))
	}
}

// followed describes a plan without what is the tool's alone.
func followed(ctx context.Context, p *rewrite.Plan) string {
	shown := *p
	shown.Files = slices.DeleteFunc(slices.Clone(p.Files), func(f rewrite.FileChange) bool {
		return strings.Contains(f.Rel, "internal/authlib/") || f.Rel == "go.sum" || f.Rel == "AUTH.md" || f.Rel == ".env.example"
	})
	return described(ctx, &shown)
}

func section(ar *txtar.Archive, name string) string {
	for _, f := range ar.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// answered returns the answers of the dev provider with those of the named files.
func answered(t *testing.T, ar *txtar.Archive, files ...string) wizard.Answers {
	t.Helper()
	a := wizard.Answers{
		Provider: []string{"dev"}, Allow: []string{"anyone"}, Store: "memory", Requirement: "required",
		Unlisted: "deny", Stdio: "keep", Existing: "keep", Secrets: "keep", Authlib: "copy", AuthlibDir: "internal/authlib",
	}
	for _, name := range files {
		one := &txtar.Archive{Files: []txtar.File{{Name: "answers", Data: []byte(section(ar, name))}}}
		if section(ar, name) == "" {
			continue
		}
		if err := answersOf(one)(&a); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// edited does what a person did between the two runs.
func edited(t *testing.T, dir, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		file, change, _ := strings.Cut(strings.TrimRight(line, "\n"), ": ")
		old, now, ok := strings.Cut(change, " => ")
		src := string(readFile(t, filepath.Join(dir, file)))
		if !ok || strings.Count(src, old) != 1 {
			t.Fatalf("person: %q is not there once", old)
		}
		put(t, dir, file, []byte(strings.Replace(src, old, strings.ReplaceAll(now, `\n`, "\n"), 1)))
	}
}

func planAgain(t *testing.T, dir string, ans wizard.Answers, recorded *wizard.Answers) *rewrite.Plan {
	t.Helper()
	ctx := context.Background()
	prog, err := typed.Load(ctx, typed.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	opt := rewrite.Options{Authlib: mcpmigrate.Bundle, Version: "v0.0.0-test", Wirers: all.Wirers(), Recorded: recorded}
	res, err := analyze.Analyze(ctx, prog, all.Specs(), analyze.Options{TrustedAuthlib: rewrite.TrustedCopy(prog, opt)})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := rewrite.New(ctx, res, ans, opt)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
