package analyze

import (
	"go/ast"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What a tool says of itself: that it only reads, or that it destroys.

// hints are what was said, at all the places that may be meant. A tool counts as
// read-only where all of them say so, and as destructive where one does.
type hints struct {
	asked, denied, destructive bool
}

func (h *hints) readOnly(is bool) { h.asked, h.denied = true, h.denied || !is }

func (h *hints) result() (readOnly, destructive bool) { return h.asked && !h.denied, h.destructive }

// optionHints reads the annotations that options of a maker call set.
func (a *analysis) optionHints(o flow.Origin, sym sdk.Symbol) (readOnly, destructive bool) {
	var h hints
	for _, opt := range a.options(o.Call, sym, o.Frame) {
		origins := a.origins(opt.call, opt.entry.sym.Item, opt.frame)
		switch opt.entry.sym.Effect {
		case sdk.EffectReadOnly:
			h.readOnly(a.isTrue(origins))
		case sdk.EffectDestructive:
			h.destructive = h.destructive || a.mayBeTrue(origins)
		case sdk.EffectAnnotations:
			r, d := a.hints(origins)
			h.readOnly(r)
			h.destructive = h.destructive || d
		}
	}
	return h.result()
}

// hints reads literals of the SDK's annotations.
func (a *analysis) hints(origins []flow.Origin) (readOnly, destructive bool) {
	var h hints
	for _, o := range origins {
		if e := a.litType(o); e != nil {
			h.readOnly(a.isTrue(a.fieldOf(o, e.typ.ReadOnly)))
			h.destructive = h.destructive || a.mayBeTrue(a.fieldOf(o, e.typ.Destructive))
		}
	}
	return h.result()
}

// mayBeTrue reports whether some origin is true.
func (a *analysis) mayBeTrue(origins []flow.Origin) bool {
	return slices.ContainsFunc(origins, func(o flow.Origin) bool { return a.isTrue([]flow.Origin{o}) })
}

// isTrue reports whether every origin is true, through helpers that return a
// pointer to their argument.
func (a *analysis) isTrue(origins []flow.Origin) bool {
	for _, o := range origins {
		switch {
		case o.Kind == flow.Const && o.Value == "true":
		case newOf(o) != nil:
			if !a.isTrue(a.flow.Origins(newOf(o), o.Frame)) {
				return false
			}
		case o.Kind == flow.Result && o.Call != nil && len(o.Call.Expr.Args) == 1 && a.book.lookup(o.Callee) == nil:
			if !a.isTrue(a.flow.Origins(o.Call.Expr.Args[0], o.Frame)) {
				return false
			}
		default:
			return false
		}
	}
	return len(origins) > 0
}

// newOf is the value that new(v) points to; nil for all else.
func newOf(o flow.Origin) ast.Expr {
	c, ok := o.Expr.(*ast.CallExpr)
	if !ok || o.Kind != flow.Literal || len(c.Args) != 1 {
		return nil
	}
	if tv := o.Frame.Fn.Pkg.Info.Types[c.Args[0]]; tv.IsType() {
		return nil
	}
	return c.Args[0]
}

// laterHints applies what is assigned after the definition was made: all annotations
// at once, or one of them. A tool only counts as read-only where it surely is, and as
// destructive where it may be.
func (a *analysis) laterHints(o flow.Origin, field string, readOnly, destructive bool) (bool, bool) {
	for _, s := range a.flow.Later(o.Expr, o.Frame.Fn) {
		if field == "" || len(s.Fields) == 0 || s.Fields[0] != field {
			continue
		}
		origins := a.flow.Origins(s.Val, a.flow.Root(s.In))
		if len(s.Fields) == 1 {
			r, d := a.hints(origins)
			readOnly, destructive = r && (s.Always || readOnly), d || destructive && !s.Always
			continue
		}
		switch e := a.annotation(s); {
		case e == nil || len(s.Fields) != 2:
		case s.Fields[1] == e.typ.ReadOnly:
			readOnly = a.isTrue(origins) && (s.Always || readOnly)
		case s.Fields[1] == e.typ.Destructive:
			destructive = a.mayBeTrue(origins) || destructive && !s.Always
		}
	}
	return readOnly, destructive
}

// annotation is the SDK's type that a store goes into.
func (a *analysis) annotation(s flow.Store) *typeEntry {
	sel, ok := ast.Unparen(s.To).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	t := s.In.Pkg.Info.TypeOf(sel.X)
	if t == nil {
		return nil
	}
	return a.book.typeOf(t)
}
