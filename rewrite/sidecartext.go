package rewrite

import (
	"bytes"
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// sidecarData is what the template of mcp_auth.go is filled with.
type sidecarData struct {
	Package     string
	Imports     []string // std, sorted
	Authlib     []string // packages below and including authlib, sorted
	SDK         string   // import path of the SDK's server package; "" if not needed
	Adapter     string
	Guards      []guardData
	Helper      *bodyData // what the constructors share, where there are several
	HelperName  string
	Checker     string
	EachChecker string
	ServerType  string
	SignIn      string // what callers do, for the comment
}

// guardData is what the template says of one resource.
type guardData struct {
	Constructor string
	Of          string // whose guard, for the comment
	TakesServer bool
	Env         string
	Resource    string   // default of Env; "" when it must be set
	Example     string   // value of Env to show
	Body        bodyData // what follows the resource, where there is no helper
	Policy      string   // function that returns the policy
	PolicyText  string   // composite literal of authlib.Policy
	Further     bool
	Stdio       string // function that makes the guard of stdio; "" if there is none
	Local       bool   // served over stdio only
}

// bodyData fills the part that makes a guard for the variable resource.
type bodyData struct {
	Adapter       string
	Ways          []way
	Users         string // the variables of those where users sign in, with commas
	Keys          bool   // API keys besides another way
	JWT           bool   // tokens come from elsewhere
	Store         string // "" where nobody signs in here
	Sealed        bool   // the store outlives the program
	Introspection string // endpoint that is asked about tokens; "" where their signature is checked
	Allow         []string
	AsksOrgs      bool   // a rule speaks of organizations
	AsksEmails    bool   // a rule speaks of e-mail domains
	Roles         bool   // the policy demands roles
	DevRoles      string // who has them unless MCP_ROLES says so; "" where it must
	Scopes        []string
	Optional      bool
	TakesServer   bool
	PathIssuer    string // expression; "" leaves it out
	Policy        string // expression
}

// render returns the text of the sidecar, gofmt-clean.
func (s *sidecar) render(b *builder, authlib string) ([]byte, error) {
	d := s.data(b, authlib)
	var buf bytes.Buffer
	for _, p := range b.ans.Provider {
		if signIns[p].phrase == "" {
			return nil, fmt.Errorf("--provider %q: no wiring is known for it", p)
		}
	}
	if store := storeOf(b.ans); store != "" && storeWays[store].pkg == "" {
		return nil, fmt.Errorf("--store %q: no wiring is known for it", store)
	}
	if err := sidecarTemplate.Execute(&buf, d); err != nil {
		return nil, err
	}
	src, err := s.renameImports(b, buf.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.rel, err)
	}
	out, err := format.Source(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.rel, err)
	}
	return out, nil
}

func (s *sidecar) data(b *builder, authlib string) sidecarData {
	d := sidecarData{
		Package: s.pkg.Name, Adapter: s.adapter, Checker: s.checker, EachChecker: s.eachChecker,
		SignIn: phrase(b.ans),
	}
	needsSDK := s.checker != "" || s.eachChecker != ""
	for _, g := range s.guards {
		d.Guards = append(d.Guards, s.guardData(b, g))
		needsSDK = needsSDK || g.takesServer
	}
	if s.helper != "" {
		body := s.body(b.ans)
		body.PathIssuer, body.Policy = "further", "policy"
		d.Helper, d.HelperName = &body, s.helper
	}
	d.SDK, d.ServerType = s.wirer.ServerType()
	if !needsSDK {
		d.SDK = ""
	}
	d.Imports, d.Authlib = s.imports(b.ans, authlib)
	return d
}

func (s *sidecar) guardData(b *builder, g *guarded) guardData {
	d := guardData{
		Constructor: g.constructor, Of: "this server", TakesServer: g.takesServer, Env: g.env, Example: g.example(),
		Resource: g.defaultResource(b.ans), Policy: g.policy, PolicyText: policyText(g.subjects(b.ans), b.ans),
		Body: s.body(b.ans), Further: g.further, Stdio: g.stdio, Local: g.local(),
	}
	if s.helper != "" {
		d.Of = "the server " + g.servers[0].ID
	}
	if g.sibling {
		d.Of, d.PolicyText = "the server "+g.servers[0].ID+" over SSE", ""
	}
	d.Body.TakesServer, d.Body.Policy = g.takesServer, g.policy+"()"
	if g.further {
		d.Body.PathIssuer = "true"
	}
	return d
}

func (s *sidecar) body(ans wizard.Answers) bodyData {
	d := bodyData{
		Adapter: s.adapter, Ways: waysOf(ans), Users: usersOf(ans), Keys: uses(ans, "apikey") && len(ans.Provider) > 1, JWT: uses(ans, "jwt"),
		Store: storeOf(ans), Sealed: storeWays[storeOf(ans)].sealed, Allow: ans.Allow,
		AsksOrgs: anyRule(ans.Allow, "github", "org:"), AsksEmails: anyRule(ans.Allow, "github", "domain:"),
		Scopes: allScopes(ans), Optional: ans.Requirement == "optional", Roles: len(ans.ToolRoles) > 0,
	}
	if d.Roles && uses(ans, "dev") {
		d.DevRoles = devRoles(ans)
	}
	if introspects(ans) {
		d.Introspection = ans.IntrospectionURL
	}
	return d
}

// defaultResource is the local URL where nothing else is needed to start: with
// any real provider the public URL must be said.
func (g *guarded) defaultResource(ans wizard.Answers) string {
	switch {
	case uses(ans, "dev"):
		return g.resource
	case g.local() && !slices.Contains(ans.Provider, "jwt"):
		return unusedResource
	}
	return ""
}

func (s *sidecar) imports(ans wizard.Answers, authlib string) (std, own []string) {
	if s.eachChecker != "" {
		std = append(std, "net/http")
	}
	if len(s.guards) == 0 {
		return std, []string{authlib + "/" + s.adapter}
	}
	std = append(std, "os")
	if slices.ContainsFunc(s.guards, func(g *guarded) bool { return g.defaultResource(ans) == "" }) {
		std = append(std, "errors")
	}
	if st := storeOf(ans); st == "redis" || st == "file" {
		std = append(std, "time")
	}
	if d := s.body(ans); d.Roles && !d.AsksOrgs && uses(ans, "github") {
		std = append(std, "strings")
	}
	if slices.ContainsFunc(s.guards, func(g *guarded) bool { return g.stdio != "" }) {
		std = append(std, "context", "fmt")
	}
	for _, sub := range authlibPackages(ans, s.adapter) {
		own = append(own, authlib+sub)
	}
	slices.Sort(std)
	slices.Sort(own)
	return std, own
}

// anyRule reports whether a rule of the kind speaks of the provider.
func anyRule(rules []string, provider, kind string) bool {
	return slices.ContainsFunc(rules, func(s string) bool {
		return strings.HasPrefix(s, kind) || strings.HasPrefix(s, provider+":"+kind)
	})
}

// usersOf lists the variables of the providers where users sign in.
func usersOf(ans wizard.Answers) string {
	var vars []string
	for _, w := range waysOf(ans) {
		if slices.Contains(wizard.Users(ans), w.Name) {
			vars = append(vars, w.Var)
		}
	}
	return strings.Join(vars, ", ")
}

// wayBody fills the template of one way to sign in.
type wayBody struct {
	bodyData
	way
}

// choose is the text of a template that is the one with the name that a field
// holds: a template's name can't be computed in a template.
func choose[V any](chosen, field, prefix string, names map[string]V) string {
	var out strings.Builder
	fmt.Fprintf(&out, "{{define %q}}", chosen)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&out, "{{if eq .%s %q}}{{template %q .}}{{end}}", field, name, prefix+name)
	}
	return out.String() + "{{end}}"
}

var sidecarTemplate = template.Must(template.Must(template.New("mcp_auth.go").Funcs(template.FuncMap{
	"at":    func(body bodyData, w way) wayBody { return wayBody{body, w} },
	"quote": func(s string) string { return fmt.Sprintf("%q", s) },
	"list": func(list []string) string {
		quoted := make([]string, len(list))
		for i, s := range list {
			quoted[i] = fmt.Sprintf("%q", s)
		}
		return strings.Join(quoted, ", ")
	},
}).Parse(sidecarSource)).Parse(signInSource + choose("signIn", "Name", "", signIns) + choose("store", "Store", "store.", storeWays)))
