package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// layWork copies a workspace aside; member is the module to call the command in,
// "" for its root.
func layWork(t *testing.T, name, member string) (b *bed, root string) {
	t.Helper()
	s, err := servers.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	b = lay(t, s)
	root = b.dir
	b.dir = filepath.Join(root, member)
	return b, root
}

func says(t *testing.T, r *probe.Result, want ...string) {
	t.Helper()
	all := string(r.Stdout) + string(r.Stderr)
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("it does not say %q:\n%s", w, all)
		}
	}
}

// inspect returns the report of the folder that b is called in.
func (b *bed) inspect(t *testing.T, code int) *analyze.Report {
	t.Helper()
	var rep analyze.Report
	if err := json.Unmarshal(b.run(t, code, "inspect", b.dir, "--format", "json").Stdout, &rep); err != nil {
		t.Fatal(err)
	}
	return &rep
}

// placed lists a report's servers and tools with their files.
func placed(rep *analyze.Report) []string {
	var list []string
	for _, s := range rep.Servers {
		list = append(list, fmt.Sprintf("%s in %s at %s, served at %s", s.ID, s.Module, s.File, s.Transports[0].File))
		for _, tool := range s.Tools {
			list = append(list, tool.Name+" at "+tool.File)
		}
	}
	return list
}

// Tools that another module registers are found and counted, wherever the command
// is called; places are relative to where that is.
func TestWorkspaceIsReadAcrossModules(t *testing.T) {
	for _, tt := range []struct {
		name, member string
		module       string
		modules      []string
		want         []string
	}{
		{"mcpgo-work", "", "", []string{"server true", "tools true"}, []string{
			"s in example.com/mcpgo-work/tools at tools/notes/tools.go, served at server/main.go",
			"list_notes at tools/notes/tools.go", "delete_note at tools/notes/tools.go"}},
		{"mcpgo-work", "server", "example.com/mcpgo-work/server", []string{". true", "../tools true"}, []string{
			"s in example.com/mcpgo-work/tools at ../tools/notes/tools.go, served at main.go",
			"list_notes at ../tools/notes/tools.go", "delete_note at ../tools/notes/tools.go"}},
		{"gosdk-work", "", "", []string{"notes true", "status true", "tools true"}, []string{
			"notes in example.com/gosdk-work/notes at notes/main.go, served at notes/main.go", "list_notes at tools/tools.go", "delete_note at tools/tools.go",
			"status in example.com/gosdk-work/status at status/main.go, served at status/main.go", "count_notes at tools/tools.go"}},
		{"gosdk-work", "status", "example.com/gosdk-work/status", []string{". true", "../tools true", "../notes false"}, []string{
			"status in example.com/gosdk-work/status at main.go, served at main.go", "count_notes at ../tools/tools.go"}},
		{"gosdk-work", "tools", "example.com/gosdk-work/tools", []string{". true", "../notes false", "../status false"}, nil},
	} {
		t.Run(path.Join(tt.name, tt.member), func(t *testing.T) {
			t.Parallel()
			b, root := layWork(t, tt.name, tt.member)
			before := read(t, root)
			code := 0
			if tt.want == nil {
				code = 3 // who calls it with which server is not to be seen from there
			}
			rep := b.inspect(t, code)
			if got := placed(rep); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			var modules []string
			for _, m := range rep.Workspace.Modules {
				modules = append(modules, fmt.Sprint(m.Dir, " ", m.LookedAt))
			}
			if rep.Module != tt.module || !slices.Equal(modules, tt.modules) {
				t.Errorf("module %q of %v, want %q of %v", rep.Module, modules, tt.module, tt.modules)
			}
			same(t, "after inspect", read(t, root), before)
		})
	}
}

// Called in a module, that one is migrated: its server is refused to strangers,
// the others of the workspace stay as they are.
func TestWorkspaceCalledInAModule(t *testing.T) {
	for _, tt := range []struct{ name, member string }{{"mcpgo-work", "server"}, {"gosdk-work", "notes"}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			b, root := layWork(t, tt.name, tt.member)
			b.Pkg, b.Further = "", nil
			before := read(t, root)
			b.migrate(t, 0, "--prove")
			after := read(t, root)
			for name, file := range after {
				if before[name] != file && !strings.HasPrefix(name, tt.member+"/") && name != ".gitignore" {
					t.Errorf("%s changed", name)
				}
			}
			b.prove(t, b.start(t))
			b.again(t, read(t, b.dir))
			b.run(t, 0, "lint", b.dir+"/...")

			// undo is called where migrate was; elsewhere it says so.
			says(t, b.run(t, 2, "undo", root), "the last one was called in", "mcp-migrate undo", b.dir)
			same(t, "after undo in another place", read(t, root), after)
			b.run(t, 0, "undo", b.dir)
			same(t, "after undo", read(t, root), before)
		})
	}
}

// At the root a migration of one server proves it, and leaves the other one open,
// which lint says.
func TestWorkspaceOneServerAtTheRoot(t *testing.T) {
	b, root := layWork(t, "gosdk-work", "")
	says(t, b.run(t, 1, "lint", root+"/..."), "notes/main.go:23", "status/main.go:20")
	says(t, b.migrate(t, 0, "--server", "status", "--prove", "--no-verify"), `refused    stranger: tools/call "count_notes"`)
	says(t, b.run(t, 1, "lint", root+"/..."), "notes/main.go:23")
	b.run(t, 0, "lint", filepath.Join(root, "status"))
	says(t, b.run(t, 1, "lint", filepath.Join(root, "status"), filepath.Join(root, "notes")), "notes/main.go:23")
	// The rest comes later, with a variable of its own.
	b.migrate(t, 0, "--server", "notes", "--no-verify")
	b.run(t, 0, "lint", root+"/...")
	if src, err := os.ReadFile(filepath.Join(root, "notes", "mcp_auth.go")); err != nil || !strings.Contains(string(src), "MCP_RESOURCE_URL_NOTES") {
		t.Errorf("%v:\n%s", err, src)
	}
}

// A guard of one module can't be used in another: a transport that is made in one
// and served in the other is left to a person, with the place and the text.
func TestWorkspaceTransportOfAnotherModule(t *testing.T) {
	b, root := layWork(t, "gosdk-work", "")
	put(t, root, "status/main.go", `// Command status serves what another module makes.
package main

import (
	"log"
	"net/http"

	"example.com/gosdk-work/tools"
)

func main() {
	log.Fatal(http.ListenAndServe("localhost:8081", tools.Handler()))
}
`)
	put(t, root, "tools/handler.go", `package tools

import (
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Handler serves the tool that counts.
func Handler() http.Handler {
	status := mcp.NewServer(&mcp.Implementation{Name: "Status", Version: "1"}, nil)
	RegisterCount(status)
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return status }, nil)
}
`)
	r := b.migrate(t, 1, "--server", "status")
	says(t, r, "manual step 1: status/main.go:12:12", "made in the module example.com/gosdk-work/tools and served in example.com/gosdk-work/status",
		"mcpAuth, err := newMCPAuth()", "mcpAuth.Server(s) // s: the server", `mcpAuth.Handler("/", tools.Handler())`)
	after := read(t, root)
	if _, ok := after["status/mcp_auth.go"]; !ok {
		t.Error("the text to paste calls what is not there")
	}
	b.run(t, 1, "lint", root+"/...")
}

// A transport that the module beside makes and the called one starts is guarded
// where it is made: that module gets the wiring, and the copy of the library.
func TestWorkspaceTransportStartedInAnotherModule(t *testing.T) {
	b, root := layWork(t, "mcpgo-work", "server")
	b.Pkg = ""
	put(t, root, "server/main.go", `// Command server starts what another module makes.
package main

import (
	"flag"
	"log"

	"example.com/mcpgo-work/tools/notes"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	log.Fatal(notes.NewHTTP().Start(*addr))
}
`)
	put(t, root, "tools/notes/http.go", `package notes

import "github.com/mark3labs/mcp-go/server"

// NewHTTP makes the transport.
func NewHTTP() *server.StreamableHTTPServer {
	return server.NewStreamableHTTPServer(NewServer("1"))
}
`)
	before := read(t, root)
	says(t, b.migrate(t, 1, "--dry-run"), "manual step 1: ../tools/notes/http.go:7:9", "no way to report an error", "newMCPAuth()")
	put(t, root, "tools/notes/http.go", strings.NewReplacer(
		"*server.StreamableHTTPServer {", "(*server.StreamableHTTPServer, error) {", `NewServer("1"))`, `NewServer("1")), nil`).Replace(before["tools/notes/http.go"].data))
	put(t, root, "server/main.go", strings.Replace(before["server/main.go"].data,
		"log.Fatal(notes.NewHTTP().Start(*addr))", "h, err := notes.NewHTTP()\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\tlog.Fatal(h.Start(*addr))", 1))
	before = read(t, root)
	says(t, b.migrate(t, 0), "created ../tools/notes/mcp_auth.go", "created ../tools/internal/authlib/ (", "edited ../tools/go.mod")
	b.prove(t, b.start(t))
	b.again(t, read(t, b.dir))
	says(t, b.run(t, 0, "undo", b.dir), "removed ../tools/notes/mcp_auth.go", "restored ../tools/notes/http.go")
	same(t, "after undo", read(t, root), before)
}

func put(t *testing.T, root, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A module of a workspace that wants the oldest Go by its bare name is raised to
// its first release, and go.work with it.
func TestWorkspaceGoLine(t *testing.T) {
	b := lay(t, servers.Server{Name: "../versions/mcpgo", Listen: servers.ByFlag, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Pkg: "./app",
		Delete: map[string]any{"text": "buy milk"}})
	root := filepath.Join(filepath.Dir(b.dir), "ws")
	app := filepath.Join(root, "app")
	if err := os.MkdirAll(app, 0o755); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"main.go": "main.go", "v0.32.0/go.mod": "go.mod", "v0.32.0/go.sum": "go.sum"} {
		src, err := os.ReadFile(filepath.Join(b.dir, filepath.FromSlash(from)))
		if err != nil {
			t.Fatal(err)
		}
		put(t, app, to, strings.Replace(string(src), "go 1.23.0\n", "go 1.23\n", 1))
	}
	put(t, root, "go.work", "go 1.23\n\nuse ./app\n")
	b.dir = root
	before := read(t, root)
	b.migrate(t, 0)
	after := read(t, root)
	if got := after["go.work"].data; got != "go 1.23.0\n\nuse ./app\n" || !strings.Contains(after["app/go.mod"].data, "go 1.23.0\n") {
		t.Errorf("go.work is\n%s\ngo.mod\n%s", got, after["app/go.mod"].data)
	}
	b.prove(t, b.start(t))
	b.run(t, 0, "undo", root)
	same(t, "after undo", read(t, root), before)
}

// A workspace that can't be handled is refused with the line and the cure; not a
// byte of it changes.
func TestWorkspaceBroken(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(t *testing.T, root string)
		dir   string
		env   []string
		code  int
		says  []string
	}{
		{name: "a module is gone", dir: "notes", code: 3, says: []string{"go.work:7: use ./tools: there is no such folder", "-dropuse=./tools"},
			spoil: func(t *testing.T, root string) { remove(t, root, "tools") }},
		{name: "not a member", dir: "notes", code: 3, says: []string{"not one of the workspace", "go work use", "GOWORK=off"},
			spoil: func(t *testing.T, root string) { put(t, root, "go.work", "go 1.25.0\n\nuse ./tools\n") }},
		{name: "go.work is older than a module", dir: "", code: 3, says: []string{"go.work", "go work use"},
			spoil: func(t *testing.T, root string) {
				put(t, root, "go.work", "go 1.23.0\n\nuse (\n\t./notes\n\t./status\n\t./tools\n)\n")
			}},
		{name: "vendored", dir: "notes", code: 3, says: []string{"vendor directory", "go work vendor"},
			spoil: func(t *testing.T, root string) { vendor(t, root) }},
		{name: "GOWORK=off at the root", dir: "", env: []string{"GOWORK=off"}, code: 2, says: []string{"there is no module", "below", "notes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, root := layWork(t, "gosdk-work", "")
			if tt.spoil != nil {
				tt.spoil(t, root)
			}
			b.dir = filepath.Join(root, tt.dir)
			b.env = append(b.env, tt.env...)
			before := read(t, root)
			says(t, b.migrate(t, tt.code), tt.says...)
			same(t, "after migrate", read(t, root), before)
		})
	}
}

func remove(t *testing.T, root, name string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(root, name)); err != nil {
		t.Fatal(err)
	}
}

func vendor(t *testing.T, root string) {
	t.Helper()
	r, err := probe.Run(t.Context(), root, goEnv(t), "go", "work", "vendor")
	if err != nil || r.Code != 0 {
		t.Fatalf("go work vendor: %v, %s", err, r.Stderr)
	}
}

// A workspace with a vendor folder builds from it; it is read from there as well.
func TestWorkspaceVendoredIsRead(t *testing.T) {
	b, root := layWork(t, "gosdk-work", "")
	vendor(t, root)
	b.env = append(b.env, "GOPROXY=off", "GOMODCACHE="+t.TempDir(), "GOFLAGS="+goFlags)
	before := read(t, root)
	if rep := b.inspect(t, 0); len(rep.Servers) != 2 {
		t.Errorf("%d servers", len(rep.Servers))
	}
	b.run(t, 1, "lint", root+"/...")
	same(t, "after lint", read(t, root), before)
}

// The go command completes go.work.sum whenever it runs. What reads, or shows a
// change, must not change a byte: it runs beside a copy.
func TestWorkspaceSumIsLeftAsItIs(t *testing.T) {
	b, root := layWork(t, "gosdk-work", "")
	for _, m := range []string{"notes", "status", "tools"} {
		remove(t, root, m+"/go.sum")
	}
	before := read(t, root)
	b.inspect(t, 0)
	b.migrate(t, 0, "--dry-run")
	same(t, "after inspect and a dry run", read(t, root), before)
	b.migrate(t, 0)
	if _, ok := read(t, root)["go.work.sum"]; ok {
		t.Error("migrate left a go.work.sum")
	}
	// So this was worth something: the go command itself writes one.
	if r, err := probe.Run(t.Context(), root, goEnv(t), "go", "build", "-o", os.DevNull, "./notes"); err != nil || r.Code != 0 {
		t.Fatalf("%v\n%s", err, r.Stderr)
	}
	if _, ok := read(t, root)["go.work.sum"]; !ok {
		t.Error("the go command wrote no go.work.sum either: this test shows nothing")
	}
}

// A module that no program of the workspace reaches is a library for others: what
// its exported functions make counts. One that they reach counts as far as they do.
func TestWorkspaceLibrary(t *testing.T) {
	b, root := layWork(t, "gosdk-work", "")
	const factory = `

import (
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Handler serves what nobody here asks for.
func Handler() http.Handler {
	%s := mcp.NewServer(&mcp.Implementation{Name: "x", Version: "1"}, nil)
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return %[1]s }, nil)
}
`
	mod := strings.Replace(read(t, root)["tools/go.mod"].data, "gosdk-work/tools", "gosdk-work/lib", 1)
	if err := os.Mkdir(filepath.Join(root, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, root, "lib/go.mod", mod)
	put(t, root, "lib/lib.go", "package lib"+fmt.Sprintf(factory, "library"))
	put(t, root, "tools/unused.go", "package tools"+fmt.Sprintf(factory, "unused"))
	put(t, root, "go.work", read(t, root)["go.work"].data+"\nuse ./lib\n")
	var ids []string
	for _, s := range b.inspect(t, 0).Servers {
		ids = append(ids, s.ID)
	}
	if want := []string{"library", "notes", "status"}; !slices.Equal(ids, want) {
		t.Errorf("servers %v, want %v", ids, want)
	}
}

// With GOWORK=off one module is migrated as if there were no workspace.
func TestWorkspaceTurnedOff(t *testing.T) {
	b, root := layWork(t, "gosdk-work", "notes")
	b.Pkg, b.Further = "", nil
	b.env = append(b.env, "GOWORK=off")
	before := read(t, root)
	if rep := b.inspect(t, 3); rep.Workspace != nil || rep.Complete {
		// The tools are registered in a module that is not looked at then.
		t.Errorf("workspace %+v, complete %v", rep.Workspace, rep.Complete)
	}
	says(t, b.migrate(t, 3), "which is outside of the module")
	same(t, "after migrate", read(t, root), before)
}
