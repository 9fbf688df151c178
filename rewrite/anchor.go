package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// An anchor is the statement before which a guard is made: the first one, in the
// innermost block that holds every site, that holds one of them.
type anchor struct {
	fset *token.FileSet
	pkg  *load.Package
	file *load.File
	stmt ast.Stmt
	path []ast.Node // what encloses stmt, innermost first
}

// findAnchor finds the anchor of sites, which must stand in one function.
func findAnchor(fset *token.FileSet, sites []sdk.Site) (*anchor, error) {
	for _, s := range sites[1:] {
		if !sameFunc(s, sites[0]) {
			return nil, manualf("the server is served in more than one function: guard each of them with the same guard")
		}
	}
	file := sites[0].File
	path, _ := astutil.PathEnclosingInterval(file.AST, sites[0].Node.Pos(), sites[0].Node.End())
	for i, n := range path {
		list := statements(n)
		if list == nil || !holdsAll(n, sites) {
			continue
		}
		if stmt := firstHolding(list, sites); stmt != nil {
			return &anchor{fset: fset, pkg: sites[0].Pkg, file: file, stmt: stmt, path: path[i:]}, nil
		}
	}
	return nil, manualf("the server is served outside of any function (in a package variable)")
}

func manualf(why string) error {
	return &sdk.ManualError{Why: why, Text: "mcpAuth, err := newMCPAuth()\nif err != nil { return err }\nmcpAuth.Mount(mux, \"/mcp\", handler)"}
}

// statements returns the statement list that n is, if it is one.
func statements(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

func holdsAll(n ast.Node, sites []sdk.Site) bool {
	for _, s := range sites {
		if s.Node.Pos() < n.Pos() || n.End() < s.Node.End() {
			return false
		}
	}
	return true
}

func firstHolding(list []ast.Stmt, sites []sdk.Site) ast.Stmt {
	for _, stmt := range list {
		for _, s := range sites {
			if stmt.Pos() <= s.Node.Pos() && s.Node.End() <= stmt.End() {
				return stmt
			}
		}
	}
	return nil
}

// sameFunc reports whether two sites stand in the same declared function.
func sameFunc(a, b sdk.Site) bool {
	if a.File != b.File {
		return false
	}
	fa, fb := declOf(a), declOf(b)
	return fa != nil && fa == fb
}

func declOf(s sdk.Site) *ast.FuncDecl {
	for _, d := range s.File.AST.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Pos() <= s.Node.Pos() && s.Node.End() <= f.End() {
			return f
		}
	}
	return nil
}

// insertionPoint returns the offset of the line on which new statements go: that
// of the anchor, or of the comment that is attached to it from above.
func (a *anchor) insertionPoint() (offset int, indent string, err error) {
	start := sdk.Offset(a.fset, a.file, a.stmt.Pos())
	line := edit.LineStart(a.file.Src, start)
	indent = edit.Indent(a.file.Src, start)
	if line+len(indent) != start {
		return 0, "", manualf("the statement that serves does not start its line")
	}
	if c := a.commentAbove(); c != nil {
		line = edit.LineStart(a.file.Src, sdk.Offset(a.fset, a.file, c.Pos()))
	}
	return line, indent, nil
}

// commentAbove returns the comment group that ends on the line above the anchor
// and starts a line of its own.
func (a *anchor) commentAbove() *ast.CommentGroup {
	above := a.fset.PositionFor(a.stmt.Pos(), false).Line - 1
	for _, c := range a.file.AST.Comments {
		if a.fset.PositionFor(c.End(), false).Line != above || c.Pos() > a.stmt.Pos() {
			continue
		}
		start := sdk.Offset(a.fset, a.file, c.Pos())
		if edit.LineStart(a.file.Src, start)+len(edit.Indent(a.file.Src, start)) == start {
			return c
		}
	}
	return nil
}

// scope returns the scope of the block that the anchor stands in. A scope that
// the anchor opens itself (if err := …) does not count.
func (a *anchor) scope() *types.Scope {
	for _, n := range a.path {
		switch f := n.(type) {
		case *ast.FuncLit:
			n = f.Type
		case *ast.FuncDecl:
			n = f.Type
		}
		if s := a.pkg.Info.Scopes[n]; s != nil {
			return s
		}
	}
	return nil
}

// fresh returns name, or name with a number, such that nothing visible at the
// anchor or declared in its scope is called so.
func (a *anchor) fresh(name string) string {
	for i := 1; ; i++ {
		candidate := name
		if i > 1 {
			candidate += strconv.Itoa(i)
		}
		if !a.visible(candidate) {
			return candidate
		}
	}
}

func (a *anchor) visible(name string) bool {
	scope := a.scope()
	if scope == nil {
		return false
	}
	_, obj := scope.LookupParent(name, token.NoPos)
	return obj != nil
}

// errName returns the name for the error: err, unless the block declares an err
// that is no error, or declares its own later, which would then not compile.
func (a *anchor) errName() string {
	scope := a.scope()
	if scope == nil {
		return "err"
	}
	obj := scope.Lookup("err")
	if obj == nil {
		return "err"
	}
	if obj.Pos() < a.stmt.Pos() && types.Identical(obj.Type(), types.Universe.Lookup("error").Type()) {
		return "err"
	}
	return a.fresh("mcpAuthErr")
}
