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
	SignIn      string // how callers sign in, for the comment
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
}

// bodyData fills the part that makes a guard for the variable resource.
type bodyData struct {
	Adapter     string
	Provider    string
	Store       string
	Allow       []string
	AsksOrgs    bool // a rule speaks of organizations
	AsksEmails  bool // a rule speaks of e-mail domains
	Scopes      []string
	Optional    bool
	TakesServer bool
	PathIssuer  string // expression; "" leaves it out
	Policy      string // expression
}

// render returns the text of the sidecar, gofmt-clean.
func (s *sidecar) render(b *builder, authlib string) ([]byte, error) {
	d := s.data(b, authlib)
	var buf bytes.Buffer
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
		SignIn: signInText[first(b.ans.Provider)],
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
		Body: s.body(b.ans), Further: g.further,
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
	return bodyData{
		Adapter: s.adapter, Provider: first(ans.Provider), Store: ans.Store, Allow: ans.Allow,
		AsksOrgs: anyPrefix(ans.Allow, "org:"), AsksEmails: anyPrefix(ans.Allow, "domain:"),
		Scopes: allScopes(ans), Optional: ans.Requirement == "optional",
	}
}

// defaultResource is the local URL where nothing else is needed to start: with
// any real provider the public URL must be said.
func (g *guarded) defaultResource(ans wizard.Answers) string {
	if first(ans.Provider) == "dev" {
		return g.resource
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
	for _, sub := range authlibPackages(first(ans.Provider), ans.Store, s.adapter) {
		own = append(own, authlib+sub)
	}
	if ans.Store == "memory" {
		own = slices.DeleteFunc(own, func(p string) bool { return p == authlib+"/session" })
	}
	slices.Sort(std)
	slices.Sort(own)
	return std, own
}

// authlibPackages returns the packages that a wiring imports directly, as
// suffixes of authlib's import path.
func authlibPackages(provider, store, adapter string) []string {
	return []string{
		"", "/" + adapter, "/broker", "/provider", "/provider/" + provider,
		"/session", "/session/" + storePackages[store],
	}
}

// storePackages maps the answer --store to the package that keeps sessions so.
var storePackages = map[string]string{"memory": "memstore", "file": "filestore"}

func anyPrefix(list []string, prefix string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(s, prefix) })
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

var sidecarTemplate = template.Must(template.New("mcp_auth.go").Funcs(template.FuncMap{
	"quote": func(s string) string { return fmt.Sprintf("%q", s) },
	"list": func(list []string) string {
		quoted := make([]string, len(list))
		for i, s := range list {
			quoted[i] = fmt.Sprintf("%q", s)
		}
		return strings.Join(quoted, ", ")
	},
}).Parse(sidecarSource))
