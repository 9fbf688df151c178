// Package analyze finds, in a loaded program, every MCP server, what is
// registered on it, how it is served and whether a check stands in front of it.
//
// [Analyze] turns a load.Program into a [Result]: typed sites that the rewriter
// works on. [Result.Report] gives the same facts flat, as the versioned JSON that
// inspect prints and lint, the wizard and other programs read.
package analyze

import (
	"go/ast"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// A Result is what Analyze found, with its syntax.
type Result struct {
	Program    *load.Program
	Servers    []*Server    // in order of position
	SideDoors  []SideDoor   // what is open beside the servers, in order of position
	Incomplete []Incomplete // what could hold or receive a server and was not understood
	Copies     []Copy       // of authlib, by folder; filled by who knows what they ought to be

	PseudoGuards []PseudoGuard // code that looks like a check of callers and is none, in order of position
	Trusts       []Trust       // what a person says is a check, whether or not it counts, in order of position

	specs   []*sdk.Spec
	skipped []string // what to say of files of other builds
	sdks    []string // module paths of the SDKs that were looked for
}

// An Incomplete says what was not looked at or not understood, where, and why.
type Incomplete struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Why  string `json:"why"`
}

// A Server is one server value: one constructor call, and what reaches it.
type Server struct {
	ID         string // stable within a module: the variable or factory name, made unique
	Spec       *sdk.Spec
	Version    string // version of the SDK in the build list, such as "v1.2.1"
	New        sdk.Site
	Tools      []*Registration
	Prompts    []*Registration
	Resources  []*Registration
	Transports []*Transport
	Hooks      []sdk.Site // middleware, filters and hooks that are already installed
	Readers    []Reader   // functions among those, and among context functions, that read a credential

	middleware []sdk.Site // those of Hooks that wrap handlers of tools

	Policy *Policy // of the guard in front of it; nil without a guard of ours, and where no policy was found
}

// A Registration is one tool, prompt or resource as it is registered on a server.
type Registration struct {
	Name        string     // "" when Dynamic
	Dynamic     bool       // the name is computed at run time
	Source      string     // for a dynamic one: where the name comes from, if known
	Defined     sdk.Site   // where the name is bound (NewTool call, Tool literal)
	Registered  sdk.Site   // the call that registers it
	Also        []sdk.Site // further definitions of the same name on the server, of which one replaces the other
	ReadOnly    bool       // annotated read-only, at every place
	Destructive bool       // annotated destructive, at some place
	Task        bool       // registered as a task tool
	Credentials []string   // fields of its input that look like credentials, nested ones as "auth.token"

	Checks []*ToolCheck // of a tool: in its handler and around it, the outermost first

	registered []*flow.Call // the calls that register it
}

// Registrations returns how many calls register it.
func (r *Registration) Registrations() int { return len(r.registered) }

// A Policy is what the authlib.Policy in the user's wiring says, as far as it can be
// read: from its literal, or from the file that the program reads it from.
type Policy struct {
	Site         sdk.Site              // the literal, or the call that reads the file
	Base         PolicyRule            // holds for everything that is not public
	Tools        map[string]PolicyRule // by name
	Prompts      map[string]PolicyRule
	Resources    map[string]PolicyRule // by URI or URI template
	UnlistedBase bool                  // what it does not name falls under Base; otherwise it is refused
	Implies      map[string][]string   // scope → scopes that it includes
	Permissions  map[string][]string   // role → what it permits
	Partial      bool                  // something in it is computed: more may be named than is listed here

	File    string  // the policy file, relative to the program's folder; "" for Go
	Doubt   string  // why the program may have another policy than this one; "" where it is certain
	Unknown string  // why nothing is known of what it says; then the rest is empty
	Faults  []Fault // what makes the program refuse its policy file
}

// Names reports whether the policy names anything, so that the rest is unlisted.
func (p *Policy) Names() bool { return len(p.Tools)+len(p.Prompts)+len(p.Resources) > 0 }

// A PolicyRule is what one rule demands: all of Scopes but for those in AnyScope, and
// one of each further list that is not empty.
type PolicyRule struct {
	Site        sdk.Site  // the name it stands at; in a file: the call that reads it
	At          FilePlace // in a file: where it stands there
	Public      bool
	Scopes      []string // those of AnyScope among them
	AnyScope    []string // one of these is enough
	Roles       []string
	Permissions []string
	Issuers     []string
}

// A FilePlace is a place in a file that is not Go. File is relative to the program's
// folder; Line and Column count from 1.
type FilePlace struct {
	File         string
	Line, Column int
}

// A Fault is what is wrong at a place of a policy file, and what to do.
type Fault struct {
	FilePlace
	Problem, Cure string
}

// A Transport is one way out of a server.
type Transport struct {
	Kind   sdk.Kind
	New    sdk.Site // the call that makes the transport; for stdio the call that serves it
	Server ast.Expr // in New: the server argument (mcp-go) or the getServer argument (go-sdk)
	Path   string   // for Start: the endpoint path when it is a constant; "/mcp" is mcp-go's default
	Own    bool     // its options give Start an http.Server of the user's own
	Routes []*Route // where it is served; empty for stdio and when no place was found

	ContextFuncs []sdk.Site // options that fill the request context; they can't refuse a request

	Verdict   Verdict // of the whole transport: the worst of its routes
	Guard     string  // name of the guard, such as "authlib.Guard"
	GuardKind GuardKind
	OwnGuard  bool   // Guard is code of the user's own, and not a library's
	Reason    string // for unknown and unprotected: why, in one sentence
}

// A Route is one place where a transport is served.
type Route struct {
	Kind    RouteKind
	Site    sdk.Site
	Handler ast.Expr // the expression handed to the mux or the listener; nil for RouteStart
	Mux     ast.Expr // RouteMount: the mux expression; nil means http.DefaultServeMux through package http
	Pattern string   // RouteMount: the pattern when it is a constant, without a method; "" otherwise
	Addr    string   // the listen address when it is a constant, such as ":8080"; "" otherwise

	Checks  []*Check // around the handler, the innermost first; guards of ours left out
	Outside []*Check // in front of the mux that it is mounted on
	Blind   bool     // something else stands there too: a guard of ours, or what is not known at all

	Mounting *Mounting // RouteOther: how a router of another library is given the handler; nil where none is known

	Verdict   Verdict
	Guard     string
	GuardKind GuardKind
	OwnGuard  bool // Guard is code of the user's own, and not a library's
	Reason    string
	Trust     *Trust // who says so, where protected is not proved; nil where it is
}

// A RouteKind is how a transport is served.
type RouteKind string

// The route kinds.
const (
	RouteStart  RouteKind = "start"  // transport.Start(addr)
	RouteMount  RouteKind = "mount"  // mux.Handle(pattern, handler), http.Handle, HandleFunc
	RouteListen RouteKind = "listen" // http.ListenAndServe(addr, handler), http.Serve(l, handler)
	RouteServer RouteKind = "server" // http.Server{Handler: handler}
	RouteOther  RouteKind = "other"  // code of another library: a router, if Route.Mounting says which
)

// A Verdict says whether a stranger can reach what is served.
type Verdict string

// The verdicts.
const (
	Protected   Verdict = "protected"
	Unprotected Verdict = "unprotected"
	Unknown     Verdict = "unknown"
)

// A GuardKind says what a guard really does.
type GuardKind string

// The kinds of guard.
const (
	GuardVerified     GuardKind = "verified"
	GuardTrusted      GuardKind = "trusted" // a person says that it is a check: see [Trust]; nothing of it was proved
	GuardPassthrough  GuardKind = "passthrough"
	GuardMetadataOnly GuardKind = "metadata-only"
	GuardAppSession   GuardKind = "app-session"
	GuardNone         GuardKind = "none"
)
