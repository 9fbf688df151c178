package analyze

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// The policy that the user's wiring gives the guard, read from its literal or its file.

// findPolicies reads the policies and gives each guarded server its own: the only
// one of the module, or the only one of the package that makes the transport.
func (a *analysis) findPolicies() {
	list := a.policies()
	for _, s := range a.servers {
		for _, t := range s.Transports {
			guarded := slices.ContainsFunc(t.Routes, func(r *Route) bool { return r.Guard == OurGuard })
			if guarded && (s.Policy == nil || s.Policy.Unknown != "") {
				s.Policy = nearest(list, t)
			}
		}
	}
}

// policies returns what the module has: literals and calls that read files. An empty
// literal beside others is what a function returns with an error.
func (a *analysis) policies() []*Policy {
	var list, empty []*Policy
	a.flow.Literals(func(fn *flow.Func, lit *ast.CompositeLit) {
		if !a.isPolicy(fn.Pkg.Info.TypeOf(lit)) || !a.mine(fn) {
			return
		}
		if p := a.readPolicy(fn, lit); len(lit.Elts) > 0 {
			list = append(list, p)
		} else {
			empty = append(empty, p)
		}
	})
	for _, c := range a.flow.Calls {
		if p := a.filePolicy(c); p != nil {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		list = empty
	}
	a.findChanges(list)
	return list
}

func (a *analysis) isPolicy(t types.Type) bool { return a.isAuthlib(orInvalid(t), "Policy") }

// findChanges notes where policies are changed after they were made: what they say
// then is not what was read.
func (a *analysis) findChanges(list []*Policy) {
	for _, fn := range a.flow.Funcs {
		if fn.Body == nil || !a.mine(fn) {
			continue
		}
		if at := a.changed(fn); at.IsValid() {
			for _, p := range list {
				if !neighbours(p.Site.Pkg, fn.Pkg) {
					continue
				}
				p.Partial = true
				if p.Doubt == "" {
					p.Doubt = "a policy is changed at " + a.where(fn, at) + ", so that it may say something else"
				}
			}
		}
	}
}

// neighbours reports whether a value may go from one package to the other by a call:
// they are the same, or one imports the other.
func neighbours(a, b *load.Package) bool {
	return a == b || slices.Contains(a.Types.Imports(), b.Types) || slices.Contains(b.Types.Imports(), a.Types)
}

// changed returns where fn assigns to a part of a policy, or gives a map of one to
// delete, clear or maps.Copy.
func (a *analysis) changed(fn *flow.Func) (at token.Pos) {
	info := fn.Pkg.Info
	part := func(e ast.Expr) {
		if at.IsValid() {
			return
		}
		for {
			switch x := ast.Unparen(e).(type) {
			case *ast.IndexExpr:
				e = x.X
				continue
			case *ast.SelectorExpr:
				if a.isPolicy(info.TypeOf(x.X)) {
					at = x.Pos()
					return
				}
				e = x.X
				continue
			}
			return
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			return false // a function of its own
		case *ast.AssignStmt:
			for _, l := range x.Lhs {
				part(l)
			}
		case *ast.CallExpr:
			switch lastName(x.Fun) {
			case "delete", "clear", "Copy", "Insert":
				if len(x.Args) > 0 {
					part(x.Args[0])
				}
			}
		}
		return true
	})
	return at
}

// nearest returns the policy of a transport. Where there are several and it can't be
// told which, nothing is known of it, which is not to have none.
func nearest(list []*Policy, t *Transport) *Policy {
	if len(list) == 0 {
		return nil
	}
	same := slices.DeleteFunc(slices.Clone(list), func(p *Policy) bool { return p.Site.Pkg != t.New.Pkg })
	switch {
	case len(list) == 1:
		return list[0]
	case len(same) == 1:
		return same[0]
	}
	return &Policy{Site: list[0].Site, Unknown: "there are several policies, and it was not found which one holds here"}
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
	case "Implies":
		r.p.Implies = r.table(e, f)
	case "RolePermissions":
		r.p.Permissions = r.table(e, f)
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

// table reads a map from names to lists of names.
func (r *policyReader) table(e ast.Expr, f *flow.Frame) map[string][]string {
	out := map[string][]string{}
	for _, o := range r.a.flow.Origins(e, f) {
		lit, ok := o.Expr.(*ast.CompositeLit)
		if !ok {
			r.p.Partial = r.p.Partial || o.Kind != flow.Nil
			continue
		}
		for _, elt := range lit.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				name := r.a.constant(kv.Key, o.Frame)
				out[name] = append(out[name], r.strings(kv.Value, o.Frame)...)
			}
		}
	}
	delete(out, "") // computed; what it stands for is not known
	return out
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
	case "AllScopes":
		one.Scopes = append(one.Scopes, r.strings(e, f)...)
	case "AnyScope":
		one.AnyScope = append(one.AnyScope, r.strings(e, f)...)
		one.Scopes = append(one.Scopes, r.strings(e, f)...)
	case "AnyRole":
		one.Roles = append(one.Roles, r.strings(e, f)...)
	case "AnyPermission":
		one.Permissions = append(one.Permissions, r.strings(e, f)...)
	case "AnyIssuer":
		one.Issuers = append(one.Issuers, r.strings(e, f)...)
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
