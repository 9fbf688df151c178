package rewrite

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Layers that are put around a handler one statement after the other:
//
//	handler = withAuth(handler, token)
//	handler = withLogging(handler)

// A link is one such statement.
type link struct {
	stmt *ast.AssignStmt
	call *ast.CallExpr
}

// chain returns the statements that put layers around the local variable that e
// is; nil where it is none, or is set or used in any other way.
func (p *peeler) chain(e ast.Expr, t *analyze.Transport) []link {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := p.pkg.Info.Uses[id].(*types.Var)
	if !ok || v.Parent() == nil || v.Parent() == p.pkg.Types.Scope() || v.IsField() {
		return nil
	}
	var links []link
	for _, use := range p.uses(v) {
		l, ok := p.linkAt(use, v)
		switch {
		case ok && p.block(l.stmt) == p.block(v):
			if !slices.Contains(links, l) {
				links = append(links, l)
			}
		case !p.served(use, t):
			return nil
		}
	}
	return links
}

// linkAt returns the statement v = f(v) that a use of v is part of.
func (p *peeler) linkAt(use *ast.Ident, v *types.Var) (link, bool) {
	path, _ := astutil.PathEnclosingInterval(p.file.AST, use.Pos(), use.End())
	for _, n := range path[:min(4, len(path))] {
		s, ok := n.(*ast.AssignStmt)
		if !ok {
			continue
		}
		if s.Tok != token.ASSIGN || len(s.Lhs) != 1 || len(s.Rhs) != 1 || !p.is(s.Lhs[0], v) {
			return link{}, false
		}
		call, ok := ast.Unparen(s.Rhs[0]).(*ast.CallExpr)
		return link{s, call}, ok && p.is(p.handlerArg(call), v)
	}
	return link{}, false
}

func (p *peeler) is(e ast.Expr, v *types.Var) bool {
	id, ok := e.(*ast.Ident)
	return ok && p.pkg.Info.Uses[id] == v
}

// block returns the innermost block around something.
func (p *peeler) block(at interface{ Pos() token.Pos }) ast.Node {
	path, _ := astutil.PathEnclosingInterval(p.file.AST, at.Pos(), at.Pos())
	for _, n := range path {
		if statements(n) != nil {
			return n
		}
	}
	return nil
}

func (p *peeler) served(use *ast.Ident, t *analyze.Transport) bool {
	return slices.ContainsFunc(t.Routes, func(r *analyze.Route) bool { return r.Handler != nil && ast.Unparen(r.Handler) == ast.Expr(use) })
}

// unchain cuts the statements that put checks around the handler.
func (p *peeler) unchain(links []link) error {
	for _, l := range links {
		c := p.checkMade(l.call)
		if c == nil {
			continue
		}
		if p.commented(l.stmt) {
			return &sdk.ManualError{Why: "there is a comment at the statement that puts the check there"}
		}
		if !p.cutStatement(l.stmt) {
			return &sdk.ManualError{Why: "the statement that puts the check there shares a line with something else"}
		}
		p.left = slices.DeleteFunc(p.left, func(x *analyze.Check) bool { return x == c })
	}
	return nil
}

// cutStatement cuts a statement with its lines, unless it shares them.
func (p *peeler) cutStatement(stmt ast.Stmt) bool {
	fset, src := p.b.prog.Fset, p.file.Src
	start, end := sdk.Offset(fset, p.file, stmt.Pos()), sdk.Offset(fset, p.file, stmt.End())
	line := edit.LineStart(src, start)
	next := bytes.IndexByte(src[end:], '\n')
	if line+len(edit.Indent(src, start)) != start || next < 0 || len(bytes.TrimSpace(src[end:end+next])) > 0 {
		return false
	}
	p.spans = append(p.spans, span{stmt.Pos(), stmt.End()})
	p.cuts = append(p.cuts, cut{p.file, line, end + next + 1})
	return true
}
