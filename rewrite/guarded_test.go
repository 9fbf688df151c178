package rewrite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

func TestNamesOfResources(t *testing.T) {
	for id, want := range map[string][2]string{
		"admin": {"Admin", "ADMIN"}, "adminServer-2": {"AdminServer2", "ADMINSERVER_2"}, "s-2": {"S2", "S_2"}, "größe": {"Größe", "GR__E"},
	} {
		if got := [2]string{camel(id), upper(id)}; got != want {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
	}
}

// The variable of an earlier migration is not given to a second resource.
func TestFreshEnv(t *testing.T) {
	file := &load.File{}
	b := &builder{prog: &load.Program{Packages: []*load.Package{{Files: []*load.File{file}}}}}
	check := func(id, want string, further bool) {
		t.Helper()
		if got, f := b.freshEnv(id); got != want || f != further {
			t.Errorf("freshEnv(%s) = %s, %t; want %s, %t", id, got, f, want, further)
		}
	}
	check("notes", "MCP_RESOURCE_URL", false)
	b.sidecars = []*sidecar{{guards: []*guarded{{env: "MCP_RESOURCE_URL"}}}}
	check("admin", "MCP_RESOURCE_URL_ADMIN", true)
	b.sidecars = nil
	file.Src = []byte(`os.Getenv("MCP_RESOURCE_URL"); os.Getenv("MCP_RESOURCE_URL_ADMIN")`)
	check("admin", "MCP_RESOURCE_URL_ADMIN_2", true)
	check("notes", "MCP_RESOURCE_URL_NOTES", true)
}

// One guard has one URL, so that it may be made twice only where one of the two runs.
func TestExclusive(t *testing.T) {
	for src, want := range map[string]bool{
		"switch x { case 1: a(); case 2: b() }":       true,
		"switch x { case 1: a(); b() }":               false,
		"if x { a() } else { b() }":                   true,
		"if x { a() } else if y { z() } else { b() }": true,
		"if x { a(); b() }":                           false,
		"if x { a() }; b()":                           false,
		"go a(); b()":                                 false,
		"select { case <-x: a(); default: b() }":      true,
		"switch { case x: go a() }; b()":              false,
		"for { switch x { case 1: if y { a() }; case 2: func() { b() }() } }": true,
		"a(b())": false,
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "x.go", "package p\nfunc f() { "+src+" }\n", 0)
		if err != nil {
			t.Fatal(err)
		}
		file, sites := &load.File{AST: f}, map[string]sdk.Site{}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if id, ok := call.Fun.(*ast.Ident); ok {
					sites[id.Name] = sdk.Site{File: file, Node: call}
				}
			}
			return true
		})
		if got := exclusiveIn(file, sites["a"].Node, sites["b"].Node); got != want {
			t.Errorf("%s: %t, want %t", src, got, want)
		}
		if got := exclusiveIn(file, sites["b"].Node, sites["a"].Node); got != want {
			t.Errorf("%s, the other way round: %t, want %t", src, got, want)
		}
	}
}
