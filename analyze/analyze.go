package analyze

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Options change what Analyze takes for granted. The zero value is safe.
type Options struct {
	// TrustedAuthlib says whether a package, given by import path, is authlib or
	// a copy of it whose content is known to be ours. nil recognises authlib by
	// its path alone ("…/authlib", "…/mcpauthlib" and what lies below), for
	// callers that check the copy's manifest elsewhere. A package that looks like
	// authlib by its path and is refused here gives the verdict unknown.
	TrustedAuthlib func(pkgPath string) bool

	// Guards are functions of the module that the settings name as checks of callers.
	Guards []OwnGuard

	// NoComments says that comments //mcpauth:trusted do not count.
	NoComments bool
}

// Analyze finds the servers of a program, by what the specs say about their
// SDKs. It reads p only, starts nothing and writes nothing. The result is
// complete unless Result.Incomplete says what was not understood; the error is
// ctx's alone.
func Analyze(ctx context.Context, p *load.Program, specs []*sdk.Spec, o Options) (*Result, error) {
	a := newAnalysis(p, specs, o)
	steps := []func(){
		a.findTrusts, a.findOwnProtocol, a.findServers, a.findTransports, a.findConnected, a.findRegistrations, a.findHooks,
		a.overHTTP(a.findServes), a.overHTTP(a.findMounts), a.overHTTP(a.findUses), a.overHTTP(a.findForeign), a.overHTTP(a.findLate), a.overHTTP(a.findStarts),
		a.findDirect, a.findRemote, a.findClients, a.overHTTP(a.findPassed), a.overHTTP(a.findPointers), a.findSelfServing,
		a.judge, a.overHTTP(a.findMountings), a.overHTTP(a.findLoose), a.overHTTP(a.findSideDoors), a.findReaders, a.sortTrusts, a.overHTTP(a.findPseudo), a.findPolicies, a.findToolChecks, a.findEscapes, a.findUnread, a.findBroken, a.findBeside, a.findMissingNames,
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step()
	}
	return a.result(), nil
}

// overHTTP is a step that follows handlers, which is for nothing where none leads to
// a transport.
func (a *analysis) overHTTP(step func()) func() {
	return func() {
		if len(a.transports) > 0 {
			step()
		}
	}
}

// analysis is the state of one run of Analyze.
type analysis struct {
	prog     *load.Program
	specs    []*sdk.Spec
	book     *book
	sdkPaths map[string]bool // memo of ofSDK
	flow     *flow.Graph

	servers    map[ast.Expr]*Server // by constructor call
	ownServers []*Server            // that no SDK makes
	transports map[ast.Expr]*made   // by the call that makes it
	owner      map[*Transport]*Server
	ways       map[ast.Expr][]way // by mux: how it is served
	defaults   map[*load.Package]ast.Expr
	mounted    map[ast.Expr]map[*Transport]bool // by mux: what is mounted on it
	cases      map[*Route][]chain               // every path that a request may take to the transport
	direct     map[ast.Expr][]*Transport        // not over net/http: by the call that serves, and what it runs on
	late       map[*Transport]string            // options applied after it was made
	passed     map[*flow.Call]bool              // calls that hand a request on and were followed
	checks     map[ast.Node]*Check              // by body, or by the call that makes them
	doors      []SideDoor
	skipped    []string                     // what to say of files of other builds
	bodies     map[*types.Func]declaredBody // by function; see leadsTo
	listed     map[listed]*Registration
	gates      map[*flow.Func]*gate
	listGates  map[*flow.Func]*gate // of handlers that the next one follows by itself
	uses       map[ast.Expr][]used  // middleware of a router's groups, by the call that makes the group
	later      []func()             // routes on routers, added once all routers are known
	metadata   []ast.Expr           // muxes with protected resource metadata on them
	hands      map[*flow.Func]bool  // functions that hand requests on
	// requestWrites are the fields and variables that handlers assign to; nil before it is asked.
	requestWrites map[types.Object]bool
	mayHold       map[*types.Var]bool // memo of isBound
	skips         *bool               // memo of skipsSignatures; nil before it is asked
	scribbled     *bool               // memo of scribbles
	serving       []*flow.Func
	incomplete    map[Incomplete]bool
	own           map[*types.Package]bool // packages of the program
	chained       map[link]bool           // calls that give a server back and are being followed
	wrappers      map[*flow.Call]*entry   // memo of wrapper; nil for what is none
	libraries     map[symbolKey][]sdk.Check
	pseudo        []PseudoGuard
	asked         Options
	trusts        []*Trust
	trusted       map[ast.Node]*Trust // by the body of a function that the settings name
	comments      map[commentLine]*Trust
	equals        []sdk.Site // comparisons of a credential by == or !=
}

func newAnalysis(p *load.Program, specs []*sdk.Spec, o Options) *analysis {
	a := &analysis{
		prog: p, specs: specs, asked: o, book: newBook(specs, o.TrustedAuthlib),
		gates: map[*flow.Func]*gate{}, listGates: map[*flow.Func]*gate{}, mayHold: map[*types.Var]bool{}, uses: map[ast.Expr][]used{}, hands: map[*flow.Func]bool{},
		servers: map[ast.Expr]*Server{}, checks: map[ast.Node]*Check{}, transports: map[ast.Expr]*made{}, owner: map[*Transport]*Server{},
		ways: map[ast.Expr][]way{}, defaults: map[*load.Package]ast.Expr{}, cases: map[*Route][]chain{}, incomplete: map[Incomplete]bool{}, late: map[*Transport]string{}, passed: map[*flow.Call]bool{}, direct: map[ast.Expr][]*Transport{}, mounted: map[ast.Expr]map[*Transport]bool{}, own: map[*types.Package]bool{},
		chained: map[link]bool{}, wrappers: map[*flow.Call]*entry{}, listed: map[listed]*Registration{},
	}
	for _, pkg := range p.Packages {
		a.own[pkg.Types] = true
	}
	a.flow = flow.New(p, a.book.known)
	return a
}

// site makes a Site of a node inside fn.
func (a *analysis) site(role sdk.Role, fn *flow.Func, n ast.Node) sdk.Site {
	return sdk.Site{Role: role, Pkg: fn.Pkg, File: fn.File, Node: n}
}

// note records something that was not understood.
func (a *analysis) note(fn *flow.Func, pos token.Pos, why string) {
	at := a.prog.Fset.PositionFor(pos, fn.File.Cgo)
	a.incomplete[Incomplete{File: fn.File.Rel, Line: at.Line, Why: why}] = true
}

// where gives a place as "file:line" for a reason.
func (a *analysis) where(fn *flow.Func, pos token.Pos) string {
	at := a.prog.Fset.PositionFor(pos, fn.File.Cgo)
	return fn.File.Rel + ":" + itoa(at.Line)
}

// calls returns the live calls outside of authlib that play a role.
func (a *analysis) calls(roles ...sdk.Role) []played {
	var list []played
	for _, c := range a.flow.Calls {
		if c.Callee == nil || !a.mine(c.In) {
			continue
		}
		if r := a.entry(c); r != nil && slices.Contains(roles, r.sym.Role) {
			list = append(list, played{c, r})
		}
	}
	return list
}

// mine reports whether fn is live code of the user's own.
func (a *analysis) mine(fn *flow.Func) bool {
	return a.flow.Live(fn) && !a.book.authlib(fn.Pkg.Path)
}

// played is a call with the role it plays.
type played struct {
	*flow.Call
	role *entry
}

// arg returns argument n of a call; nil if it has none.
func (a *analysis) arg(c *flow.Call, n sdk.Arg) ast.Expr {
	switch {
	case n == sdk.Recv:
		return c.Recv()
	case n == sdk.None || int(n) > len(c.Expr.Args):
		return nil
	}
	return c.Expr.Args[n-1]
}

// origins follows argument n of a call.
func (a *analysis) origins(c *flow.Call, n sdk.Arg, f *flow.Frame) []flow.Origin {
	if n == sdk.Recv {
		return a.flow.Receiver(c, f)
	}
	e := a.arg(c, n)
	if e == nil {
		return nil
	}
	return a.flow.Origins(e, f)
}

func (a *analysis) result() *Result {
	r := &Result{Program: a.prog, specs: a.specs, skipped: a.skipped, Servers: a.sortedServers(), SideDoors: a.doors, PseudoGuards: a.pseudo}
	for _, t := range a.trusts {
		r.Trusts = append(r.Trusts, *t)
	}
	for _, s := range a.specs {
		r.sdks = append(r.sdks, s.Modules()...)
	}
	for in := range a.incomplete {
		r.Incomplete = append(r.Incomplete, in)
	}
	slices.SortFunc(r.Incomplete, func(x, y Incomplete) int {
		if c := strings.Compare(x.File, y.File); c != 0 {
			return c
		}
		if x.Line != y.Line {
			return x.Line - y.Line
		}
		return strings.Compare(x.Why, y.Why)
	})
	return r
}
