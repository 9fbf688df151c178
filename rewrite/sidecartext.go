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
	Package       string
	Imports       []string // std, sorted
	Authlib       []string // packages below and including authlib, sorted
	SDK           string   // import path of the SDK's server package; "" if not needed
	Adapter       string
	Constructor   string
	Checker       string
	ServerType    string
	TakesServer   bool
	Resource      string
	Provider      string
	Store         string // "" where nobody signs in here
	Introspection string // endpoint that is asked about tokens; "" where their signature is checked
	Allow         []string
	AsksOrgs      bool // a rule speaks of organizations
	AsksEmails    bool // a rule speaks of e-mail domains
	Scopes        []string
	Optional      bool
	PolicyFunc    string
	Policy        string // composite literal of authlib.Policy
	SignIn        string // what callers do, for the comment
}

// render returns the text of the sidecar, gofmt-clean.
func (s *sidecar) render(b *builder, authlib string) ([]byte, error) {
	d := s.data(b, authlib)
	var buf bytes.Buffer
	t := sidecarTemplates[d.Provider]
	if t == nil {
		return nil, fmt.Errorf("--provider %q: no wiring is known for it", d.Provider)
	}
	if err := t.Execute(&buf, d); err != nil {
		return nil, err
	}
	src, err := s.renameImports(buf.Bytes())
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
		Package: s.pkg.Name, Adapter: s.adapter, Constructor: s.constructor, PolicyFunc: s.policy, Checker: s.checker,
		Resource: s.defaultResource(b.ans), Provider: first(b.ans.Provider), Store: storeOf(b.ans),
		Allow: b.ans.Allow, Scopes: allScopes(b.ans), Optional: b.ans.Requirement == "optional",
	}
	d.AsksOrgs, d.AsksEmails = anyPrefix(d.Allow, "org:"), anyPrefix(d.Allow, "domain:")
	d.SDK, d.ServerType = s.wirer.ServerType()
	d.TakesServer = s.takesServer
	if s.checker == "" && !s.takesServer {
		d.SDK = ""
	}
	d.SignIn = signIns[d.Provider].phrase
	if introspects(b.ans) {
		d.Introspection = b.ans.IntrospectionURL
	}
	d.Policy = policyText(s.servers, b.ans)
	d.Imports, d.Authlib = s.imports(d, b.ans, authlib)
	return d
}

// defaultResource is the local URL where nothing else is needed to start: with
// any real provider the public URL must be said.
func (s *sidecar) defaultResource(ans wizard.Answers) string {
	if first(ans.Provider) == "dev" {
		return s.resource
	}
	return ""
}

func (s *sidecar) imports(d sidecarData, ans wizard.Answers, authlib string) (std, own []string) {
	if s.constructor == "" {
		return nil, []string{authlib + "/" + s.adapter}
	}
	std = []string{"os"}
	if d.Resource == "" {
		std = append(std, "errors")
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
