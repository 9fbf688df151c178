package rewrite

import (
	"fmt"
	"path"
	"strings"
)

// envFile lists the variables for the person who deploys; it holds no secret.
const envFile = ".env.example"

// writeEnvExample plans .env.example, and lists the variables in the plan.
func (b *builder) writeEnvExample() {
	b.env = b.variables()
	if b.ans.Store == "file" {
		b.ignoreSessions()
	}
	if b.exists(envFile) {
		b.steps = append(b.steps, Step{Kind: StepNote, File: envFile,
			Reason: "the file is yours and was not changed: add " + strings.Join(b.envNames(), ", ")})
		return
	}
	var out strings.Builder
	out.WriteString("# What the MCP server reads from its environment to ask callers who they are.\n" +
		"# Copy this file, fill it in, and keep the copy out of version control.\n")
	for _, v := range b.env {
		fmt.Fprintf(&out, "\n# %s\n", v.Help)
		value := ""
		if v.Name == resourceEnv {
			value = b.ans.ResourceURL
		}
		prefix := ""
		if !v.Required && value == "" {
			prefix = "# "
		}
		fmt.Fprintf(&out, "%s%s=%s\n", prefix, v.Name, value)
	}
	b.create(envFile, []byte(out.String()), "the variables that the program reads")
}

func (b *builder) envNames() []string {
	var names []string
	for _, v := range b.env {
		names = append(names, v.Name)
	}
	return names
}

// variables returns what the wiring reads, in the order a person fills it in.
func (b *builder) variables() []EnvVar {
	vars := b.resourceVariables()
	switch first(b.ans.Provider) {
	case "github":
		vars = append(vars,
			EnvVar{"GITHUB_CLIENT_ID", true, "Client ID of your GitHub OAuth app (github.com/settings/developers); its callback URL is " + b.callback() + "."},
			EnvVar{"GITHUB_CLIENT_SECRET", true, "Client secret of that app."},
			EnvVar{"GITHUB_BASE_URL", false, "Only for GitHub Enterprise Server: its URL."})
	case "dev":
		vars = append(vars, EnvVar{"MCP_DEV_CODE", false, "Code that the local sign-in page asks for. Default: a random one, printed at start."})
	}
	if b.ans.Store == "file" {
		vars = append(vars,
			EnvVar{"MCP_SESSION_KEY", true, "32 bytes, base64 (openssl rand -base64 32). A comma list rotates: the first one encrypts."},
			EnvVar{"MCP_SESSION_DIR", false, "Where signed-in users are kept, encrypted. Default: .mcp-sessions"})
	}
	return vars
}

// callback says which callback URL to enter at GitHub, which takes one, and every
// URL below it.
func (b *builder) callback() string {
	if len(b.guards()) > 1 {
		return "<origin>/, since those of the servers are below it"
	}
	return "<origin>/oauth/callback/github"
}

func (b *builder) guards() []*guarded {
	var list []*guarded
	for _, s := range b.sidecars {
		list = append(list, s.guards...)
	}
	return list
}

// resourceVariables returns one variable for each resource.
func (b *builder) resourceVariables() []EnvVar {
	guards := b.guards()
	var vars []EnvVar
	for _, g := range guards {
		of := ""
		if len(guards) > 1 {
			of = " of the server " + g.servers[0].ID
		}
		help := "The public URL of the MCP endpoint" + of + ", such as https://mcp.example.com/mcp."
		local := g.defaultResource(b.ans)
		if local != "" {
			help += " Default: " + local
		}
		vars = append(vars, EnvVar{g.env, local == "", help})
	}
	return vars
}

// ignoreSessions keeps the session folder and a filled-in .env out of git.
func (b *builder) ignoreSessions() {
	const rel = ".gitignore"
	old := b.readOld(rel)
	out := string(old)
	for _, line := range []string{".mcp-sessions/", ".env"} {
		if !hasLine(out, line) {
			if out != "" && !strings.HasSuffix(out, "\n") {
				out += "\n"
			}
			out += line + "\n"
		}
	}
	b.change(FileChange{Rel: rel, Old: old, New: []byte(out), Mode: 0o644},
		Step{Kind: StepEdit, File: rel, Reason: "keep sessions and secrets out of version control"})
}

// hasLine reports whether a .gitignore already covers name, as written or with a slash.
func hasLine(text, name string) bool {
	for _, l := range strings.Split(text, "\n") {
		l = strings.TrimSpace(l)
		if l == name || path.Clean("/"+l) == path.Clean("/"+name) {
			return true
		}
	}
	return false
}
