package rewrite

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// resourceEnv is the variable of a module's first resource.
const resourceEnv = "MCP_RESOURCE_URL"

// A guarded is one resource: the server, or the servers of one transport, that
// share a guard. A token for one resource is refused by every other.
type guarded struct {
	constructor string // function of the sidecar that makes the guard
	policy      string // function of the sidecar that says who may do what
	variable    string // what holds the guard, such as "mcpAuth"
	env         string // variable with the public URL
	further     bool   // not the module's first: its sign-in endpoints go below its path
	takesServer bool   // the constructor is given the server, to check its calls inside the SDK
	stdio       string // function of the sidecar that makes the guard of stdio; "" if there is none
	http        bool   // something that it protects is served over HTTP

	servers  []*analyze.Server
	kind     sdk.Kind   // of the transport that it was made for first
	sibling  bool       // the policy is that of another guard of the same server
	resource string     // default of env; "" when it must be set
	places   []sdk.Site // where the guard is made, by edits

	// Of a guard that an earlier run wrote:
	was    *guarded        // as it is on disk
	id     string          // the server that its comment names
	named  *analyze.Server // has what its policy names
	frozen bool            // its policy names that and no more
	called bool            // the program makes it
}

// guardFor returns the resource of server in side, a new one if it has none yet. A
// new one is not part of side until it is added.
func (b *builder) guardFor(side *sidecar, server *analyze.Server) *guarded {
	for _, g := range side.guards {
		if slices.Contains(g.servers, server) {
			return g
		}
	}
	if g := side.vacancy(server); g != nil {
		return g
	}
	suffix := ""
	if len(side.guards) > 0 {
		suffix = camel(server.ID)
	}
	g := &guarded{
		constructor: b.freshName(side.pkg, "newMCPAuth"+suffix),
		policy:      b.freshName(side.pkg, "mcpPolicy"+suffix),
		variable:    "mcpAuth" + suffix,
	}
	g.env, g.further = b.freshEnv(server.ID)
	return g
}

// freshEnv returns the variable for the URL of a further resource of the module,
// and whether it is a further one.
func (b *builder) freshEnv(id string) (name string, further bool) {
	if !b.envTaken(resourceEnv) {
		return resourceEnv, false
	}
	return b.freshEnvNamed(resourceEnv + "_" + upper(id)), true
}

func (b *builder) freshEnvNamed(base string) string {
	name := base
	for i := 2; b.envTaken(name); i++ {
		name = base + "_" + strconv.Itoa(i)
	}
	return name
}

// envTaken reports whether a resource of this plan has the variable, or wiring of
// an earlier one.
func (b *builder) envTaken(name string) bool {
	for _, s := range b.sidecars {
		for _, g := range s.guards {
			if g.env == name {
				return true
			}
		}
	}
	for _, pkg := range b.prog.Packages {
		for _, f := range pkg.Files {
			if bytes.Contains(f.Src, []byte(strconv.Quote(name))) {
				return true
			}
		}
	}
	return false
}

// freshName returns name, or name with a number, such that neither pkg, in whatever
// build, nor wiring planned for it declares it.
func (b *builder) freshName(pkg *load.Package, name string) string {
	candidate := name
	beside := declaredBeside(pkg)
	for i := 2; pkg.Types.Scope().Lookup(candidate) != nil || beside[candidate] || b.planned(pkg, candidate); i++ {
		candidate = name + strconv.Itoa(i)
	}
	return candidate
}

func (b *builder) planned(pkg *load.Package, name string) bool {
	for _, s := range b.sidecars {
		if s.pkg != pkg {
			continue
		}
		names := []string{s.helper, s.checker, s.eachChecker}
		for _, g := range s.guards {
			names = append(names, g.constructor, g.policy, g.stdio)
		}
		if slices.Contains(names, name) {
			return true
		}
	}
	return false
}

// example is a URL to show.
func (g *guarded) example() string {
	if g.kind == sdk.KindSSE {
		return "https://mcp.example.com/sse"
	}
	return "https://mcp.example.com/mcp"
}

// addServer records a server that the guard protects, and one place where it is served.
func (g *guarded) addServer(server *analyze.Server, t *analyze.Transport, r *analyze.Route) {
	if !slices.Contains(g.servers, server) {
		g.servers = append(g.servers, server)
	}
	g.kind = cmp.Or(g.kind, t.Kind)
	g.http = true
	if g.resource == "" {
		g.resource = localResource(t, r)
	}
}

// camel turns a server's ID into part of a Go name: "admin-2" into "Admin2".
func camel(id string) string {
	var out strings.Builder
	up := true
	for _, r := range id {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		out.WriteRune(r)
		up = false
	}
	return out.String()
}

// upper turns a server's ID into part of a variable's name: "admin-2" into
// "ADMIN_2". What is no ASCII letter or digit becomes "_".
func upper(id string) string {
	return strings.Map(func(r rune) rune {
		switch r = unicode.ToUpper(r); {
		case 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		}
		return '_'
	}, id)
}
