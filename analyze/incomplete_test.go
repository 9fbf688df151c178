package analyze_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not downloaded") }

// TestSDKNotLoaded checks that a program whose SDK could not be loaded is never
// reported as one without servers.
func TestSDKNotLoaded(t *testing.T) {
	sdk := all.Specs()[0].Module + "/server"
	src := "package main\n\nimport \"" + sdk + "\"\n\nfunc main() { server.NewMCPServer(\"a\", \"1\") }\n"
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "main.go", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	conf := types.Config{Importer: noImports{}, Error: func(error) {}}
	pkg, _ := conf.Check("example.com/x", fset, []*ast.File{f}, info)
	file := &load.File{Path: "/x/main.go", Rel: "main.go", AST: f, Src: []byte(src)}
	p := &load.Program{Module: "example.com/x", Fset: fset, Packages: []*load.Package{
		{Path: "example.com/x", Name: "main", Types: pkg, Info: info, Files: []*load.File{file}},
	}}
	r := analysed(t, p)
	if len(r.Incomplete) != 1 || !strings.Contains(r.Incomplete[0].Why, sdk) || r.Report().Complete {
		t.Errorf("incomplete: %+v", r.Incomplete)
	}
}
