package rewrite

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// One file set and importer for all tests: the standard library is read once.
var (
	testFset     = token.NewFileSet()
	testImporter = importer.ForCompiler(testFset, "source", nil)
)

// checkSource type-checks one file that declares serve and transport, and
// returns the sites of the calls to them.
func checkSource(t *testing.T, src string) (*token.FileSet, []sdk.Site) {
	t.Helper()
	src += "\nfunc serve(args ...any) error { return nil }\nfunc transport(args ...any) any { return nil }\n"
	fset := testFset
	f, err := parser.ParseFile(fset, "main.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}, Scopes: map[ast.Node]*types.Scope{}}
	conf := types.Config{Importer: testImporter}
	pkg, err := conf.Check("p", fset, []*ast.File{f}, info)
	if err != nil {
		t.Fatal(err)
	}
	file := &load.File{Rel: "main.go", AST: f, Src: []byte(src)}
	lp := &load.Package{Path: "p", Name: f.Name.Name, Types: pkg, Info: info, Files: []*load.File{file}}
	var sites []sdk.Site
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok && (id.Name == "serve" || id.Name == "transport") {
				sites = append(sites, sdk.Site{Pkg: lp, File: file, Node: call})
			}
		}
		return true
	})
	return fset, sites
}

// declareGuard returns src with the guard made before the sites.
func declareGuard(t *testing.T, src string) (string, error) {
	t.Helper()
	fset, sites := checkSource(t, src)
	at, err := findAnchor(fset, sites)
	if err != nil {
		return "", err
	}
	g := &group{b: &builder{}, guard: &guarded{constructor: "newMCPAuth"}}
	lines, err := g.declare(at, at.fresh("mcpAuth"), "")
	if err != nil {
		return "", err
	}
	g.insert(at, lines)
	out, err := edit.Apply(sites[0].File.Src, []edit.Edit{g.edits[0].edit})
	return string(out), err
}

func TestDeclareGuard(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"log.Fatal, below the comment's line",
			"package main\nimport \"log\"\nfunc main() {\n\th := transport()\n\n\t// Serve it.\n\tlog.Fatal(serve(h))\n}\n",
			"{\n\tmcpAuth, err := newMCPAuth()\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\th := transport()\n"},
		{"the comment above stays with its statement",
			"package main\nimport \"log\"\nfunc main() {\n\tx := 1\n\t// Serve\n\t// it.\n\tlog.Fatal(serve(transport(x)))\n}\n",
			"x := 1\n\tmcpAuth, err := newMCPAuth()\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\t// Serve\n\t// it.\n"},
		{"a trailing comment is not the statement's",
			"package main\nimport \"log\"\nfunc main() {\n\tx := 1 // one\n\tlog.Fatal(serve(transport(x)))\n}\n",
			"x := 1 // one\n\tmcpAuth, err :="},
		{"return, with zero values",
			"package main\ntype T struct{}\nfunc run() (int, string, T, *T, error) {\n\treturn 0, \"\", T{}, nil, serve(transport())\n}\n",
			"\tif err != nil {\n\t\treturn 0, \"\", T{}, nil, err\n\t}\n\treturn 0,"},
		{"a closure that returns an error",
			"package main\nvar cmd = struct{ Run func() error }{}\nfunc setup() {\n\tcmd.Run = func() error {\n\t\treturn serve(transport())\n\t}\n}\n",
			"\t\tif err != nil {\n\t\t\treturn err\n\t\t}\n\t\treturn serve"},
		{"slog and exit",
			"package main\nimport (\n\t\"log/slog\"\n\t\"os\"\n)\nfunc main() {\n\tif err := serve(transport()); err != nil {\n\t\tslog.Error(\"x\", \"err\", err)\n\t\tos.Exit(1)\n\t}\n}\n",
			"\t\tslog.Error(\"set up MCP sign-in\", \"error\", err)\n\t\tos.Exit(1)\n\t}\n\tif err := serve"},
		{"fmt and exit",
			"package main\nimport (\n\t\"fmt\"\n\t\"os\"\n)\nfunc main() {\n\tif err := serve(transport()); err != nil {\n\t\tfmt.Fprintln(os.Stderr, err)\n\t\tos.Exit(1)\n\t}\n}\n",
			"\t\tfmt.Fprintln(os.Stderr, err)\n\t\tos.Exit(1)\n\t}\n\tif err := serve"},
		{"main without a way to fail panics",
			"package main\nfunc main() {\n\tserve(transport())\n}\n",
			"\t\tpanic(err)\n"},
		{"one case of a switch only, so that stdio needs no configuration",
			"package main\nimport \"log\"\nfunc main() {\n\tswitch mode := \"http\"; mode {\n\tcase \"stdio\":\n\t\tlog.Fatal(mode)\n\tcase \"http\":\n\t\th := transport()\n\t\tlog.Fatal(serve(h))\n\t}\n}\n",
			"case \"http\":\n\t\tmcpAuth, err := newMCPAuth()"},
		{"an err that is declared later in the block",
			"package main\nimport \"log\"\nfunc main() {\n\th := transport()\n\terr := serve(h)\n\tlog.Fatal(err)\n}\n",
			"\tmcpAuth, mcpAuthErr := newMCPAuth()\n\tif mcpAuthErr != nil {\n\t\tlog.Fatal(mcpAuthErr)\n"},
		{"an err from outside that the block sets",
			"package main\nimport \"log\"\nfunc main() {\n\tvar err error\n\tif true {\n\t\terr = serve(transport())\n\t}\n\tlog.Fatal(err)\n}\n",
			"\t\tmcpAuth, mcpAuthErr := newMCPAuth()"},
		{"an err of before that is read later",
			"package main\nimport (\n\t\"errors\"\n\t\"log\"\n)\nfunc main() {\n\terr := errors.New(\"kept\")\n\tserve(transport())\n\tlog.Fatal(err)\n}\n",
			"\tmcpAuth, mcpAuthErr := newMCPAuth()"},
		{"an err of before that is set anew",
			"package main\nimport (\n\t\"errors\"\n\t\"log\"\n)\nfunc main() {\n\terr := errors.New(\"done with\")\n\tlog.Print(err)\n\th := transport()\n\terr = serve(h)\n\tlog.Fatal(err)\n}\n",
			"\tmcpAuth, err := newMCPAuth()"},
		{"an err that a deferred function reads",
			"package main\nimport \"log\"\nfunc run() (err error) {\n\tdefer func() { log.Print(err) }()\n\terr = serve()\n\tserve(transport())\n\treturn nil\n}\n",
			"mcpAuth, mcpAuthErr := newMCPAuth()"},
		{"a statement in the middle of a line",
			"package main\nimport \"log\"\nfunc main() { log.Fatal(serve(transport())) }\n",
			"func main() { mcpAuth, err := newMCPAuth(); if err != nil { log.Fatal(err) }; log.Fatal("},
		{"an err of another type",
			"package main\nimport \"log\"\nfunc main() {\n\terr := 1\n\tlog.Fatal(err, serve(transport()))\n}\n",
			"\tmcpAuth, mcpAuthErr := newMCPAuth()"},
		{"a variable of the guard's name",
			"package main\nimport \"log\"\nvar mcpAuth int\nfunc main() {\n\tlog.Fatal(serve(transport(mcpAuth)))\n}\n",
			"\tmcpAuth2, err := newMCPAuth()"},
		{"renamed log",
			"package main\nimport l \"log\"\nfunc main() {\n\tl.Fatal(serve(transport()))\n}\n",
			"\t\tl.Fatal(err)\n"},
		{"a program's function that returns no error gives up as its file does",
			"package main\nimport \"log\"\nfunc main() {\n\tlog.Fatal(handler())\n}\nfunc handler() any {\n\treturn serve(transport())\n}\n",
			"func handler() any {\n\tmcpAuth, err := newMCPAuth()\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n"},
		{"a goroutine that serves",
			"package main\nimport \"log\"\nfunc main() {\n\th := transport()\n\tgo func() {\n\t\tlog.Fatal(serve(h))\n\t}()\n\tselect {}\n}\n",
			"func main() {\n\tmcpAuth, err := newMCPAuth()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := declareGuard(t, tt.src)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("got\n%s\nwant it to contain\n%s", got, tt.want)
			}
		})
	}
}

func TestDeclareGuardLeavesToAPerson(t *testing.T) {
	for name, src := range map[string]string{
		"package variable": "package main\nvar err = serve(transport())\n",
		"no error result":  "package p\nimport \"log\"\nfunc handler() any {\n\tlog.Fatal()\n\treturn transport()\n}\n",
		"no way to report": "package p\nfunc Serve() {\n\tserve(transport())\n}\n",
		"two functions":    "package main\nimport \"log\"\nfunc main() {\n\tlog.Fatal(serve(1))\n}\nfunc other() {\n\tlog.Fatal(serve(2))\n}\n",
	} {
		if got, err := declareGuard(t, src); err == nil {
			t.Errorf("%s: got\n%s", name, got)
		}
	}
}
