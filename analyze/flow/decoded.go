package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// Values that are read from data: json.Unmarshal(data, &v) and the like. What v holds
// afterwards is known to nobody who reads the program.

// decoding remembers the variables that a call outside of the module decodes into.
func (ix *indexer) decoding(c *Call) {
	if _, ok := decoder(c); !ok || c.Callee != nil && ix.g.mine[c.Callee.Pkg()] {
		return
	}
	for _, arg := range c.Expr.Args {
		u, ok := ast.Unparen(arg).(*ast.UnaryExpr)
		if !ok || u.Op != token.AND {
			continue
		}
		if id, ok := ast.Unparen(u.X).(*ast.Ident); ok {
			if v := varOf(ix.fn.Pkg.Info, id); v != nil {
				ix.g.filled[v] = append(ix.g.filled[v], c)
			}
		}
	}
}

// decoder names the function of a call that decodes, by what such functions are
// called in every package: it may be one that was not loaded.
func decoder(c *Call) (string, bool) {
	sel, ok := unindex(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	name, said := sel.Sel.Name, sel.Sel.Name
	if id, ok := sel.X.(*ast.Ident); ok {
		said = id.Name + "." + name
	}
	return said, strings.HasPrefix(name, "Unmarshal") || strings.HasPrefix(name, "Decode")
}

// decoded adds that v is filled from data, which does not reach unexported fields.
func (q *query) decoded(v *types.Var, f *Frame, path *Path) {
	for p := path; p != nil; p = p.tail {
		if p.step.Field != nil && !p.step.Field.Exported() {
			return
		}
	}
	for _, c := range q.g.filled[v] {
		if name, _ := decoder(c); c.In.live {
			q.emit(Origin{Kind: Unknown, Expr: c.Expr, Frame: q.g.within(c.In, q.g.Root(c.In), f), Var: v, Why: "filled in by " + name})
		}
	}
}
