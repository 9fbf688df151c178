package analyze

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What stands in front of a handler, and whether it is known to refuse strangers.

// oursLayer is the layer of a guard that is ours, if its code is known to be and
// its verifier verifies. call is made on the guard, in activation f.
func (a *analysis) oursLayer(e *entry, call *flow.Call, f *flow.Frame, c chain) chain {
	l := &layer{name: OurGuard, kind: GuardNone, verdict: Unknown, trail: c}
	at := a.where(call.In, call.Expr.Pos())
	if !e.sure {
		l.reason = "the copy of authlib that guards it at " + at + " is not as this version copies it: it is of another version, or was changed"
		return l
	}
	if why := a.weakGuard(a.flow.Receiver(call, f), 0); why != "" {
		l.reason = "the guard at " + at + " is as good as its verifier, and " + why
		return l
	}
	l.kind, l.verdict = GuardVerified, Protected
	return l
}

// weakGuard says why a guard of ours may let strangers in: the verifier that it
// was made with is the user's own and does not look at token and audience.
func (a *analysis) weakGuard(guards []flow.Origin, depth int) string {
	for _, o := range guards {
		if o.Kind != flow.Result || o.Callee == nil || o.Callee.Pkg() == nil || !a.book.authlib(o.Callee.Pkg().Path()) || depth > 4 {
			continue
		}
		info := o.Call.In.Pkg.Info
		for _, arg := range o.Call.Expr.Args {
			why := ""
			switch t := orInvalid(info.TypeOf(arg)); {
			case a.isAuthlib(t, "Guard"):
				why = a.weakGuard(a.flow.Origins(arg, o.Frame), depth+1)
			case a.isAuthlib(t, "Config"):
				if v := fieldNamed(info, arg, "Verifier"); v != nil {
					why = a.weakVerifiers(a.flow.Field(arg, o.Frame, v))
				}
			}
			if why != "" {
				return why
			}
		}
	}
	return ""
}

// isAuthlib reports whether t is authlib's type of that name, through a pointer.
func (a *analysis) isAuthlib(t types.Type, name string) bool {
	n := named(t)
	return n != nil && n.Obj().Name() == name && n.Obj().Pkg() != nil && a.book.authlib(n.Obj().Pkg().Path())
}

// weakVerifiers is weakVerifier for values of a verifier's interface type. None
// at all is no weakness: without a verifier no guard is made.
func (a *analysis) weakVerifiers(origins []flow.Origin) string {
	for _, o := range origins {
		if o.Kind == flow.Literal {
			t := orInvalid(o.Frame.Fn.Pkg.Info.TypeOf(o.Expr))
			if n := named(t); n != nil && n.Obj().Pkg() != nil && a.book.authlib(n.Obj().Pkg().Path()) {
				continue
			}
			m, _, _ := types.LookupFieldOrMethod(t, true, o.Frame.Fn.Pkg.Types, "Verify")
			f, _ := m.(*types.Func)
			if f == nil || a.flow.FuncOf(f) == nil {
				return "what it verifies with was not found"
			}
			o = flow.Origin{Kind: flow.Value, Fn: a.flow.FuncOf(f), Callee: f, Expr: o.Expr, Frame: o.Frame}
		}
		if why := a.weakVerifier([]flow.Origin{o}); why != "" {
			return why
		}
	}
	return ""
}

// isGuardFactory reports whether an origin is the result of an SDK's function
// that makes a guard: f(verifier)(handler).
func (a *analysis) isGuardFactory(o flow.Origin) bool {
	e := a.book.lookup(o.Callee)
	return o.Kind == flow.Result && e != nil && e.sym.Role == sdk.RoleGuard && e.sym.Handler == sdk.None
}

// factoryLayer is the layer of an SDK's guard, which is as good as its verifier.
func (a *analysis) factoryLayer(o flow.Origin, c chain) chain {
	e := a.book.lookup(o.Callee)
	l := &layer{name: funcName(o.Callee), kind: GuardVerified, verdict: Protected, trail: c}
	if why := a.weakVerifier(a.origins(o.Call, e.sym.Verifier, o.Frame)); why != "" {
		l.kind, l.verdict = GuardNone, Unknown
		l.reason = l.name + " at " + a.where(o.Call.In, o.Call.Expr.Pos()) + " is as good as its verifier, and " + why
	}
	l.check = a.factoryCheck(o, l)
	return l
}

// weakVerifier says why a verifier is not to be trusted; "" when it is ours, or
// looks at the token and at who the token was issued for (RFC 8707 §2).
func (a *analysis) weakVerifier(origins []flow.Origin) string {
	for _, o := range origins {
		switch {
		case o.Callee != nil && o.Callee.Pkg() != nil && a.book.authlib(o.Callee.Pkg().Path()):
			// ours
		case o.Kind == flow.Value && o.Fn == nil, o.Kind == flow.Result:
			return "that is " + a.source(o) + ", which is not known"
		case o.Kind != flow.Value:
			return "where it comes from was not found"
		default:
			if why := a.weakBody(o.Fn); why != "" {
				return "that of " + a.where(o.Fn, o.Fn.Pos()) + " " + why
			}
		}
	}
	if len(origins) == 0 {
		return "where it comes from was not found"
	}
	return ""
}

// ownLayer is the layer of a handler of the user's own that looks at who is
// calling; nil for one that doesn't.
func (a *analysis) ownLayer(fn *flow.Func, c chain) chain { return a.layerOf(fn, c, a.gateOf) }

// layerOf is ownLayer with the way in which the handler's body is run.
func (a *analysis) layerOf(fn *flow.Func, c chain, gateOf func(*flow.Func) *gate) chain {
	l, changes := a.trustedLayer(fn, a.ownVerdict(fn, c, gateOf), c), a.changesRequest(fn, 0)
	switch {
	case l != nil:
		l.check, l.changes = a.ownCheck(fn, l), changes
	case changes || fn.Sig != nil && takesRequest(fn.Sig) && a.takesCredential(fn):
		return &layer{name: title(fn), kind: GuardNone, verdict: Unprotected, trail: c, changes: changes, silent: true, takes: a.takesCredential(fn)}
	}
	return l
}

func (a *analysis) ownVerdict(fn *flow.Func, c chain, gateOf func(*flow.Func) *gate) chain {
	s := a.signs(fn, 0)
	if !s.refuses && !s.credential || fn.Sig == nil || !takesRequest(fn.Sig) {
		return nil
	}
	l := &layer{name: title(fn), kind: GuardNone, verdict: Unknown, own: true, trail: c}
	at, g := a.where(fn, fn.Pos()), gateOf(fn)
	l.preflight = g.preflight
	if g.proved || g.compares {
		l.kind = GuardVerified
	}
	switch {
	case g.handed && !s.refuses && !g.stops:
		l.kind, l.verdict, l.idle = GuardNone, Unprotected, true
		if len(a.headersRead(fn, 0)) > 0 {
			l.kind = GuardPassthrough
		}
		l.reason = "the handler at " + at + " reads a credential but refuses nobody"
	case g.shut() && g.issued && !a.comparesAudience(fn, 0):
		l.reason = "the check of your own at " + at + " verifies a token, and does not look at its audience"
	case g.shut():
		l.verdict = Protected
	case g.open:
		l.verdict = Unprotected
		a.openGate(l, fn, g, s)
	case g.doubt != "":
		l.reason = "the check of your own at " + at + " refuses some callers, and " + g.doubt
	case s.credential:
		l.reason = "the check of your own at " + at + " reads a credential and refuses some callers; whether it verifies the credential is not known"
	default:
		l.reason = "the handler of your own at " + at + " refuses some callers; by what is not known"
	}
	return l
}

// openGate says how a stranger gets past a handler that refuses some callers.
func (a *analysis) openGate(l *layer, fn *flow.Func, g *gate, s signs) {
	at := a.where(fn, fn.Pos())
	switch {
	case g.proved && g.exempt != "":
		l.reason = "the check of your own at " + at + " verifies a credential, but not always: " + g.exempt + " decides, and without it everybody is let through"
	case g.compares && g.unset != "":
		l.reason = "the check of your own at " + at + " compares a credential, but not always: " + g.unset + " decides, and without it everybody is let through"
	case g.proved:
		l.reason = "the check of your own at " + at + " verifies a credential on some paths only, and lets other callers through"
	case a.anywhere(fn, 0, func(name string) bool { return name == "ParseUnverified" }):
		l.kind = GuardPassthrough
		l.reason = "the check of your own at " + at + " decodes a token, and never verifies its signature: anybody can write one"
	case g.demands && g.doubt != "":
		l.kind = GuardPassthrough
		l.reason = "the check of your own at " + at + " asks for a credential and does not always verify it: there is a way past it with any value; on another, " + g.doubt
	case g.demands:
		l.kind = GuardPassthrough
		l.reason = "the check of your own at " + at + " asks for a credential and never verifies it: any value gets in"
	case s.credential, a.takesCredential(fn):
		l.kind = GuardPassthrough
		l.reason = "the handler at " + at + " reads a credential, and lets callers through without one that was verified"
	default:
		l.reason = "the handler of your own at " + at + " refuses by what every caller can set as it likes, such as the origin, and asks nobody who is calling"
	}
}

// signs are what a body does that a guard does.
type signs struct {
	refuses    bool // answers 401 or 403
	credential bool // reads a header or cookie that carries a credential
}

// credentialHeaders are the headers that carry one, in lower case.
var credentialHeaders = map[string]bool{
	"authorization": true, "x-api-key": true, "api-key": true, "x-auth-token": true, "proxy-authorization": true, "cookie": true,
}

// signs looks at fn and, two calls deep, at what it calls in the module.
func (a *analysis) signs(fn *flow.Func, depth int) signs {
	s := bodySigns(fn)
	if depth >= 2 {
		return s
	}
	for _, c := range allCalls(fn) {
		if c.Callee == nil || a.book.known(c.Callee) {
			continue
		}
		if callee := a.flow.FuncOf(c.Callee); callee != nil && callee != fn {
			sub := a.signs(callee, depth+1)
			s.refuses, s.credential = s.refuses || sub.refuses, s.credential || sub.credential
		}
	}
	return s
}

func allCalls(fn *flow.Func) []*flow.Call {
	list := fn.Calls
	for _, lit := range fn.Lits {
		list = append(list[:len(list):len(list)], allCalls(lit)...)
	}
	return list
}

func bodySigns(fn *flow.Func) signs {
	var s signs
	info := fn.Pkg.Info
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		if sel, ok := e.(*ast.SelectorExpr); ok {
			s.credential = s.credential || sel.Sel.Name == "BasicAuth" || sel.Sel.Name == "PeerCertificates"
			s.refuses = s.refuses || sel.Sel.Name == "ErrUnauthorized" || sel.Sel.Name == "ErrForbidden"
		}
		if tv, ok := info.Types[e]; ok && tv.Value != nil {
			switch tv.Value.Kind() {
			case constant.Int:
				s.refuses = s.refuses || tv.Value.ExactString() == "401" || tv.Value.ExactString() == "403"
			case constant.String:
				s.credential = s.credential || credentialHeaders[strings.ToLower(constant.StringVal(tv.Value))]
			}
		}
		return true
	})
	return s
}

// quoteName makes a name from analysed code safe to print.
func quoteName(s string) string {
	if len(s) > 80 {
		s = s[:80] + "…"
	}
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}

// OurGuard is what a guard of ours is called in reports.
const OurGuard = "authlib.Guard"
