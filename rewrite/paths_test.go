package rewrite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Two functions that each serve are exclusive only where no run leads to both: a guard
// that is made twice there ends the program, since both add their endpoints to one mux.
func TestExclusiveAcrossFunctions(t *testing.T) {
	const serving = `
func one() { a() }
func two() { b() }
func a()   {}
func b()   {}
func on(string) bool { return true }
func Fatal(...any) {}
var server interface{ ListenAndServe() error }
`
	for src, want := range map[string]bool{
		"func f() { if on(`x`) { one() } else { two() } }":                                                      true,
		"func f() { switch { case on(`x`): one(); default: two() } }":                                           true,
		"func f() { one(); two() }":                                                                             false,
		"func f() { one(); g() }; func g() { two() }":                                                           false,
		"func f() { two(); one() }":                                                                             false,
		"func f() { if on(`x`) { one(); return }; two() }":                                                      true,
		"func f() { if on(`x`) { one(); Fatal() }; two() }":                                                     true,
		"func f() { if on(`x`) { one() }; two() }":                                                              false,
		"func f() error { if on(`x`) { return g() }; two(); return nil }; func g() error { one(); return nil }": true,
		"func f() { g(); two() }; func g() { one(); server.ListenAndServe() }":                                  true,
		"func f() { go g(); two() }; func g() { one(); server.ListenAndServe() }":                               false,
		"func f() { two(); g() }; func g() { one(); server.ListenAndServe() }":                                  false,
		"func f() { g() }; func g() { one(); two(); server.ListenAndServe() }":                                  false,
		"var kept = []func(){one, two}":                                                                         true,
		"func f() []func() { return []func(){func() { one() }, func() { two() }} }":                             true,
		"func f() { func() { one() }(); two() }":                                                                false,
		"func f() { one() }; func g() { two() }":                                                                true,
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "x.go", "package p\n"+src+serving, 0)
		if err != nil {
			t.Fatal(err)
		}
		info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
		if _, err := (&types.Config{}).Check("p", fset, []*ast.File{f}, info); err != nil {
			t.Fatal(src, err)
		}
		file := &load.File{AST: f}
		pkg := &load.Package{Info: info, Files: []*load.File{file}}
		sites := map[string]sdk.Site{}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if id, ok := call.Fun.(*ast.Ident); ok {
					sites[id.Name] = sdk.Site{Pkg: pkg, File: file, Node: call}
				}
			}
			return true
		})
		b := &builder{prog: &load.Program{Packages: []*load.Package{pkg}}}
		if got := b.exclusive(sites["a"], sites["b"]); got != want {
			t.Errorf("%s: %t, want %t", src, got, want)
		}
		if got := b.exclusive(sites["b"], sites["a"]); got != want {
			t.Errorf("%s, the other way round: %t, want %t", src, got, want)
		}
	}
}
