package rewrite_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/mcp-migrate/mcp-migrate/rewrite"
)

// pasted pastes the text of every manual step in front of the statement that it is
// about, and builds a copy of the module: what a person is told to write compiles there.
func pasted(t *testing.T, dir string, plan *rewrite.Plan) {
	t.Helper()
	dst := filepath.Join(t.TempDir(), "pasted")
	if err := os.CopyFS(dst, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	texts := map[string]map[int]string{} // by file and line, as the plan was made for
	for _, s := range plan.Manual() {
		parts := strings.Split(s.Site, ":")
		line, err := strconv.Atoi(parts[1])
		if err != nil || s.Text == "" {
			t.Fatalf("manual step %q: no place or no text", s.Site)
		}
		if texts[parts[0]] == nil {
			texts[parts[0]] = map[int]string{}
		}
		texts[parts[0]][line] = s.Text
	}
	if len(texts) == 0 {
		t.Fatal("nothing is left to a person")
	}
	for file, at := range texts {
		name := filepath.Join(dst, file)
		for _, f := range plan.Files {
			if f.Rel == file {
				t.Fatalf("%s is edited as well: its lines have moved", file)
			}
		}
		put(t, dst, file, withTexts(t, name, at))
	}
	cmd := exec.CommandContext(t.Context(), "go", "vet", "./...")
	cmd.Dir = dst
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("what is to be pasted does not compile: %v\n%s", err, out)
	}
}

// withTexts returns a file with each text in front of the statement on its line.
func withTexts(t *testing.T, name string, at map[int]string) []byte {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	before := map[int]string{}
	for line, text := range at {
		before[statementLine(fset, f, line)] = text
	}
	var out strings.Builder
	n := 0
	for line := range strings.Lines(string(readFile(t, name))) {
		n++
		if text := before[n]; text != "" {
			fmt.Fprintf(&out, "{\n%s\n}\n", text)
		}
		out.WriteString(line)
		if strings.HasPrefix(line, "package ") && !usesImport(f, "net/http") {
			out.WriteString("\nimport \"net/http\"\n")
		}
	}
	if !usesImport(f, "net/http") {
		out.WriteString("\nvar _ http.Handler\n")
	}
	return []byte(out.String())
}

func usesImport(f *ast.File, path string) bool {
	for _, s := range f.Imports {
		if s.Path.Value == strconv.Quote(path) {
			return true
		}
	}
	return false
}

// statementLine returns the first line of the statement of a list that line is in.
func statementLine(fset *token.FileSet, f *ast.File, line int) int {
	at := fset.File(f.Pos()).LineStart(line)
	path, _ := astutil.PathEnclosingInterval(f, at+20, at+20)
	for i, n := range path {
		if _, ok := n.(*ast.BlockStmt); ok && i > 0 {
			return fset.Position(path[i-1].Pos()).Line
		}
	}
	return line
}
