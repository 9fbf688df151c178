package analyze

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Files that another build has: another system, other tags, cgo. Such a file that could
// make, serve or guard a server hides something; one that only registers, or only uses
// what does, is named.

// findSkipped judges the files that were not looked at.
func (a *analysis) findSkipped() {
	for _, s := range a.prog.Skipped {
		if !slices.ContainsFunc(s.Imports, a.ofSDK) {
			continue
		}
		how, built := load.OtherBuild(s.Rel, s.Src, slices.Contains(s.Imports, "C"))
		if how != "" {
			how = " (" + how + " takes it in)"
		}
		switch why := "the file imports an MCP SDK and was not looked at: " + s.Why + how; {
		case !built && s.Src != nil && ignored(s.Src):
			a.skipped = append(a.skipped, s.Rel+": "+why+"; no build has it, as its tag ignore says")
		case s.Src != nil && !a.serious(s.Src):
			a.skipped = append(a.skipped, s.Rel+": "+why+"; it makes and serves no server")
		default:
			a.incomplete[Incomplete{File: s.Rel, Line: 1, Why: why}] = true
		}
	}
	slices.Sort(a.skipped)
}

// ignored reports whether a constraint has the tag by which files say that they are
// built by nobody.
func ignored(src []byte) bool {
	head, _, _ := strings.Cut("\n"+string(src), "\npackage ")
	return strings.Contains(head, "//go:build ") && strings.Contains(head, "ignore")
}

// serious reports whether a file may make, serve or guard a server: it names what does
// so, or speaks HTTP. What can't be parsed may.
func (a *analysis) serious(src []byte) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return true
	}
	for _, spec := range f.Imports {
		if path := importPath(spec); path == netHTTP || path == "net" || spec.Name != nil && spec.Name.Name == "." {
			return true
		}
	}
	names := a.seriousNames()
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && names[sel.Sel.Name] {
			found = true
		}
		return !found
	})
	return found
}

// seriousNames are the names of what makes, serves or guards servers.
func (a *analysis) seriousNames() map[string]bool {
	names := map[string]bool{}
	for _, s := range a.specs {
		for _, sym := range s.Symbols {
			switch sym.Role {
			case sdk.RoleTool, sdk.RolePrompt, sdk.RoleResource, sdk.RoleDefine, sdk.RoleOption:
			default:
				names[sym.Name] = true
			}
		}
	}
	return names
}
