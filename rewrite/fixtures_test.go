package rewrite_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"go/format"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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

var update = flag.Bool("update", false, "rewrite the want files of testdata/rewrite/*.txtar; read the diff before you commit it")

// TestFixtures migrates each module of testdata/rewrite. The changes of the
// user's own files, and what is left to a person, must be those of the fixture's
// file "want"; the result must build and pass go vet; a second run, with the answers of
// the first, must plan nothing; and undo must give back the tree.
//
// A fixture without a go.mod gets testdata/NAME.mod and .sum by its first line's word
// ("mcp-go", "go-sdk"). The file "answers" changes the answers of the dev provider. The file "bytes" changes files before the migration: crlf,
// bom, cut (no final newline), crlf-line N, mode M, link TARGET. With a file "paste" the
// text of every manual step must compile where it is to be pasted.
func TestFixtures(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "rewrite", "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	quiet(t)
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			fixture(t, name)
		})
	}
}

func fixture(t *testing.T, name string) {
	ctx := context.Background()
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := lay(t, ar)
	before := snapshot(t, dir)
	change := answersOf(ar)
	plan := planOf(t, dir, change)
	compare(t, name, ar, described(ctx, plan))
	keepsFormat(t, plan)
	if err := rewrite.Verify(ctx, plan); err != nil {
		t.Fatal(err)
	}
	if err := rewrite.Write(ctx, plan); err != nil {
		t.Fatal(err)
	}
	again := planOf(t, dir, func(a *wizard.Answers) error { *a = plan.Answers; return nil }) // as they are on record
	if got := described(ctx, again); len(plan.Manual()) == 0 && !(again.Empty() && len(again.Manual()) == 0) {
		t.Errorf("a second run changes:\n%s", got)
	}
	if slices.ContainsFunc(ar.Files, func(f txtar.File) bool { return f.Name == "paste" }) {
		pasted(t, dir, plan)
	}
	if _, err := rewrite.Undo(ctx, dir); err != nil {
		t.Fatal(err)
	}
	if got := snapshot(t, dir); !maps.Equal(got, before) {
		t.Errorf("undo left another tree: %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(before)))
	}
}

// answersOf reads the file "answers" of a fixture: lines of a flag and its value.
func answersOf(ar *txtar.Archive) func(*wizard.Answers) error {
	var lines []string
	for _, f := range ar.Files {
		if f.Name == "answers" {
			lines = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
		}
	}
	return func(a *wizard.Answers) error {
		for _, line := range lines {
			flag, value, _ := strings.Cut(line, " ")
			fields := wizard.Fields()
			i := slices.IndexFunc(fields, func(f wizard.Field) bool { return f.Flag == flag })
			if i < 0 {
				return fmt.Errorf("answers: no flag %q", flag)
			}
			if err := fields[i].Set(a, strings.Split(value, ",")); err != nil {
				return err
			}
		}
		return nil
	}
}

// planOf loads, analyses and plans the module in dir.
func planOf(t *testing.T, dir string, change func(*wizard.Answers) error) *rewrite.Plan {
	t.Helper()
	ctx := context.Background()
	prog, err := typed.Load(ctx, typed.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	opt := rewrite.Options{Authlib: mcpmigrate.Bundle, Version: "v0.0.0-test", Wirers: all.Wirers()}
	res, err := analyze.Analyze(ctx, prog, all.Specs(), analyze.Options{TrustedAuthlib: rewrite.TrustedCopy(prog, opt)})
	if err != nil {
		t.Fatal(err)
	}
	ans := wizard.Answers{
		Provider: []string{"dev"}, Allow: []string{"anyone"}, Store: "memory", Requirement: "required",
		Unlisted: "deny", Stdio: "keep", Existing: "keep", Secrets: "keep", Authlib: "copy", AuthlibDir: "internal/authlib",
	}
	if change == nil {
		change = func(*wizard.Answers) error { return nil }
	}
	if err := change(&ans); err != nil {
		t.Fatal(err)
	}
	plan, err := rewrite.New(ctx, res, ans, opt)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// described writes what a person reads first: the changes of the user's own Go
// files and go.mod, where the wiring goes, and what is left to do by hand.
func described(ctx context.Context, p *rewrite.Plan) string {
	var b strings.Builder
	for _, f := range p.Files {
		switch {
		case f.Old != nil && f.Rel != "go.sum":
			b.Write(rewrite.Diff(ctx, &rewrite.Plan{Program: p.Program, Files: []rewrite.FileChange{f}}))
		case strings.Contains(f.Rel, "mcp_auth"), strings.HasSuffix(f.Rel, "manifest.json"):
			fmt.Fprintf(&b, "new %s\n", f.Rel)
		}
	}
	for _, s := range p.Steps {
		if s.Kind == rewrite.StepNote && s.Site != "" {
			fmt.Fprintf(&b, "note %s: %s\n", s.Site, s.Reason)
		}
	}
	for _, s := range p.Manual() {
		fmt.Fprintf(&b, "manual %s: %s\n", s.Site, s.Reason)
		for _, line := range strings.Split(strings.TrimSpace(s.Text), "\n") {
			fmt.Fprintf(&b, "\t%s\n", line)
		}
	}
	return strings.ReplaceAll(b.String(), "\r", "\\r")
}

func compare(t *testing.T, name string, ar *txtar.Archive, got string) {
	t.Helper()
	i := slices.IndexFunc(ar.Files, func(f txtar.File) bool { return f.Name == "want" })
	if i < 0 {
		i = len(ar.Files)
		ar.Files = append(ar.Files, txtar.File{Name: "want"})
	}
	// A space at the start keeps lines of the diff from looking like archive markers.
	want, text := string(ar.Files[i].Data), indent(got)
	if *update {
		ar.Files[i].Data = []byte(text)
		if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != want {
		t.Errorf("got:\n%s\nwant:\n%s", text, want)
	}
}

func indent(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(" " + strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}

// keepsFormat checks that a file that was as gofmt has it still is, whatever its
// line endings.
func keepsFormat(t *testing.T, p *rewrite.Plan) {
	t.Helper()
	clean := func(src []byte) bool {
		src = bytes.ReplaceAll(bytes.TrimPrefix(src, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
		out, err := format.Source(src)
		return err == nil && (bytes.Equal(out, src) || bytes.Equal(bytes.TrimSuffix(out, []byte("\n")), src))
	}
	for _, f := range p.Files {
		if strings.HasSuffix(f.Rel, ".go") && (f.Old == nil || clean(f.Old)) && !clean(f.New) {
			t.Errorf("%s is not as gofmt has it any more:\n%s", f.Rel, f.New)
		}
	}
}

// lay writes a fixture to a new folder.
func lay(t *testing.T, ar *txtar.Archive) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a folder")
	sdk, _, _ := strings.Cut(string(ar.Comment), " ")
	put(t, dir, "go.mod", readFile(t, filepath.Join("testdata", sdk+".mod")))
	put(t, dir, "go.sum", readFile(t, filepath.Join("testdata", sdk+".sum")))
	var changes string
	for _, f := range ar.Files {
		switch f.Name {
		case "want", "answers", "again", "person", "paste":
		case "bytes":
			changes = string(f.Data)
		default:
			put(t, dir, f.Name, f.Data)
		}
	}
	for line := range strings.Lines(changes) {
		disturb(t, dir, strings.Fields(line))
	}
	return dir
}

// disturb does what can't be written down in an archive.
func disturb(t *testing.T, dir string, words []string) {
	t.Helper()
	name := filepath.Join(dir, words[1])
	if words[0] == "link" {
		if err := os.Symlink(words[2], name); err != nil {
			t.Fatal(err)
		}
		return
	}
	src := readFile(t, name)
	switch words[0] {
	case "crlf":
		src = bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n"))
	case "bom":
		src = append([]byte("\ufeff"), src...)
	case "cut":
		src = bytes.TrimRight(src, "\n")
	case "crlf-line":
		lines := strings.SplitAfter(string(src), "\n")
		n, _ := strconv.Atoi(words[2])
		lines[n-1] = strings.TrimSuffix(lines[n-1], "\n") + "\r\n"
		src = []byte(strings.Join(lines, ""))
	case "mode":
		mode, _ := strconv.ParseUint(words[2], 8, 32)
		if err := os.Chmod(name, fs.FileMode(mode)); err != nil {
			t.Fatal(err)
		}
		return
	default:
		t.Fatalf("bytes: unknown change %q", words)
	}
	put(t, dir, words[1], src)
}

func put(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// snapshot returns every file below dir with its mode and bytes, or what it links to.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		switch out[rel] = info.Mode().String(); {
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(name)
			out[rel] += to
			return err
		case info.Mode().IsRegular():
			data, err := os.ReadFile(name)
			out[rel] += string(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
