package rewrite

import (
	"bytes"
	"fmt"
	"go/format"
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
	Provider      string
	Store         string // "" where nobody signs in here
	Introspection string // endpoint that is asked about tokens; "" where their signature is checked
	Allow         []string
	AsksOrgs      bool // a rule speaks of organizations
	AsksEmails    bool // a rule speaks of e-mail domains
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
	t := sidecarTemplates[first(b.ans.Provider)]
	if t == nil {
		return nil, fmt.Errorf("--provider %q: no wiring is known for it", first(b.ans.Provider))
	}
	if err := t.Execute(&buf, d); err != nil {
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
		SignIn: signIns[first(b.ans.Provider)].phrase,
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
		Constructor: g.constructor, Of: "this server", TakesServer: g.takesServer, Env: g.env,
		Resource: g.defaultResource(b.ans), Policy: g.policy, PolicyText: policyText(g.servers, b.ans),
		Body: s.body(b.ans), Further: g.further, Stdio: g.stdio, Local: g.local(),
	}
	if s.helper != "" {
		d.Of = "the server " + g.servers[0].ID
	}
	d.Body.TakesServer, d.Body.Policy = g.takesServer, g.policy+"()"
	if g.further {
		d.Body.PathIssuer = "true"
	}
	return d
}

func (s *sidecar) body(ans wizard.Answers) bodyData {
	d := bodyData{
		Adapter: s.adapter, Provider: first(ans.Provider), Store: storeOf(ans), Allow: ans.Allow,
		AsksOrgs: anyPrefix(ans.Allow, "org:"), AsksEmails: anyPrefix(ans.Allow, "domain:"),
		Scopes: allScopes(ans), Optional: ans.Requirement == "optional",
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
	case first(ans.Provider) == "dev":
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

func anyPrefix(list []string, prefix string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(s, prefix) })
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// sidecarTemplates are the template of mcp_auth.go for each way to sign in: in
// each the template "signIn" is that one.
var sidecarTemplates = func() map[string]*template.Template {
	out := map[string]*template.Template{}
	for name := range signIns {
		t := template.Must(template.Must(sidecarTemplate.Clone()).Parse(`{{define "signIn"}}{{template "` + name + `" .}}{{end}}`))
		out[name] = t
	}
	return out
}()

var sidecarTemplate = template.Must(template.Must(template.New("mcp_auth.go").Funcs(template.FuncMap{
	"quote": func(s string) string { return fmt.Sprintf("%q", s) },
	"list": func(list []string) string {
		quoted := make([]string, len(list))
		for i, s := range list {
			quoted[i] = fmt.Sprintf("%q", s)
		}
		return strings.Join(quoted, ", ")
	},
}).Parse(sidecarSource)).Parse(signInSource))
