package analyze

import (
	"cmp"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// findServers finds every constructor call. In a module whose programs make no
// server, those that exported functions make count.
func (a *analysis) findServers() {
	found := a.calls(sdk.RoleServer)
	if len(found) == 0 && len(a.ownServers) == 0 {
		a.flow.MakeExportedLive()
		found = a.calls(sdk.RoleServer)
	}
	taken := map[string]bool{}
	for _, s := range a.ownServers {
		s.ID = unique(s.ID, taken)
	}
	for _, c := range found {
		a.noteWrapper(c)
		a.servers[c.Expr] = &Server{
			ID: unique(a.serverName(c.Call), taken), Spec: c.role.spec, Version: a.prog.Requires[cmp.Or(c.role.spec.Versioned, c.role.spec.Module)],
			New: a.site(sdk.RoleServer, c.In, c.Expr),
		}
	}
}

// serverName is the name of the variable, field or factory that gets the server.
func (a *analysis) serverName(c *flow.Call) string {
	switch o := a.flow.Target(c.Expr).(type) {
	case *types.Var:
		if o.Name() != "_" {
			return lowerInitials(o.Name())
		}
	case *types.Func:
		return factoryName(o.Name())
	}
	return "server"
}

// factoryName turns NewAdminServer into adminServer.
func factoryName(name string) string {
	for _, prefix := range []string{"New", "Make", "Create", "Build", "Setup", "Init", "new", "make", "create", "build", "setup", "init"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			name = rest
			break
		}
	}
	if name == "main" {
		return "server"
	}
	return lowerInitials(name)
}

// lowerInitials turns MCPServer into mcpServer.
func lowerInitials(name string) string {
	upper := 0
	for upper < len(name) && name[upper] >= 'A' && name[upper] <= 'Z' {
		upper++
	}
	if upper > 1 && upper < len(name) {
		upper--
	}
	return strings.ToLower(name[:upper]) + name[upper:]
}

func unique(name string, taken map[string]bool) string {
	id := name
	for n := 2; taken[id]; n++ {
		id = name + "-" + itoa(n)
	}
	taken[id] = true
	return id
}

// serversOf returns the servers that an expression may hold. others says what
// else it may hold, in words; "" if nothing.
func (a *analysis) serversOf(origins []flow.Origin) (list []*Server, others string) {
	known := "" // what was followed as well
	for _, o := range origins {
		s, other := a.serverOf(o)
		for _, one := range s {
			if !slices.Contains(list, one) {
				list = append(list, one)
			}
		}
		switch {
		case other == "":
		case a.flow.Given(o), o.Kind == flow.Result && o.Via != nil && a.flow.Given(*o.Via):
			known = other
		default:
			others = other
		}
	}
	if len(list) == 0 && others == "" {
		others = known
	}
	return list, others
}

func (a *analysis) serverOf(o flow.Origin) ([]*Server, string) {
	switch {
	case o.Kind == flow.Nil:
		return nil, ""
	case o.Kind == flow.Result && a.servers[o.Expr] != nil && (o.Rest == nil || a.wrapped(o)):
		return []*Server{a.servers[o.Expr]}, ""
	case o.Kind == flow.Result && o.Callee != nil:
		r := a.book.lookup(o.Callee)
		if r == nil {
			r = a.entry(o.Call)
		}
		if r != nil && (r.ours || r.sym.Chained) && r.sym.Server != sdk.None {
			return a.handedBack(o, r.sym.Server) // by the guard, or by the SDK's own method
		}
	}
	return nil, a.source(o)
}

// A link is a call that gives its server back, in one activation.
type link struct {
	expr  ast.Expr
	frame *flow.Frame
}

// handedBack returns the servers that a call gives back. A call in a loop gives back
// its own result among others, which adds nothing.
func (a *analysis) handedBack(o flow.Origin, server sdk.Arg) ([]*Server, string) {
	at := link{o.Expr, o.Frame}
	if a.chained[at] {
		return nil, ""
	}
	a.chained[at] = true
	defer delete(a.chained, at)
	return a.serversOf(a.origins(o.Call, server, o.Frame))
}

// source says in words where a value comes from that is not known.
func (a *analysis) source(o flow.Origin) string {
	switch {
	case o.Kind == flow.Result && o.Callee != nil:
		return "result of " + funcName(o.Callee)
	case o.Kind == flow.Result:
		return "result of a function value"
	case o.Kind == flow.Value:
		return "a function"
	case o.Kind == flow.Literal:
		return "a literal"
	case o.Why != "":
		return o.Why
	}
	return "not known"
}

// sortedServers puts the servers in order of position and gives each its transports.
func (a *analysis) sortedServers() []*Server {
	list := slices.Concat(a.ownServers, slices.Collect(maps.Values(a.servers)))
	slices.SortFunc(list, func(x, y *Server) int { return a.compareSites(x.New, y.New) })
	for _, s := range list {
		slices.SortFunc(s.Transports, func(x, y *Transport) int { return a.compareSites(x.New, y.New) })
		for _, regs := range [][]*Registration{s.Tools, s.Prompts, s.Resources} {
			slices.SortStableFunc(regs, func(x, y *Registration) int {
				return cmp.Or(a.compareSites(x.Defined, y.Defined), strings.Compare(x.Name, y.Name))
			})
		}
	}
	return list
}

func (a *analysis) compareSites(x, y sdk.Site) int {
	p, q := x.Position(a.prog.Fset), y.Position(a.prog.Fset)
	return cmp.Or(strings.Compare(p.Filename, q.Filename), p.Line-q.Line, p.Column-q.Column)
}

// contexts returns activations of the function around a call such that in each,
// as far as callers tell them apart, the call sees one server.
func (a *analysis) contexts(c *flow.Call, server sdk.Arg) []*flow.Frame {
	root := []*flow.Frame{a.flow.Root(c.In)}
	frames := root
	for depth := 1; depth <= 3; depth++ {
		if a.oneServerEach(c, server, frames) {
			return frames
		}
		if frames = a.chains(c.In, depth); len(frames) == 0 || len(frames) > 400 {
			return root
		}
	}
	return frames
}

func (a *analysis) oneServerEach(c *flow.Call, server sdk.Arg, frames []*flow.Frame) bool {
	for _, f := range frames {
		if list, _ := a.serversOf(a.origins(c, server, f)); len(list) > 1 {
			return false
		}
	}
	return true
}

// chains returns the activations of fn by its callers, depth calls back.
func (a *analysis) chains(fn *flow.Func, depth int) []*flow.Frame {
	if depth == 0 {
		return []*flow.Frame{a.flow.Root(fn)}
	}
	callers := a.flow.Callers(fn)
	if len(callers) == 0 {
		return a.closures(fn, depth)
	}
	var list []*flow.Frame
	for _, c := range callers {
		for _, f := range a.chains(c.In, depth-1) {
			list = append(list, a.flow.Enter(fn, c, f, nil))
		}
	}
	return list
}

// closures returns the activations of a literal by those of the function around it.
func (a *analysis) closures(fn *flow.Func, depth int) []*flow.Frame {
	if fn.Outer == nil || fn.Outer.Body == nil {
		return []*flow.Frame{a.flow.Root(fn)}
	}
	var list []*flow.Frame
	for _, f := range a.chains(fn.Outer, depth-1) {
		list = append(list, a.flow.Closure(fn, f))
	}
	return list
}
