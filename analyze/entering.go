package analyze

import (
	"go/constant"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The machine that runs a body on symbols: calls of functions of the module.

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
	m.entered = append(m.entered, fn)
	m.writes(fn)
	f := m.leftCall(fn, m.block(fn.Body.List, []*world{w}))
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
	if x.w.proved != y.w.proved || x.w.handed != y.w.handed || x.w.aborted != y.w.aborted || x.w.weighed != y.w.weighed || x.w.harmless != y.w.harmless || x.w.demands != y.w.demands ||
		(x.w.doubt == "") != (y.w.doubt == "") || (x.w.exempt == "") != (y.w.exempt == "") || (x.w.unset == "") != (y.w.unset == "") || len(x.vals) != len(y.vals) {
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
	if x.taint != y.taint || x.null != y.null || x.made != y.made || x.filled != y.filled || x.good != y.good || x.err != y.err || x.mixed != y.mixed || x.bound != y.bound || x.method != y.method || x.part != y.part || x.hashed != y.hashed ||
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
