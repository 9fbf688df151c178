package flow

// ReachedFrom returns the live functions that may run when one of fns does: those
// that it names, the literals in it, and the methods behind the interfaces that it
// calls. The functions themselves are among them.
func (g *Graph) ReachedFrom(fns ...*Func) map[*Func]bool {
	found := map[*Func]bool{}
	for todo := fns; len(todo) > 0; {
		fn := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if fn == nil || found[fn] || !fn.live {
			continue
		}
		found[fn] = true
		todo = append(append(todo, fn.Lits...), g.named(fn)...)
	}
	return found
}

// named returns the functions that fn names.
func (g *Graph) named(fn *Func) []*Func {
	var list []*Func
	for _, f := range g.refs[fn] {
		if !isInterfaceMethod(f) {
			list = append(list, g.ofObj[f])
			continue
		}
		for _, t := range g.fitting(f) {
			list = append(list, g.ofObj[methodOf(t, f)])
		}
	}
	return list
}
