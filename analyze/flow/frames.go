package flow

import "go/ast"

// Activations and paths are interned: equal ones are the same pointer, so that a
// question can tell where it has been.

// Root returns the activation of fn by any caller.
func (g *Graph) Root(fn *Func) *Frame {
	if fn == nil {
		return nil
	}
	return g.frame(Frame{Fn: fn, Env: g.Root(fn.Outer)})
}

// Enter returns the activation of fn by call c made in caller. env is the
// activation that a literal was made in; nil means any.
func (g *Graph) Enter(fn *Func, c *Call, caller, env *Frame) *Frame {
	if env == nil || env.Fn != fn.Outer {
		env = g.Root(fn.Outer)
	}
	if caller.depth >= maxDepth || recursive(caller, fn) {
		return g.frame(Frame{Fn: fn, Env: env})
	}
	return g.frame(Frame{Fn: fn, Call: c, Caller: caller, Env: env, depth: caller.depth + 1})
}

// Closure returns the activation of literal fn made in env, by any caller.
func (g *Graph) Closure(fn *Func, env *Frame) *Frame {
	if fn.Outer == nil || env == nil {
		return g.Root(fn)
	}
	return g.frame(Frame{Fn: fn, Env: g.within(fn.Outer, env, env)})
}

// Method returns the activation of method fn on receiver self, by any caller.
func (g *Graph) Method(fn *Func, self ast.Expr, at *Frame) *Frame {
	return g.frame(Frame{Fn: fn, Self: self, SelfAt: at})
}

func recursive(f *Frame, fn *Func) bool {
	for ; f != nil; f = f.Caller {
		if f.Fn == fn {
			return true
		}
	}
	return false
}

func (g *Graph) frame(f Frame) *Frame {
	if have := g.frames[f]; have != nil {
		return have
	}
	p := &f
	g.frames[f] = p
	return p
}

// Append returns the path that takes s first and then tail.
func (g *Graph) Append(s Step, tail *Path) *Path {
	byTail := g.paths[s]
	if byTail == nil {
		byTail = map[*Path]*Path{}
		g.paths[s] = byTail
	}
	p := byTail[tail]
	if p == nil {
		p = &Path{step: s, tail: tail, size: 1}
		if tail != nil {
			p.size += tail.size
		}
		byTail[tail] = p
	}
	return p
}
