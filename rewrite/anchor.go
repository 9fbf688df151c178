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

	program bool // the package is part of a program of the module
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
			return &anchor{fset: fset, pkg: sites[0].Pkg, file: file, stmt: stmt, path: path[i:], program: sites[0].Pkg.Name == "main"}, nil
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

// insertionPoint returns the offset at which new statements go: the line of the
// anchor, or of the comment that is attached to it from above. Where the anchor
// does not start its line they go right before it, in the line: inline is true.
func (a *anchor) insertionPoint() (offset int, indent string, inline bool) {
	start := sdk.Offset(a.fset, a.file, a.stmt.Pos())
	line := edit.LineStart(a.file.Src, start)
	indent = edit.Indent(a.file.Src, start)
	if line+len(indent) != start {
		return start, "", true
	}
	if c := a.commentAbove(); c != nil {
		line = edit.LineStart(a.file.Src, sdk.Offset(a.fset, a.file, c.Pos()))
	}
	return line, indent, false
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

// errName returns the name for the error: err, unless that would change what an
// err of the user's means. One that the block declared before may be set again
// where nobody reads it before it is set anew; one from outside must not be
// hidden from statements that use it.
func (a *anchor) errName() string {
	const name = "err"
	scope := a.scope()
	if scope == nil {
		return name
	}
	if obj := scope.Lookup(name); obj != nil {
		isError := types.Identical(obj.Type(), types.Universe.Lookup("error").Type())
		if obj.Pos() < a.stmt.Pos() && isError && !a.readLater(obj) {
			return name
		}
		return a.fresh("mcpAuthErr")
	}
	if _, obj := scope.LookupParent(name, a.stmt.Pos()); obj != nil && a.usedLater(obj) {
		return a.fresh("mcpAuthErr")
	}
	return name
}

// block returns the smallest statement list around the anchor, as a node.
func (a *anchor) block() ast.Node { return a.path[0] }

// usedLater reports whether the anchor or a statement behind it in its block uses obj.
func (a *anchor) usedLater(obj types.Object) bool { return len(a.usesLater(obj)) > 0 }

func (a *anchor) usesLater(obj types.Object) []*ast.Ident {
	var uses []*ast.Ident
	ast.Inspect(a.block(), func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Pos() >= a.stmt.Pos() && a.pkg.Info.Uses[id] == obj {
			uses = append(uses, id)
		}
		return true
	})
	return uses
}

// readLater reports whether obj, a variable of the anchor's own block, may be
// read behind the anchor before it is set anew, or is used by a function literal.
func (a *anchor) readLater(obj types.Object) bool {
	if a.captured(obj) {
		return true
	}
	uses := a.usesLater(obj)
	return len(uses) > 0 && !a.assigned(uses[0])
}

// assigned reports whether id is set by the statement it stands in, one of the
// anchor's own block or the head of one.
func (a *anchor) assigned(id *ast.Ident) bool {
	found := false
	for _, s := range statements(a.block()) {
		if s.Pos() > id.Pos() || id.Pos() >= s.End() {
			continue
		}
		if x, ok := s.(*ast.IfStmt); ok && x.Init != nil {
			s = x.Init
		}
		if x, ok := s.(*ast.AssignStmt); ok {
			for _, l := range x.Lhs {
				found = found || l == ast.Expr(id)
			}
		}
	}
	return found
}

// captured reports whether a function literal of the function around the anchor uses obj.
func (a *anchor) captured(obj types.Object) bool {
	_, body := a.enclosingFunc()
	found := false
	if body == nil {
		return true
	}
	ast.Inspect(body, func(n ast.Node) bool {
		lit, ok := n.(*ast.FuncLit)
		if !ok {
			return !found
		}
		ast.Inspect(lit, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && a.pkg.Info.Uses[id] == obj
			return !found
		})
		return false
	})
	return found
}
