package rewrite

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// authPageNames are names for the page of the user's repository, best first.
var authPageNames = []string{"AUTH.md", "MCP-AUTH.md", "AUTH-mcp-migrate.md"}

// authPage is what the template of AUTH.md is filled with.
type authPage struct {
	Wiring   []string // files that make the guards
	Copy     string   // folder of the library; "" where it is imported
	Edited   []string
	EnvFile  bool // .env.example is ours
	SignIn   string
	Dev      bool
	Roles    *authRoles // nil where no tool demands one
	Allow    []string
	Store    string
	Env      []EnvVar
	Required []string     // variables that have to be set, URLs left out
	Starts   []string     // commands that start the programs
	Servers  []authServer // served over HTTP
	Stdio    bool         // a server asks for a credential over stdio
	SignOut  bool         // users sign in here, and so can sign out
	Left     []Step       // what a person still has to do
	LeftText string       // the section about that as it stands in the file, in place of Left
	From     string       // where undo is called, when it is not the page's folder
}

// authServer is one resource on the page.
type authServer struct {
	ID, Env string
	Further bool
	Default string
}

// writeAuthPage plans the page that tells the people of the repository what was
// added, how to try and test it, and how to take it back. A page of theirs stays.
func (b *builder) writeAuthPage() error {
	if b.rerun() {
		return b.followAuthPage()
	}
	for _, name := range authPageNames {
		if b.exists(name) {
			continue
		}
		text, err := b.authPage().text()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		b.create(name, text, "for the people of this repository: what was added, how to try, test and undo it")
		return nil
	}
	b.steps = append(b.steps, Step{Kind: StepNote, File: authPageNames[0], Reason: "the file is yours and was not changed"})
	return nil
}

func (p authPage) text() ([]byte, error) {
	var out bytes.Buffer
	err := authPageTemplate.Execute(&out, p)
	return out.Bytes(), err
}

func (b *builder) authPage() authPage {
	p := authPage{
		Copy: b.copyDir, Env: b.env, Allow: b.ans.Allow, Store: storeOf(b.ans),
		SignIn: phrase(b.ans), SignOut: wizard.Brokered(b.ans), Dev: uses(b.ans, "dev"), Roles: b.authRoles(),
		Edited: slices.Sorted(maps.Keys(b.edits)), From: b.calledIn,
	}
	for _, v := range b.env {
		if v.Required && !strings.HasPrefix(v.Name, resourceEnv) {
			p.Required = append(p.Required, v.Name)
		}
	}
	for _, s := range b.sidecars {
		p.Wiring = append(p.Wiring, s.rel)
		if s.pkg.Name == "main" {
			p.Starts = append(p.Starts, b.goRun(s))
		}
		for _, g := range s.guards {
			p.Stdio = p.Stdio || g.stdio != ""
			if !g.local() {
				p.Servers = append(p.Servers, authServer{g.servers[0].ID, g.env, g.further, g.defaultResource(b.ans)})
			}
		}
	}
	for _, s := range b.steps {
		switch {
		case s.Kind == StepManual:
			p.Left = append(p.Left, s)
		case s.Kind == StepCreate && s.File == envFile:
			p.EnvFile = true
		}
	}
	return p
}

// authRoles is what the page says of roles.
type authRoles struct {
	Tools                                 []toolRoles
	First, Example                        string
	OIDC, Several, GitHub, Dev, JWT, Keys bool
}

// toolRoles is one tool with the roles of which it demands one.
type toolRoles struct {
	Name  string
	Roles []string
}

func (b *builder) authRoles() *authRoles {
	all := allRoles(b.ans)
	if len(all) == 0 {
		return nil
	}
	r := &authRoles{First: all[0], OIDC: uses(b.ans, "oidc"), Several: len(wizard.Users(b.ans)) > 1, GitHub: uses(b.ans, "github"),
		Dev: uses(b.ans, "dev"), JWT: uses(b.ans, "jwt"), Keys: uses(b.ans, "apikey")}
	switch {
	case r.Dev:
		r.Example = devRoles(b.ans)
	case wizard.Brokered(b.ans):
		r.Example = exampleRoles(b.ans)
	}
	named := map[string][]string{}
	for _, g := range b.guards() {
		for _, s := range g.servers {
			for _, t := range s.Tools {
				if roles := union(b.ans.ToolRoles, t.Name); !t.Dynamic && len(roles) > 0 {
					named[t.Name] = roles
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		r.Tools = append(r.Tools, toolRoles{name, named[name]})
	}
	return r
}

// goRun returns the command that starts the program of s.
func (b *builder) goRun(s *sidecar) string {
	dir, err := filepath.Rel(b.prog.Dir, s.pkg.Dir)
	if err != nil || dir == "." {
		return "go run ."
	}
	return "go run ./" + path.Clean(filepath.ToSlash(dir))
}

var authPageTemplate = template.Must(template.New("AUTH.md").Funcs(template.FuncMap{
	"code": func(s string) string { return "`" + strings.ReplaceAll(s, "`", "'") + "`" },
	"line": func(s string) string { return strings.Join(strings.Fields(s), " ") },
}).Parse(authPageSource))

const authPageSource = `# Who may call this MCP server

Callers have to {{.SignIn}}{{if .Allow}}; {{range $i, $r := .Allow}}{{if $i}}, {{end}}{{code $r}}{{end}} may{{end}}.
{{if .Servers}}A stranger gets ` + "`401`" + ` with the challenge that makes MCP clients sign in. {{end}}mcp-migrate added this; the page is yours.

{{if .LeftText}}{{.LeftText}}{{else if .Left}}## Still open

These places were left to you. Until they are done, somebody may get in there.
{{range .Left}}
- {{code .Site}}: {{line .Reason}}
{{- end}}

{{end}}## What was added

| | |
|---|---|
{{range .Wiring}}| {{code .}} | makes the guard and says what each operation demands; yours to change |
{{end}}{{range .Edited}}| {{code .}} | calls it |
{{end}}{{if .Copy}}| {{code .Copy}} | the library, copied; lint takes a changed copy for no guard |{{else}}| ` + "`go.mod`" + ` | requires the library; lint takes a replaced one for no guard |{{end}}
{{if .EnvFile}}| ` + "`.env.example`" + ` | the variables below |
{{end}}
## Variables

| variable | | |
|---|---|---|
{{range .Env}}| {{code .Name}} | {{if .Required}}required{{else}}optional{{end}} | {{line .Help}} |
{{end}}
A required one that is missing stops the program with its name. Secrets belong into the environment, never into the
source.
{{if eq .Store "file"}}
Signed-in users are kept in files, encrypted with MCP_SESSION_KEY: a new key alone signs everybody out. To
change it without that, add the new one at the end of the list and restart every process, then move it to the
front and restart again.
{{else if eq .Store "redis"}}
Signed-in users are kept in Redis, encrypted with MCP_SESSION_KEY, which every replica must have: a new key alone signs
everybody out. To change it without that, add the new one at the end of the list at every replica, then move it to the
front. Who signs in at one replica is known at all, and what is revoked at one is refused at the others at once, or
within 5 seconds if they miss the message. Without Redis nobody is let in. After a restore from a backup, set a new
MCP_SESSION_KEY, or what was revoked since may be valid again. What the SDK keeps of an MCP session stays in
one replica: where that matters (go-sdk, streams), send a client's requests to the same one, by its Mcp-Session-Id.
{{else if eq .Store "memory"}}
Signed-in users are kept in memory: a restart signs everybody out.
{{end}}{{if and .SignOut .Servers}}
Users sign out, of every client at once, on the page ` + "`/oauth/signout`" + `{{range .Servers}}{{if .Further}}; for {{.ID}} below the path of {{code .Env}}{{else}} at the host of {{code .Env}}{{end}}{{end}}.
{{end}}{{if gt (len .Servers) 1}}
Each server has a URL of its own, and a token for one is refused by the others:
{{range .Servers}}
- {{.ID}}: {{code .Env}}{{if .Further}}; its sign-in endpoints are below the path of that URL{{end}}
{{- end}}
{{end}}
{{with .Roles}}## Roles

These tools demand one of their roles; ` + "`AnyRole`" + ` in the wiring says so:
{{range .Tools}}
- {{code .Name}}: {{range $i, $r := .Roles}}{{if $i}} or {{end}}{{code $r}}{{end}}
{{- end}}

Whoever has none is refused with ` + "`403`" + ` and does not see the tool in lists. Signing in again does not help, and clients do not ask for it.
{{if .Example}}
Who has a role is said by ` + "`MCP_ROLES`" + `:

` + "```sh" + `
export MCP_ROLES='{{.Example}}'
` + "```" + `

` + "`user:`, `org:` and `domain:`" + ` mean what they mean for who may sign in{{if .OIDC}}; ` + "`role:NAME`" + ` is whom the issuer gives that role{{end}}; ` + "`nobody`" + ` is no one.
{{- if .Several}} Each begins with its provider, since somebody else can have the name at another one.{{end}}
A role of the list above that is not there stops the program.
A change takes effect when the program is started again, and for who is signed in within an hour.
{{- if .GitHub}}
A GitHub user name can change hands. ` + "`user:https://github.com|NUMBER`" + ` can not: the number is at https://api.github.com/users/NAME.
{{- end}}
{{- if .Dev}}
Without it the user who is called like a role has it: type ` + "`{{.First}}`" + ` on the local sign-in page.
{{- end}}
{{end}}{{if .JWT}}
The roles of a token are those of its claim ` + "`roles`" + `, or of the one that OIDC_ROLES_CLAIM names, letter for letter.
{{end}}{{if .Keys}}
The roles of an API key stand beside it in the file: ` + "`\"roles\": [\"{{.First}}\"]`" + `.
{{end}}
{{end}}{{if .Stdio}}## Over stdio

The program reads the credential of its caller from ` + "`MCP_ACCESS_TOKEN`" + ` and checks it once, before it serves: a missing or bad
one stops it with that name. Whoever configures the client puts it there:

` + "```json" + `
{"mcpServers": {"notes": {"command": "/path/to/the/program", "env": {"MCP_ACCESS_TOKEN": "...", "...": "the variables above"}}}}
` + "```" + `

The caller may use what the policy lets the owner of the credential use. One that is revoked while the program runs is
refused when it is started again; one that ends is refused from then on.

{{end}}{{if .Servers}}## Try it

` + "```sh" + `
{{range .Servers}}export {{.Env}}={{if .Default}}{{.Default}}{{else}}http://localhost:PORT/PATH{{end}}
{{end}}{{range .Required}}export {{.}}=...
{{end}}{{range .Starts}}{{.}}
{{else}}# start the program
{{end}}` + "```" + `

In another terminal:

` + "```sh" + `
{{range .Servers}}curl -i "${{.Env}}" -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
  -d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
{{end}}` + "```" + `

The answer is ` + "`401 Unauthorized`" + `, and its ` + "`WWW-Authenticate`" + ` header names the metadata by which clients find the sign-in.
Give the URL to an MCP client to sign in and be served.

{{end}}## Test it

` + "```sh" + `
mcp-migrate lint ./...
{{range .Servers}}mcp-migrate verify --url "${{.Env}}"
{{end}}` + "```" + `

{{if .Servers}}The first reads the source and belongs into CI; the second calls the running server as a stranger.

## Behind a proxy

- The proxy must hand on the ` + "`Host`" + ` header as the client sent it (nginx: ` + "`proxy_set_header Host $http_host;`" + `). Requests for
  another host than that of the public URL get ` + "`421`" + `.
- It must hand on these paths as well as the MCP endpoint: ` + "`/.well-known/oauth-*`" + `, ` + "`/.well-known/openid-configuration*`" + ` and ` + "`/oauth/*`" + `.
{{- range .Servers}}{{if .Further}}
- For {{.ID}} also what is below the path of {{code .Env}}.{{end}}{{end}}
- It must not buffer answers: they may be streams.
{{- if .Dev}}
- The development sign-in answers only straight on this machine, never through a proxy.
{{- end}}
{{else}}It reads the source, and belongs into CI.
{{end}}
## Take it back

` + "```sh" + `
mcp-migrate undo{{if .From}} {{.From}}{{end}}
` + "```" + `

That gives back the files as they were before, byte for byte, as long as none of them was changed since. Afterwards, take
the calls out of the edited files and remove the added ones.
`
