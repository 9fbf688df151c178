package analyze

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// findRegistrations finds every call that may register something: direct ones,
// those through an interface that the server implements, and those of a method
// value or function value.
func (a *analysis) findRegistrations() {
	for _, c := range a.flow.Calls {
		if !a.mine(c.In) {
			continue
		}
		for _, r := range a.registering(c) {
			a.register(c, r)
		}
	}
}

func isItemRole(r sdk.Role) bool {
	return r == sdk.RoleTool || r == sdk.RolePrompt || r == sdk.RoleResource
}

// A registrar is what a call registers with, and on what.
type registrar struct {
	entry *entry
	at    func(f *flow.Frame) []flow.Origin // where the server comes from
}

func (a *analysis) registering(c *flow.Call) []registrar {
	switch {
	case c.Dynamic():
		return a.registeringValues(c)
	case c.Callee == nil:
		return nil
	}
	e := a.entry(c)
	if e == nil && c.Iface {
		return a.registeringMethods(c)
	}
	if e == nil || !isItemRole(e.sym.Role) {
		return nil
	}
	return []registrar{{e, func(f *flow.Frame) []flow.Origin { return a.origins(c, e.sym.Server, f) }}}
}

// registeringMethods finds the SDK's method behind a call through an interface.
func (a *analysis) registeringMethods(c *flow.Call) []registrar {
	for key, e := range a.book.symbols {
		if !isItemRole(e.sym.Role) || e.sym.Server != sdk.Recv || key.name != c.Callee.Name() {
			continue
		}
		at := func(f *flow.Frame) []flow.Origin { return a.flow.Receiver(c, f) }
		for _, o := range at(a.flow.Root(c.In)) {
			if s := a.servers[o.Expr]; s != nil && s.Spec == e.spec {
				return []registrar{{e, at}}
			}
		}
	}
	return nil
}

// registeringValues finds s.AddTool handed around as a function.
func (a *analysis) registeringValues(c *flow.Call) []registrar {
	if !a.takesItem(c) {
		return nil
	}
	var list []registrar
	for _, o := range a.flow.Origins(c.Expr.Fun, a.flow.Root(c.In)) {
		e := a.book.lookup(o.Callee)
		if o.Kind != flow.Value || e == nil || !isItemRole(e.sym.Role) {
			continue
		}
		at := func(f *flow.Frame) []flow.Origin { return a.origins(c, e.sym.Server, f) }
		if e.sym.Server == sdk.Recv && o.Recv != nil {
			at = func(*flow.Frame) []flow.Origin { return a.flow.Bound(o) }
		}
		list = append(list, registrar{e, at})
	}
	return list
}

// takesItem reports whether an argument has the type of a definition.
func (a *analysis) takesItem(c *flow.Call) bool {
	for _, arg := range c.Expr.Args {
		t := c.In.Pkg.Info.TypeOf(arg)
		if t == nil {
			continue
		}
		if s, ok := t.Underlying().(*types.Slice); ok {
			t = s.Elem()
		}
		if e := a.book.typeOf(t); e != nil && isItemRole(e.typ.Role) {
			return true
		}
	}
	return false
}

// register adds what one call registers to the servers it may register it on.
func (a *analysis) register(c *flow.Call, r registrar) {
	for _, f := range a.contextsOf(c, r) {
		servers, others := a.serversOf(r.at(f))
		if r.entry.sym.Server == sdk.None {
			servers = a.anyServer(c, r.entry.spec)
		}
		if len(servers) == 0 {
			servers = a.onlyServer(c, r.entry.spec)
			if others == "" {
				others = "a value that no code of the module gives"
			}
			a.note(c.In, c.Expr.Pos(), "registers on a server whose construction was not found: "+others)
		}
		for _, item := range a.items(c, r.entry.sym, f) {
			for _, s := range servers {
				a.add(s, c, r.entry.sym, item)
			}
		}
	}
}

func (a *analysis) contextsOf(c *flow.Call, r registrar) []*flow.Frame {
	if c.Callee == nil {
		return []*flow.Frame{a.flow.Root(c.In)}
	}
	return a.contexts(c, r.entry.sym.Server)
}

// anyServer returns the servers of an SDK whose registrations don't say on which of
// them: all that there are in the same program.
func (a *analysis) anyServer(c *flow.Call, spec *sdk.Spec) []*Server {
	list := a.serversWith(c, spec)
	if found := a.narrowed(list, c); len(list) > 1 && found != nil {
		return found
	}
	if len(list) > 1 {
		a.note(c.In, c.Expr.Pos(), "on which of the servers of "+spec.Name+" it registers could not be told, so that all are taken to have it")
	}
	return list
}

// onlyServer is the guess where a registration's server can't be followed: the
// only server of its SDK. The note that goes with it says that it is one.
func (a *analysis) onlyServer(c *flow.Call, spec *sdk.Spec) []*Server {
	if list := a.serversWith(c, spec); len(list) == 1 {
		return list
	}
	return nil
}

// serversWith returns the servers of an SDK in the programs that hold a call.
func (a *analysis) serversWith(c *flow.Call, spec *sdk.Spec) []*Server {
	var list []*Server
	for _, s := range a.servers {
		if s.Spec == spec && a.flow.Together(s.New.Pkg.Types, c.In.Pkg.Types) {
			list = append(list, s)
		}
	}
	return list
}

// items returns where the registered definitions come from.
func (a *analysis) items(c *flow.Call, sym sdk.Symbol, f *flow.Frame) []flow.Origin {
	first, args := int(sym.Item)-1, c.Expr.Args
	var list []flow.Origin
	switch {
	case len(args) == 1 && isTuple(c.In.Pkg.Info.TypeOf(args[0])):
		list = a.flow.Origins(args[0], f) // AddTool(makeTool()): the first result is the tool
	case first >= len(args):
		return nil
	case sym.Many:
		list = a.flow.Elements(args[first], f)
	case !sym.Variadic:
		list = a.flow.Origins(args[first], f)
	case c.Expr.Ellipsis.IsValid():
		list = a.flow.Elements(args[len(args)-1], f)
	default:
		for _, arg := range args[first:] {
			list = append(list, a.flow.Origins(arg, f)...)
		}
	}
	if len(list) == 0 {
		list = append(list, flow.Origin{Kind: flow.Unknown, Why: "values that are filled in at run time"})
	}
	return list
}

func isTuple(t types.Type) bool {
	_, ok := t.(*types.Tuple)
	return ok
}

// add puts one definition on a server, once per name and place.
func (a *analysis) add(s *Server, c *flow.Call, sym sdk.Symbol, o flow.Origin) {
	for _, reg := range a.definitions(o, sym, c) {
		reg.Registered = a.site(sym.Role, c.In, c.Expr)
		reg.Task, reg.registered = sym.Task, []*flow.Call{c}
		a.registeredInput(reg, c, sym)
		a.put(s, sym.Role, reg)
	}
}

// put adds what was registered to the list of its role.
func (a *analysis) put(s *Server, role sdk.Role, reg *Registration) {
	switch role {
	case sdk.RoleTool:
		s.Tools = a.appendNew(s.Tools, s, role, reg)
	case sdk.RolePrompt:
		s.Prompts = a.appendNew(s.Prompts, s, role, reg)
	default:
		s.Resources = a.appendNew(s.Resources, s, sdk.RoleResource, reg)
	}
}

// listed says what makes two registrations on a server the same one: the name, or for
// one without the place.
type listed struct {
	on   *Server
	role sdk.Role
	name string
	at   ast.Node // nil for one with a name
}

// appendNew adds reg to the list of a server unless the same name is there: then its
// place is a further one of that. Which of them is served, a condition decides, or the
// order.
func (a *analysis) appendNew(list []*Registration, s *Server, role sdk.Role, reg *Registration) []*Registration {
	key := listed{s, role, reg.Name, nil}
	if reg.Dynamic {
		key.at = reg.Defined.Node
	}
	if have := a.listed[key]; have != nil {
		have.ReadOnly = have.ReadOnly && reg.ReadOnly
		have.Destructive = have.Destructive || reg.Destructive
		have.alsoAt(reg.Defined)
		have.registeredBy(reg)
		have.saysMore(reg)
		have.takes(fieldSet(reg.Credentials))
		return list
	}
	a.listed[key] = reg
	return append(list, reg)
}

// saysMore takes over the source of a dynamic entry from another one of the same place
// where that says more.
func (r *Registration) saysMore(other *Registration) {
	telling := func(s string) bool {
		return strings.HasPrefix(s, "result of ") || strings.HasPrefix(s, "filled in by ")
	}
	if r.Dynamic && !telling(r.Source) && telling(other.Source) {
		r.Source = other.Source
	}
}

// registeredBy takes over the calls that register another entry of the same.
func (r *Registration) registeredBy(other *Registration) {
	for _, c := range other.registered {
		if !slices.Contains(r.registered, c) {
			r.registered = append(r.registered, c)
		}
	}
}

// alsoAt adds a place where something of the same name is defined.
func (r *Registration) alsoAt(site sdk.Site) {
	same := func(s sdk.Site) bool { return s.File == site.File && s.Node.Pos() == site.Node.Pos() }
	if !same(r.Defined) && !slices.ContainsFunc(r.Also, same) {
		r.Also = append(r.Also, site)
	}
}

// litType returns the type entry of a literal.
func (a *analysis) litType(o flow.Origin) *typeEntry {
	if o.Expr == nil || o.Kind != flow.Literal {
		return nil
	}
	return a.book.typeOf(o.Frame.Fn.Pkg.Info.TypeOf(o.Expr))
}
