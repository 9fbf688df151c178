package e2e

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
)

// A program is a server in one of many shapes, each chosen from a list: how the SDK's
// server is made, how tools get into it, how it is mounted and served, how errors go,
// which names are taken, how the file is written. Its fields are those choices.
type program struct {
	sdk                                                              string // mcpgo, gosdk
	made, options, tools, handler, mount, listen, fails, clash, form string

	name string // package and folder
	path string // of the endpoint
}

// choices are the alternatives of the grammar, by what is chosen.
var choices = map[string][]string{
	"made":    {"local", "factory", "field", "global", "pointer"},
	"options": {"none", "literal", "append"},
	"tools":   {"direct", "helper", "table", "method", "otherfile"},
	"handler": {"inline", "local", "factory", "wrapped", "field", "lazily"},
	"mount":   {"mux", "default", "bare", "muxfield", "twice", "strip", "muxfactory", "start"},
	"listen":  {"listen", "server", "listener", "goroutine", "timeouts"},
	"fails":   {"fatal", "return", "slog", "panic", "fmt"},
	"clash":   {"none", "err", "guard", "mcpAuth", "constructor", "authlib", "alias", "broker", "os"},
	"form":    {"plain", "crlf", "nonewline", "unformatted", "comments", "bom"},
}

// grown returns the program of a seed.
func grown(sdk string, seed uint64) *program {
	r := rand.New(rand.NewPCG(seed, 20))
	pick := func(what string) string { return choices[what][r.IntN(len(choices[what]))] }
	p := &program{sdk: sdk, name: fmt.Sprintf("p%d", seed), path: []string{"/mcp", "/", "/api/v1/mcp"}[r.IntN(3)]}
	p.made, p.options, p.tools, p.handler = pick("made"), pick("options"), pick("tools"), pick("handler")
	p.mount, p.listen, p.fails, p.clash, p.form = pick("mount"), pick("listen"), pick("fails"), pick("clash"), pick("form")
	p.sensible()
	return p
}

// sensible takes back choices that don't go together.
func (p *program) sensible() {
	if p.sdk == "gosdk" {
		p.options = "none"
		if p.mount == "start" {
			p.mount = "mux"
		}
	}
	if p.mount == "start" { // the SDK makes its own http.Server and mux
		p.path, p.listen, p.handler = "/mcp", "listen", "local"
	}
	if p.mount == "bare" || p.mount == "strip" {
		p.path = "/mcp"
	}
	if p.mount == "twice" && p.path == "/" {
		p.path = "/mcp"
	}
}

func (p *program) String() string {
	return fmt.Sprintf("%s (%s: made %s, options %s, tools %s, handler %s, mount %s at %s, listen %s, fails %s, clash %s, form %s)",
		p.name, p.sdk, p.made, p.options, p.tools, p.handler, p.mount, p.path, p.listen, p.fails, p.clash, p.form)
}

// files returns the source of the program by file name.
func (p *program) files() map[string]string {
	all := map[string]string{"main.go": p.source()}
	if p.tools == "otherfile" {
		all["tools.go"] = p.header("context") + p.toolsFile()
	}
	for name, text := range all {
		all[name] = p.written(text)
	}
	return all
}

// source puts main.go together.
func (p *program) source() string {
	var b strings.Builder
	b.WriteString(p.decls())
	switch p.fails {
	case "return":
		b.WriteString("func main() {\n\tif err := run(); err != nil {\n\t\tlog.Fatal(err)\n\t}\n}\n\n// run serves until it fails.\nfunc run() error {\n" + p.body() + "}\n")
	default:
		b.WriteString("func main() {\n" + p.body() + "}\n")
	}
	code := b.String()
	imports := []string{"net/http", "os"}
	for path, use := range map[string]string{"context": "context.", "fmt": "fmt.", "log": "log.", "log/slog": "slog.", "net": "net.", "time": "time.", "strings": "strings."} {
		if regexp.MustCompile(`(^|[^\w/."])` + regexp.QuoteMeta(use)).MatchString(code) {
			imports = append(imports, path)
		}
	}
	if !strings.Contains(code, "http.") {
		imports = imports[1:]
	}
	return p.header(imports...) + code
}

// sdkName is what the SDK's package with the server is called here.
func (p *program) sdkName() string {
	switch {
	case p.clash == "alias" && p.sdk == "mcpgo":
		return "mcpserver"
	case p.clash == "alias":
		return "sdk"
	case p.sdk == "mcpgo":
		return "server"
	}
	return "mcp"
}

func (p *program) header(imports ...string) string {
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n")
	sorted := append([]string{}, imports...)
	for i := range sorted {
		for j := i + 1; j < len(sorted); j++ {
			if sorted[j] < sorted[i] {
				sorted[i], sorted[j] = sorted[j], sorted[i]
			}
		}
	}
	for _, path := range sorted {
		fmt.Fprintf(&b, "\t%q\n", path)
	}
	b.WriteString("\n")
	alias := ""
	if p.clash == "alias" {
		alias = p.sdkName() + " "
	}
	if p.sdk == "mcpgo" {
		if p.tools != "otherfile" || imports[0] == "context" { // where the tools are
			b.WriteString("\t\"github.com/mark3labs/mcp-go/mcp\"\n")
		}
		b.WriteString("\t" + alias + "\"github.com/mark3labs/mcp-go/server\"\n)\n\n")
	} else {
		b.WriteString("\t" + alias + "\"github.com/modelcontextprotocol/go-sdk/mcp\"\n)\n\n")
	}
	return b.String()
}

// written gives the text its form.
func (p *program) written(text string) string {
	switch p.form {
	case "crlf":
		return strings.ReplaceAll(text, "\n", "\r\n")
	case "nonewline":
		return strings.TrimSuffix(text, "\n")
	case "unformatted":
		return strings.ReplaceAll(strings.ReplaceAll(text, " := ", ":="), "\t", "  ")
	case "bom":
		return "\ufeff" + text
	case "comments":
		return strings.ReplaceAll(strings.ReplaceAll(text, "\n\tmux", "\n\t// the routes\n\n\t// of this server\n\tmux"), ", h)", ", h /* serves it */)")
	}
	return text
}
