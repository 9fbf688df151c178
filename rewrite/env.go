package rewrite

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// envFile lists the variables for the person who deploys; it holds no secret.
const envFile = ".env.example"

// writeEnvExample plans .env.example, and lists the variables in the plan.
func (b *builder) writeEnvExample() {
	b.env = b.variables()
	b.ignoreSecrets()
	if b.rerun() {
		b.followEnv()
		return
	}
	if b.exists(envFile) {
		b.noteEnv()
		return
	}
	b.create(envFile, b.envText(), "the variables that the program reads")
}

// followEnv plans how the file of an earlier run follows the answers.
func (b *builder) followEnv() {
	old := b.before()
	if !b.follow(envFile, old.envText(), b.envText(), "the variables that the program reads now") {
		b.noteEnv()
	}
}

// noteEnv tells what a file of the user's own lacks.
func (b *builder) noteEnv() {
	b.steps = append(b.steps, Step{Kind: StepNote, File: envFile,
		Reason: "the file is yours and was not changed: add " + strings.Join(b.envNames(), ", ")})
}

// envText returns the file with the variables of b.
func (b *builder) envText() []byte {
	var out strings.Builder
	out.WriteString("# What the MCP server reads from its environment to ask callers who they are.\n" +
		"# Copy this file, fill it in, and keep the copy out of version control.\n")
	for _, v := range b.env {
		fmt.Fprintf(&out, "\n# %s\n", v.Help)
		value := answered(v.Name, b.ans)
		prefix := ""
		if !v.Required && value == "" {
			prefix = "# "
		}
		fmt.Fprintf(&out, "%s%s=%s\n", prefix, v.Name, value)
	}
	return []byte(out.String())
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
	for _, v := range signInEnv(b.ans) {
		v.Help = b.callbacks(v.Help)
		vars = append(vars, v)
	}
	return append(append(vars, b.stdioVariables()...), b.secretVariables()...)
}

// callbacks makes help speak of every callback URL to enter at the provider.
// GitHub takes one, and every URL below it.
func (b *builder) callbacks(help string) string {
	if guards := b.guards(); len(guards) == 0 || len(guards) == 1 && !guards[0].further {
		return help
	}
	for _, p := range wizard.Users(b.ans) {
		one := "<origin>/oauth/callback/" + p
		all := one + ", and for each further server <its resource URL>/oauth/callback/" + p
		if p == "github" {
			all = "<origin>/, since those of the servers are below it"
		}
		help = strings.Replace(help, one, all, 1)
	}
	return help
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
	for i, g := range guards {
		if slices.ContainsFunc(guards[:i], func(o *guarded) bool { return o.env == g.env }) {
			continue // the same server, in another package
		}
		of := ""
		if len(guards) > 1 || g.further {
			of = " of the server " + g.servers[0].ID
		}
		if g.sibling {
			of += " over SSE"
		}
		help := "The public URL of the MCP endpoint" + of + ", such as " + g.example() + "."
		if g.local() {
			help = "A URI that names the server" + of + ", such as https://mcp.example.com/mcp, and that tokens for it have as their audience. Nothing is served there."
		}
		local := g.defaultResource(b.ans)
		if local != "" {
			help += " Default: " + local
		}
		vars = append(vars, EnvVar{g.env, local == "", help})
	}
	return vars
}

// ignoreSecrets keeps a filled-in .env out of git, and the session folder where there
// is one.
func (b *builder) ignoreSecrets() {
	rel := b.ignoreFile()
	old := b.readOld(rel)
	out := string(old)
	lines, reason := []string{".env"}, "keep secrets out of version control"
	if storeOf(b.ans) == "file" {
		lines, reason = []string{".mcp-sessions/", ".env"}, "keep sessions and secrets out of version control"
	}
	for _, line := range lines {
		if !hasLine(out, line) {
			if out != "" && !strings.HasSuffix(out, "\n") {
				out += "\n"
			}
			out += line + "\n"
		}
	}
	b.change(FileChange{Rel: rel, Old: old, New: []byte(out), Mode: 0o644},
		Step{Kind: StepEdit, File: rel, Reason: reason})
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
