package analyze

import (
	"go/ast"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The policy that the user's wiring gives the guard, as far as it can be read
// from its literal.

// A policy is what one authlib.Policy literal says.
type policy struct {
	at        *ast.CompositeLit
	fn        *flow.Func
	base      *rule
	unlisted  string // name of the constant; "" is the zero value, which refuses
	partial   bool   // something in it is computed
	toolRules map[string]*rule
	promRules map[string]*rule
	resRules  map[string]*rule
}

type rule struct {
	expr   ast.Expr
	public bool
	scopes []string
	roles  []string
}

func (p *policy) tools() map[string]*rule {
	return p.rules(func() map[string]*rule { return p.toolRules })
}
func (p *policy) prompts() map[string]*rule {
	return p.rules(func() map[string]*rule { return p.promRules })
}
func (p *policy) resources() map[string]*rule {
	return p.rules(func() map[string]*rule { return p.resRules })
}

func (p *policy) rules(get func() map[string]*rule) map[string]*rule {
	if p == nil {
		return nil
	}
	return get()
}

// findPolicies reads the policies and gives each guarded server its own. With
// several in one module, that of the nearest package is taken.
func (a *analysis) findPolicies() {
	var list []*policy
	a.flow.Literals(func(fn *flow.Func, lit *ast.CompositeLit) {
		n := named(orInvalid(fn.Pkg.Info.TypeOf(lit)))
		if n == nil || n.Obj().Pkg() == nil || n.Obj().Name() != "Policy" || !a.book.authlib(n.Obj().Pkg().Path()) || !a.mine(fn) {
			return
		}
		list = append(list, a.readPolicy(fn, lit))
	})
	for _, s := range a.servers {
		for _, t := range s.Transports {
			if t.Guard == "authlib.Guard" && s.policy == nil {
				s.policy = nearest(list, t)
			}
		}
	}
}

// nearest picks the policy for a transport: the only one, or the only one in the
// package that makes the transport.
func nearest(list []*policy, t *Transport) *policy {
	if len(list) == 1 {
		return list[0]
	}
	var same *policy
	for _, p := range list {
		if p.fn.Pkg == t.New.Pkg {
			if same != nil {
				return nil
			}
			same = p
		}
	}
	return same
}

func (a *analysis) readPolicy(fn *flow.Func, lit *ast.CompositeLit) *policy {
	p := &policy{at: lit, fn: fn, toolRules: map[string]*rule{}, promRules: map[string]*rule{}, resRules: map[string]*rule{}}
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			p.partial = true
			continue
		}
		key, _ := kv.Key.(*ast.Ident)
		switch {
		case key == nil:
			p.partial = true
		case key.Name == "Base":
			p.base = a.readRule(fn, kv.Value, p)
		case key.Name == "Tools":
			a.readRules(fn, kv.Value, p.toolRules, p)
		case key.Name == "Prompts":
			a.readRules(fn, kv.Value, p.promRules, p)
		case key.Name == "Resources":
			a.readRules(fn, kv.Value, p.resRules, p)
		case key.Name == "Unlisted":
			p.unlisted = lastName(kv.Value)
		}
	}
	return p
}

func lastName(e ast.Expr) string {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return "computed"
}

// readRules reads a map literal of rules, also through a variable.
func (a *analysis) readRules(fn *flow.Func, e ast.Expr, into map[string]*rule, p *policy) {
	for _, o := range a.flow.Origins(e, a.flow.Root(fn)) {
		lit, ok := o.Expr.(*ast.CompositeLit)
		if !ok {
			p.partial = p.partial || o.Kind != flow.Nil
			continue
		}
		for _, elt := range lit.Elts {
			kv, ok := elt.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			name := a.constant(kv.Key, o.Frame)
			if name == "" {
				p.partial = true
				continue
			}
			into[name] = a.readRule(o.Frame.Fn, kv.Value, p)
		}
	}
}

func (a *analysis) readRule(fn *flow.Func, e ast.Expr, p *policy) *rule {
	r := &rule{expr: e}
	for _, o := range a.flow.Origins(e, a.flow.Root(fn)) {
		lit, ok := o.Expr.(*ast.CompositeLit)
		if !ok {
			p.partial = true
			continue
		}
		for _, elt := range lit.Elts {
			kv, ok := elt.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			a.readRuleField(r, lastName(kv.Key), kv.Value, o.Frame)
		}
	}
	return r
}

func (a *analysis) readRuleField(r *rule, field string, e ast.Expr, f *flow.Frame) {
	switch {
	case field == "Public":
		r.public = a.isTrue(a.flow.Origins(e, f))
	case strings.HasSuffix(field, "Scopes"), strings.HasSuffix(field, "Scope"):
		r.scopes = append(r.scopes, a.strings(e, f)...)
	case strings.HasSuffix(field, "Role"), strings.HasSuffix(field, "Roles"):
		r.roles = append(r.roles, a.strings(e, f)...)
	}
}

func (a *analysis) strings(e ast.Expr, f *flow.Frame) []string {
	var list []string
	for _, o := range a.flow.Elements(e, f) {
		if o.Kind == flow.Const {
			list = append(list, o.Value)
		}
	}
	return list
}
