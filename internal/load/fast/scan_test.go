package fast

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
)

// TestScanFindsWhatTheParserFinds: over the standard library, the bodies found
// without parsing are those of the syntax tree.
func TestScanFindsWhatTheParserFinds(t *testing.T) {
	out, err := gocmd.Run(t.Context(), "", nil, "env", "GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	root := strings.TrimSpace(string(out))
	files, err := filepath.Glob(filepath.Join(root, "src", "*", "*.go"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files of the standard library: %v", len(files), err)
	}
	more, err := filepath.Glob(filepath.Join(root, "src", "*", "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(files, more...) {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sameUnits(t, name, src)
	}
}

func sameUnits(t *testing.T, name string, src []byte) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return
	}
	var want, got [][3]int
	at := func(p token.Pos) int { return fset.PositionFor(p, false).Offset }
	ast.Inspect(file, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncDecl:
			if x.Body != nil {
				want = append(want, [3]int{at(x.Type.Func), at(x.Body.Lbrace), at(x.Body.Rbrace) + 1})
			}
		case *ast.FuncLit:
			want = append(want, [3]int{at(x.Type.Func), at(x.Body.Lbrace), at(x.Body.Rbrace) + 1})
		}
		return true
	})
	for _, u := range (&lexer{src: src}).scan() {
		got = append(got, [3]int{u.start, u.open, u.end})
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: bodies differ", name)
	}
	if _, err := parser.ParseFile(fset, name, declared(src), parser.SkipObjectResolution); err != nil {
		t.Errorf("%s: without bodies it does not parse: %v", name, err)
	}
}

// TestScanOddShapes: braces that begin no body, and bodies behind them.
func TestScanOddShapes(t *testing.T) {
	for _, tt := range []struct {
		src  string
		want int
	}{
		{"package p\nfunc f() interface{ M() } { return nil }\n", 1},
		{"package p\nfunc f(x struct{ a int }) struct{ b int } { return struct{ b int }{1} }\n", 1},
		{"package p\nfunc f[T interface{ ~int | ~string }](x T) { go func() { g(func(int) {}) }() }\n", 3},
		{"package p\nfunc asm(x int) int\nvar x = []func() int{func() int { return 1 }}\n", 1},
		{"package p\ntype h func(int) error\nvar m = map[string]func(){\"a\": func() {}, \"}\": nil}\n", 1},
		{"package p\nfunc f() { r := '{'; s := `}`; t := \"\\\"}\" /* } */ // }\n}\n", 1},
		{"package p\nfunc f(\n\ta func() error,\n\tb int,\n) (\n\terr error,\n) {\n}\n", 1},
		{"package p\nfunc f(n func(http.Handler) http.Handler) func() { return func() {} }\n", 2},
	} {
		if got := len((&lexer{src: []byte(tt.src)}).scan()); got != tt.want {
			t.Errorf("%d bodies, want %d: %s", got, tt.want, tt.src)
		}
		sameUnits(t, strings.TrimSpace(tt.src), []byte(tt.src))
	}
}
