package analyze

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// A server that speaks stdio alone is local, until something puts it on the network
// from outside of the program.

// A Bridge is a line of a file by which programs are started that puts what speaks
// stdio on the network.
type Bridge struct {
	FilePlace
	Name string // what does so, such as "supergateway"
}

// bridges are programs that start an MCP server over stdio and serve it over HTTP, and
// those that do so for any program.
var bridges = []string{
	"mcp-proxy", "supergateway", "mcpo", "mcp-bridge", "mcp-http-bridge", "mcp-streamablehttp-proxy", "mcp-stdio-proxy",
	"stdio-to-sse", "mcp-superassistant-proxy", "websocketd",
}

// spoken are bridges that take several words to name.
var spoken = map[string]*regexp.Regexp{
	"socat EXEC":           regexp.MustCompile(`(?i)\bsocat\b.*\b(exec|system):`),
	"ncat --exec":          regexp.MustCompile(`\bncat\b.*\s(-e|--exec|-c|--sh-exec)\s`),
	"thv run":              regexp.MustCompile(`\bthv\s+run\b`),
	"docker mcp gateway":   regexp.MustCompile(`\bdocker\s+mcp\s+gateway\s+run\b`),
	"StandardInput=socket": regexp.MustCompile(`^\s*StandardInput\s*=\s*socket\b`),
}

// Bridges returns where files of the repository put a program that speaks stdio on the
// network. It is empty where no server of r speaks stdio. Names that are the program's
// own are no bridges.
func (r *Result) Bridges() []Bridge {
	if !slices.ContainsFunc(r.Servers, speaksStdio) {
		return nil
	}
	names := slices.DeleteFunc(slices.Clone(bridges), r.ownName)
	var list []Bridge
	for _, f := range r.Program.StartFiles() {
		list = append(list, bridgesIn(f, names)...)
	}
	return list
}

func speaksStdio(s *Server) bool {
	return slices.ContainsFunc(s.Transports, func(t *Transport) bool { return t.Kind == sdk.KindStdio })
}

// ownName reports whether a name is that of the module, or of one of its programs.
func (r *Result) ownName(name string) bool {
	return slices.ContainsFunc(r.Program.Modules, func(m *load.Module) bool { return path.Base(m.Path) == name }) ||
		slices.ContainsFunc(r.Program.Packages, func(p *load.Package) bool { return p.Name == "main" && path.Base(p.Path) == name })
}

// bridgesIn looks at each line that is no comment; one bridge a line is enough.
func bridgesIn(f load.StartFile, names []string) []Bridge {
	var list []Bridge
	line := 0
	for text := range strings.Lines(string(f.Src)) {
		line++
		trimmed := strings.TrimSpace(text)
		if strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, ";") {
			continue
		}
		if name, column := bridgeIn(text, names); name != "" {
			list = append(list, Bridge{FilePlace: FilePlace{File: f.Rel, Line: line, Column: column}, Name: name})
		}
	}
	return list
}

func bridgeIn(text string, names []string) (name string, column int) {
	for _, n := range names {
		if i := wordAt(text, n); i >= 0 {
			return n, i + 1
		}
	}
	var found []string
	for n, re := range spoken {
		if re.MatchString(text) {
			found = append(found, n)
		}
	}
	if len(found) == 0 {
		return "", 0
	}
	return slices.MinFunc(found, func(a, b string) int { return cmp.Compare(a, b) }), 1
}

// wordAt returns where a name stands in a line as a word of its own, as it does in a
// command, in the name of an image or with a version behind it; -1 if nowhere.
func wordAt(text, name string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return -1
		}
		i += from
		from = i + len(name)
		if (i == 0 || !partOfName(text[i-1])) && (from == len(text) || !partOfName(text[from])) {
			return i
		}
	}
}

func partOfName(c byte) bool {
	return c == '-' || c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
