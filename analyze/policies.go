package analyze

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// The policy that the user's wiring gives the guard, read from its literal.

// findPolicies reads the policies and gives each guarded server its own: the only
// one of the module, or the only one of the package that makes the transport.
func (a *analysis) findPolicies() {
	var list []*Policy
	a.flow.Literals(func(fn *flow.Func, lit *ast.CompositeLit) {
		n := named(orInvalid(fn.Pkg.Info.TypeOf(lit)))
		if n == nil || n.Obj().Pkg() == nil || n.Obj().Name() != "Policy" || !a.book.authlib(n.Obj().Pkg().Path()) || !a.mine(fn) {
			return
		}
		list = append(list, a.readPolicy(fn, lit))
	})
	for _, s := range a.servers {
		for _, t := range s.Transports {
			guarded := slices.ContainsFunc(t.Routes, func(r *Route) bool { return r.Guard == OurGuard })
			if guarded && s.Policy == nil {
				s.Policy = nearest(list, t)
			}
		}
	}
}

func nearest(list []*Policy, t *Transport) *Policy {
	if len(list) == 1 {
		return list[0]
	}
	var same *Policy
	for _, p := range list {
		if p.Site.Pkg != t.New.Pkg {
			continue
		}
		if same != nil {
			return nil
		}
		same = p
	}
	return same
}

// A policyReader reads one literal.
type policyReader struct {
	a  *analysis
	fn *flow.Func
	p  *Policy
}

func (a *analysis) readPolicy(fn *flow.Func, lit *ast.CompositeLit) *Policy {
	p := &Policy{
		Site:  a.site(sdk.RoleGuard, fn, lit),
		Tools: map[string]PolicyRule{}, Prompts: map[string]PolicyRule{}, Resources: map[string]PolicyRule{},
	}
	r := &policyReader{a, fn, p}
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			p.Partial = true
			continue
		}
		r.field(lastName(kv.Key), kv.Value)
	}
	return p
}

func (r *policyReader) field(name string, e ast.Expr) {
	f := r.a.flow.Root(r.fn)
	switch name {
	case "Base":
		r.p.Base = r.rule(e, f)
	case "Tools":
		r.rules(e, f, r.p.Tools)
	case "Prompts":
		r.rules(e, f, r.p.Prompts)
	case "Resources":
		r.rules(e, f, r.p.Resources)
	case "Unlisted":
		r.p.UnlistedBase = lastName(e) == "UnlistedBase"
	}
}

func lastName(e ast.Expr) string {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}

// rules reads a map of rules, also through variables and calls.
func (r *policyReader) rules(e ast.Expr, f *flow.Frame, into map[string]PolicyRule) {
	for _, o := range r.a.flow.Origins(e, f) {
		lit, ok := o.Expr.(*ast.CompositeLit)
		if !ok {
			r.p.Partial = r.p.Partial || o.Kind != flow.Nil
			continue
		}
		for _, elt := range lit.Elts {
			kv, ok := elt.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			name := r.a.constant(kv.Key, o.Frame)
			if name == "" {
				r.p.Partial = true
				continue
			}
			one := r.rule(kv.Value, o.Frame)
			one.Site = r.a.site(sdk.RoleGuard, o.Frame.Fn, kv.Key)
			into[name] = one
		}
	}
}

func (r *policyReader) rule(e ast.Expr, f *flow.Frame) PolicyRule {
	one := PolicyRule{Site: r.a.site(sdk.RoleGuard, f.Fn, e)}
	for _, o := range r.a.flow.Origins(e, f) {
		lit, ok := o.Expr.(*ast.CompositeLit)
		if !ok {
			r.p.Partial = true
			continue
		}
		for _, elt := range lit.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				r.demand(&one, lastName(kv.Key), kv.Value, o.Frame)
			}
		}
	}
	return one
}

func (r *policyReader) demand(one *PolicyRule, field string, e ast.Expr, f *flow.Frame) {
	switch field {
	case "Public":
		one.Public = r.a.isTrue(r.a.flow.Origins(e, f))
	case "AllScopes", "AnyScope":
		one.Scopes = append(one.Scopes, r.strings(e, f)...)
	case "AnyRole":
		one.Roles = append(one.Roles, r.strings(e, f)...)
	}
}

func (r *policyReader) strings(e ast.Expr, f *flow.Frame) []string {
	var list []string
	for _, o := range r.a.flow.Elements(e, f) {
		if o.Kind != flow.Const {
			r.p.Partial = true
			continue
		}
		list = append(list, strings.TrimSpace(o.Value))
	}
	return list
}
