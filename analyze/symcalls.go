package analyze

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The machine that runs a body on symbols: calls.

// call runs a call: it ends a path where it hands the request on, is entered where it
// is the module's, and otherwise is known by name, or is not.
func (m *machine) call(x *ast.CallExpr, w *world) []result {
	m.seen[x] = true
	c := m.a.flow.CallOf(x)
	if c == nil {
		return m.unclear(x, w, "a call at "+m.at(x)+" is not followed")
	}
	var out []result
	for _, r := range m.operands(c, w) {
		out = append(out, m.called(c, r)...)
		if len(out) > maxWorlds {
			m.wide = true
			return out[:maxWorlds]
		}
	}
	return out
}

// operands evaluates receiver and arguments; the receiver is the first value.
func (m *machine) operands(c *flow.Call, w *world) []result {
	now := []result{{w, []value{{}}}}
	if recv := c.Recv(); recv != nil {
		now = m.eval(recv, w)
	}
	if c.Dynamic() {
		now = m.eval(m.calledOn(c), w)
	}
	for _, arg := range c.Expr.Args {
		var next []result
		for _, r := range now {
			for _, one := range m.eval(arg, r.w) {
				next = append(next, result{one.w, append(r.vals[:len(r.vals):len(r.vals)], one.one())})
			}
		}
		now = next
	}
	return now
}

// calledOn returns what a call of a function value hangs on: the value, or what it is
// taken from where its type is not known.
func (m *machine) calledOn(c *flow.Call) ast.Expr {
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok || m.info().Selections[sel] != nil || m.info().Uses[sel.Sel] != nil {
		return ast.Unparen(c.Expr.Fun)
	}
	return sel.X
}

func (m *machine) unclear(e ast.Expr, w *world, why string) []result {
	return []result{{w, repeat(value{taint: fromNowhere, why: why}, m.results(e))}}
}

func (m *machine) results(e ast.Expr) int {
	if t, ok := m.info().TypeOf(e).(*types.Tuple); ok {
		return t.Len()
	}
	return 1
}

func repeat(v value, n int) []value {
	list := make([]value, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// called runs a call with its operands.
func (m *machine) called(c *flow.Call, r result) []result {
	switch {
	case m.a.isHandOver(c):
		m.handed = append(m.handed, r.w)
		return []result{{r.w, nil}}
	case m.a.helperHands(c):
		m.handed = append(m.handed, r.w)
		v := value{taint: fromNowhere, why: "what " + calledText(c.Expr) + " says at " + m.at(c.Expr) + " is not followed"}
		return []result{{r.w, repeat(v, m.results(c.Expr))}}
	case c.Convert:
		return just(r.w, r.vals[len(r.vals)-1])
	case c.Builtin != "":
		return just(r.w, m.builtin(c, r.vals))
	}
	if out, ok := m.known(c, r); ok {
		return out
	}
	if fns := m.bodies(c); len(fns) > 0 {
		var out []result
		for _, fn := range fns {
			out = append(out, m.enter(fn, c, r)...)
		}
		return out
	}
	return m.outside(c, r)
}

func (m *machine) builtin(c *flow.Call, vals []value) value {
	v := joinAll(vals)
	if c.Builtin == "len" && len(vals) > 1 && vals[1].lit != nil && vals[1].lit.Kind() == constant.String {
		v.lit = constant.MakeInt64(int64(len(constant.StringVal(vals[1].lit))))
	}
	return v
}

// bodies returns the functions of the module that a call may run, if those are all.
func (m *machine) bodies(c *flow.Call) []*flow.Func {
	if len(m.stack) > maxInside {
		return nil
	}
	var list []*flow.Func
	switch {
	case c.Dynamic():
		for _, o := range m.a.flow.Origins(c.Expr.Fun, m.a.flow.Root(c.In)) {
			if o.Kind == flow.Nil {
				continue
			}
			if o.Kind != flow.Value || o.Fn == nil || o.Fn.Body == nil || o.Fn.Obj != nil && o.Recv == nil && o.Fn.Sig.Recv() != nil {
				return nil
			}
			list = append(list, o.Fn)
		}
	case c.Iface:
		if c.Callee.Pkg() != nil && m.a.inModule(c.Callee.Pkg()) {
			list = m.a.flow.Implementing(c.Callee)
		}
	case !m.a.book.known(c.Callee):
		if fn := m.a.flow.FuncOf(c.Callee); fn != nil {
			list = append(list, fn)
		}
	}
	if slices.ContainsFunc(list, func(fn *flow.Func) bool { return fn.Body == nil || slices.Contains(m.stack, fn) }) {
		return nil
	}
	return list
}

// enter runs a function of the module with the operands as its parameters.
func (m *machine) enter(fn *flow.Func, c *flow.Call, r result) []result {
	w, args := r.w, r.vals[1:]
	if recv := fn.Sig.Recv(); recv != nil && !c.Dynamic() {
		w = w.set(recv, r.vals[0])
	}
	n := fn.Sig.Params().Len()
	for i := range n {
		v := value{}
		switch {
		case i == n-1 && fn.Sig.Variadic():
			if i < len(args) {
				v = joinAll(args[i:])
			}
		case i < len(args):
			v = args[i]
		case len(c.Expr.Args) == 1:
			v = value{taint: fromNowhere, why: "what is given at " + m.at(c.Expr) + " is not followed"}
		}
		w = w.set(fn.Sig.Params().At(i), v)
	}
	for i := range fn.Sig.Results().Len() { // of an earlier call
		w = w.set(fn.Sig.Results().At(i), zeroOf(fn.Sig.Results().At(i).Type()))
	}
	outer := m.fn
	m.fn, m.stack = fn, append(m.stack, fn)
	m.writes(fn)
	f := m.block(fn.Body.List, []*world{w})
	m.fn, m.stack = outer, m.stack[:len(m.stack)-1]
	var out []result
	told := slices.ContainsFunc(r.vals, func(v value) bool { return v.taint >= fromHeader })
	for _, e := range f.exits {
		out = append(out, telling(result(e), told))
	}
	if fn.Sig.Results().Len() == 0 {
		for _, w := range f.next {
			out = append(out, result{w, nil})
		}
	}
	return distinct(out)
}

// telling remembers of a constant text that a function told it of a credential: that
// there is none, for one.
func telling(r result, told bool) result {
	for i, v := range r.vals {
		if told && v.lit != nil && v.lit.Kind() == constant.String {
			r.vals[i].taint = max(v.taint, fromCredential)
		}
	}
	return r
}

// distinct leaves out results that tell nothing new.
func distinct(list []result) []result {
	var out []result
	for _, r := range list {
		if !slices.ContainsFunc(out, func(have result) bool { return sameResult(have, r) }) {
			out = append(out, r)
		}
	}
	return out
}

func sameResult(x, y result) bool {
	if x.w.proved != y.w.proved || x.w.harmless != y.w.harmless || x.w.injects != y.w.injects || x.w.demands != y.w.demands ||
		(x.w.doubt == "") != (y.w.doubt == "") || (x.w.exempt == "") != (y.w.exempt == "") || len(x.vals) != len(y.vals) {
		return false
	}
	for i, v := range x.vals {
		if !sameValue(v, y.vals[i]) {
			return false
		}
	}
	return true
}

func sameValue(x, y value) bool {
	if x.taint != y.taint || x.null != y.null || x.made != y.made || x.filled != y.filled || x.good != y.good || x.sent != y.sent ||
		(x.lit == nil) != (y.lit == nil) || len(x.fields) != len(y.fields) {
		return false
	}
	if x.lit != nil && x.lit.ExactString() != y.lit.ExactString() {
		return false
	}
	for k, f := range x.fields {
		if g, ok := y.fields[k]; !ok || !sameValue(f, g) {
			return false
		}
	}
	return true
}

// outside is what a call of code that is not the module's gives: the program's where
// it is told nothing of the request, and nothing that is understood where it is told
// who is calling.
func (m *machine) outside(c *flow.Call, r result) []result {
	v := value{}
	for _, in := range r.vals {
		v = join2(v, in.without())
	}
	pure := c.Callee != nil && c.Callee.Pkg() != nil && (purePackages[c.Callee.Pkg().Path()] || pureNames[c.Callee.FullName()] || c.Callee.Pkg().Path() == "fmt")
	switch {
	case c.Callee != nil && c.Callee.FullName() == "fmt.Errorf", c.Callee != nil && c.Callee.FullName() == "errors.New":
		v = value{made: true, taint: min(v.taint, fromAnybody)}
	case v.taint >= fromHeader && v.taint != fromNowhere && !pure:
		v = value{taint: fromNowhere, why: "what " + calledText(c.Expr) + " says of it at " + m.at(c.Expr) + " is not known"}
	}
	return []result{{r.w, repeat(v, m.results(c.Expr))}}
}

// without is v with what holds for it alone left out.
func (v value) without() value {
	out := value{taint: v.taint, why: v.why}
	for _, f := range v.fields {
		out = join2(out, f.without())
	}
	return out
}

// headersOf reports whether a call is a method of the headers of the request.
func (m *machine) headersOf(c *flow.Call, name ...string) bool {
	return c.Callee != nil && slices.Contains(name, c.Callee.Name()) && c.Recv() != nil && isNetHTTP(m.info().TypeOf(c.Recv()), "Header")
}

// known runs the calls whose meaning is known by name.
func (m *machine) known(c *flow.Call, r result) ([]result, bool) {
	recv, args := r.vals[0], r.vals[1:]
	if m.headersOf(c, "Get", "Values") && recv.taint == fromRequest {
		return just(r.w, m.headerGot(c, args)), true
	}
	if m.headersOf(c, "Set", "Add") && len(args) == 2 {
		return m.headerSet(c, r), true
	}
	if c.Callee == nil || c.Callee.Pkg() == nil {
		return nil, false
	}
	name := c.Callee.FullName()
	switch {
	case m.isVerifier(c) != nil:
		return []result{{r.w, m.verified(c)}}, true
	case comparing[name] && len(args) == 2:
		return m.compares(c, r), true
	}
	return m.ofRequest(name, c, r)
}

// headerGot is a header that is read.
func (m *machine) headerGot(c *flow.Call, args []value) value {
	if name := headerName(m.fn, c.Expr); name != "" {
		return m.header(name, c.Expr)
	}
	if name := stringConst(joinLit(args)); name != "" {
		return m.header(strings.ToLower(name), c.Expr)
	}
	return value{taint: fromHeader}
}

func joinLit(args []value) value {
	if len(args) == 1 {
		return args[0]
	}
	return value{}
}

// headerSet notes a credential that the program sets: on the request itself it counts
// for nothing, and on a request that goes out it asks somebody else.
func (m *machine) headerSet(c *flow.Call, r result) []result {
	sel, ok := ast.Unparen(c.Recv()).(*ast.SelectorExpr)
	if !ok || !isNetHTTP(m.info().TypeOf(sel.X), "Request") {
		return []result{{r.w, nil}}
	}
	o, named := m.root(sel.X)
	name, v := strings.ToLower(stringConst(r.vals[1])), r.vals[2]
	if r.vals[0].taint == fromRequest {
		if (name == "" || credentialName(name)) && v.taint < fromHeader {
			return []result{{m.injected(r.w), nil}}
		}
		return []result{{r.w, nil}}
	}
	if named && v.taint >= fromHeader {
		val := m.valueOf(o, r.w)
		val.sent = val.taint == fromProgram && name == "authorization" && v.taint == fromCredential
		if !val.sent {
			val.taint, val.why = fromNowhere, "whom it asks about a credential, and how, is not followed at "+m.at(c.Expr)
		}
		return []result{{r.w.set(o, val), nil}}
	}
	return []result{{r.w, nil}}
}

// comparing are functions that say whether two values are equal.
var comparing = map[string]bool{
	"crypto/subtle.ConstantTimeCompare": true, "crypto/hmac.Equal": true, "bytes.Equal": true,
}

func (m *machine) compares(c *flow.Call, r result) []result {
	var yes, no []*world
	a, b := r.vals[1], r.vals[2]
	if a.lit != nil && b.lit == nil {
		a, b = b, a
	}
	switch {
	case b.lit != nil:
		yes, no = m.sameText(r.w, a, b, c.Expr.Args[0])
	default:
		yes, no = m.matchesSecret(r.w, a, b, c.Expr)
	}
	number := c.Callee.Name() == "ConstantTimeCompare"
	var out []result
	for _, w := range yes {
		out = append(out, result{w, []value{truthOf(true, number)}})
	}
	for _, w := range no {
		out = append(out, result{w, []value{truthOf(false, number)}})
	}
	return out
}

func truthOf(b, number bool) value {
	if !number {
		return constBool(b)
	}
	n := int64(0)
	if b {
		n = 1
	}
	return value{lit: constant.MakeInt64(n), made: true}
}

// ofRequest runs methods of a request, of a context and of what is sent elsewhere.
func (m *machine) ofRequest(name string, c *flow.Call, r result) ([]result, bool) {
	recv, args := r.vals[0], r.vals[1:]
	switch name {
	case "(*net/http.Request).Context":
		return just(r.w, value{taint: fromContext, made: true}), true
	case "(*net/http.Request).WithContext", "(*net/http.Request).Clone":
		return just(r.w, recv), true
	case "(*net/http.Request).BasicAuth":
		cred := value{taint: fromCredential}
		return []result{{r.w, []value{{taint: fromHeader}, cred, {taint: fromAnybody}}}}, true
	case "(*net/http.Request).Cookie", "(*net/http.Request).Cookies":
		if len(args) == 0 {
			return just(r.w, value{taint: fromCredential}), true
		}
		return []result{{r.w, []value{{taint: fromCredential}, {taint: fromAnybody}}}}, true
	case "(net/url.Values).Get", "(*net/http.Request).FormValue", "(*net/http.Request).PathValue", "(*net/http.Request).PostFormValue":
		if recv.taint == fromProgram {
			return nil, false
		}
		if credentialName(stringConst(joinLit(args))) {
			return just(r.w, value{taint: fromCredential}), true
		}
		return just(r.w, value{taint: fromHeader}), true
	case "(context.Context).Err", "(context.Context).Done", "(*net/http.Request).UserAgent", "(*net/http.Request).Referer", "net/http.MaxBytesReader":
		return just(r.w, value{taint: fromAnybody}), true
	case "(context.Context).Value":
		return just(r.w, value{taint: recv.taint, why: recv.why}), true
	case "net/http.NewRequestWithContext", "net/http.NewRequest":
		return m.outgoing(r, args), true
	case "(*net/http.Client).Do":
		if len(args) == 1 && args[0].sent && recv.taint == fromProgram {
			m.issued = true
			return []result{{r.w, []value{{sent: true}, {}}}}, true
		}
	case "crypto/sha256.Sum256", "crypto/sha512.Sum512":
		return just(r.w, value{taint: args[0].taint, why: args[0].why, filled: args[0].isFilled()}), true
	case "strings.CutPrefix", "strings.CutSuffix", "strings.Cut":
		v := join2(args[0].without(), args[1].without())
		if name == "strings.Cut" {
			rest := value{taint: min(v.taint, fromCredential), why: v.why}
			return []result{{r.w, []value{{taint: noSecret(v.taint), why: v.why}, v, rest}}}, true
		}
		return []result{{r.w, append(repeat(v, m.results(c.Expr)-1), value{taint: min(v.taint, fromCredential), why: v.why})}}, true
	}
	return nil, false
}

// outgoing is a request to somebody else: whom it goes to must be the program's choice
// for the answer to prove anything.
func (m *machine) outgoing(r result, args []value) []result {
	v := value{}
	for i, a := range args {
		if i == 0 && len(args) == 4 { // the context
			continue
		}
		v = join2(v, a.without())
	}
	return []result{{r.w, []value{v, {}}}}
}
