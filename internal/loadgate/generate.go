package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/mcp-migrate/mcp-migrate/internal/load/fast/sdkapi"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

// A shape says what a generated module is like.
type shape struct {
	tools    int // spread over the packages
	packages int // that register tools
	plain    int // packages beside them that know nothing of MCP, of about 8 KB each
}

// sdkModule and sdkVersion are what generated modules are made with: the first SDK of
// the list, at the newest version of which the tool knows the API by itself.
var (
	sdkModule  = all.Specs()[0].Module
	sdkVersion = slices.MaxFunc(sdkapi.Versions(sdkModule), semver.Compare)
)

// generate writes a module of that shape into an empty folder. Its server is served
// over HTTP behind a check, and its tools are registered in four ways: on a
// parameter, on a field, in a closure, and on what a function returns.
func generate(dir string, s shape) error {
	w := &writer{dir: dir}
	w.file("go.mod", "module example.com/big\n\ngo 1.24.0\n\nrequire "+sdkModule+" "+sdkVersion+"\n")
	w.file("main.go", s.main())
	w.file("app/app.go", app)
	for i := range s.packages {
		n := s.tools/s.packages + btoi(i < s.tools%s.packages)
		w.file(fmt.Sprintf("tools/p%04d/p.go", i), s.registering(i, n))
	}
	for i := range s.plain {
		w.file(fmt.Sprintf("lib/l%04d/l.go", i), plain(i))
	}
	return w.err
}

type writer struct {
	dir string
	err error
}

func (w *writer) file(name, text string) {
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if w.err == nil {
		w.err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if w.err == nil {
		w.err = os.WriteFile(path, []byte(text), 0o644)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s shape) main() string {
	var imports, calls strings.Builder
	for i := range s.packages {
		fmt.Fprintf(&imports, "\t\"example.com/big/tools/p%04d\"\n", i)
		fmt.Fprintf(&calls, "\tp%04d.Register(a, s)\n", i)
	}
	return "package main\n\nimport (\n\t\"net/http\"\n\n\t\"" + sdkModule + "/server\"\n\n\t\"example.com/big/app\"\n" + imports.String() + ")\n\n" +
		"func main() {\n\ts := server.NewMCPServer(\"big\", \"1.0.0\")\n\ta := &app.App{Server: s}\n" + calls.String() +
		"\thttp.Handle(\"/mcp\", app.Check(server.NewStreamableHTTPServer(s)))\n\tpanic(http.ListenAndServe(\":8080\", nil))\n}\n"
}

var app = `// Package app is what the packages have in common.
package app

import (
	"crypto/subtle"
	"net/http"
	"os"

	"` + sdkModule + `/server"
)

// An App holds the server.
type App struct{ Server *server.MCPServer }

// Get returns the server.
func (a *App) Get() *server.MCPServer { return a.Server }

// With runs f with the server.
func (a *App) With(f func(*server.MCPServer)) { f(a.Server) }

// Check lets through who knows the key.
func Check(next http.Handler) http.Handler {
	key := os.Getenv("KEY")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+key)) != 1 {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
`

// receivers are the four ways to the server.
var receivers = []string{
	"s.AddTool(%s)",
	"a.Server.AddTool(%s)",
	"a.With(func(in *server.MCPServer) { in.AddTool(%s) })",
	"a.Get().AddTool(%s)",
}

// registering is a package that registers n tools of about 1 KB each.
func (s shape) registering(i, n int) string {
	var calls, handlers strings.Builder
	for t := range n {
		name := fmt.Sprintf("tool_%04d_%04d", i, t)
		made := fmt.Sprintf("mcp.NewTool(%q, mcp.WithDescription(\"Does what %s does.\"), mcp.WithString(\"path\", mcp.Required(), mcp.Description(\"where\")), mcp.WithNumber(\"limit\")), handle%d", name, name, t)
		fmt.Fprintf(&calls, "\t"+receivers[t%len(receivers)]+"\n", made)
		fmt.Fprintf(&handlers, handler, t, t, t)
	}
	return fmt.Sprintf("package p%04d\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\t\"strings\"\n\n\t\"%s/mcp\"\n\t\"%s/server\"\n\n\t\"example.com/big/app\"\n)\n\n"+
		"var _ = strings.TrimSpace\n\n// Register adds the tools.\nfunc Register(a *app.App, s *server.MCPServer) {\n%s}\n%s", i, sdkModule, sdkModule, calls.String(), handlers.String())
}

const handler = `
func handle%d(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	path, err := req.RequireString("path")
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	var lines []string
	for i := 0; i < req.GetInt("limit", 10); i++ {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("tool %d was stopped: %%w", ctx.Err())
		}
		line := strings.TrimSpace(fmt.Sprintf("%%s #%%d of %d", path, i))
		if line == "" || strings.HasPrefix(line, "-") {
			continue
		}
		lines = append(lines, line)
	}
	return mcp.NewToolResultText(strings.Join(lines, "\n")), nil
}
`

// plain is a package of about 8 KB that knows nothing of MCP.
func plain(i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// Package l%04d counts.\npackage l%04d\n\nimport (\n\t\"sort\"\n\t\"strings\"\n)\n", i, i)
	for f := range 20 {
		fmt.Fprintf(&b, plainFunc, f, f, f, f)
	}
	return b.String()
}

const plainFunc = `
// Count%d counts the words of a text that are longer than %d letters, and returns
// the most frequent ones first.
func Count%d(text string) []string {
	seen := map[string]int{}
	for _, word := range strings.Fields(text) {
		if len(word) > %d {
			seen[word]++
		}
	}
	list := make([]string, 0, len(seen))
	for word := range seen {
		list = append(list, word)
	}
	sort.Slice(list, func(i, j int) bool { return seen[list[i]] > seen[list[j]] })
	return list
}
`
