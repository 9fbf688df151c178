package analyze_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

// skimmed loads a folder without the go command, and analyses it.
func skimmed(tb testing.TB, dir string, tags ...string) *analyze.Result {
	tb.Helper()
	p, err := fast.Load(context.Background(), fast.Options{Dir: dir, Tags: tags, SDKs: all.Modules()})
	if err != nil {
		tb.Fatal(err)
	}
	return analysed(tb, p)
}

// TestLoadersAgree: for every fixture, what is found without the go command is what
// is found with full types, findings of lint included.
func TestLoadersAgree(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fixtures {
		t.Run(filepath.Base(f), func(t *testing.T) {
			p := loaded(t, filepath.Base(f))
			agree(t, analysed(t, p), skimmed(t, p.Dir))
		})
	}
}

// TestLoadersAgreeOnServers is the same for every server that the tool is tested on.
func TestLoadersAgreeOnServers(t *testing.T) {
	servers, err := filepath.Glob("../testdata/servers/*/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	work, err := filepath.Glob("../testdata/servers/*/go.work")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(servers, work...) {
		dir := filepath.Dir(f)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			p, err := typed.Load(t.Context(), typed.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			agree(t, analysed(t, p), skimmed(t, dir))
		})
	}
}

// TestLoadersAgreeOnRouters is the same for programs that try to get a wrong verdict by a
// router.
func TestLoadersAgreeOnRouters(t *testing.T) {
	dir := attacks(t, "routers", "contexts")
	p, err := typed.Load(t.Context(), typed.Options{Dir: dir, Env: fixture.Offline})
	if err != nil {
		t.Fatal(err)
	}
	agree(t, analysed(t, p), skimmed(t, dir))
}

func agree(t *testing.T, want, got *analyze.Result) {
	t.Helper()
	if diff := cmp.Diff(want.Report(), got.Report()); diff != "" {
		t.Errorf("reports differ (-typed +fast):\n%s", diff)
	}
	if diff := cmp.Diff(lint.Check(want), lint.Check(got)); diff != "" {
		t.Errorf("findings differ (-typed +fast):\n%s", diff)
	}
}

// TestMissingSDKIsIncomplete: an SDK that is imported and not there must not look
// like a module without servers.
func TestMissingSDKIsIncomplete(t *testing.T) {
	t.Setenv("GOMODCACHE", t.TempDir())
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/s\n\ngo 1.25.0\n\nrequire github.com/localrivet/gomcp v1.3.0\n")
	write(t, dir, "main.go", "package main\n\nimport \"github.com/localrivet/gomcp/server\"\n\nfunc main() { server.NewServer(\"s\").Run() }\n")
	r := skimmed(t, dir)
	if len(r.Incomplete) == 0 || !slices.ContainsFunc(r.Incomplete, func(i analyze.Incomplete) bool {
		return strings.Contains(i.Why, "github.com/localrivet/gomcp v1.3.0 is not in the module cache")
	}) {
		t.Errorf("incomplete: %+v", r.Incomplete)
	}
}

// TestNewestSDKsNeedNoModuleCache: of the newest versions of the SDKs the tool knows
// the API by itself, so that nothing needs to be there but the module.
func TestNewestSDKsNeedNoModuleCache(t *testing.T) {
	for _, name := range []string{"mcpgo-mux", "mcpgo-sse", "gosdk-mux", "gosdk-listen"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("../testdata/servers", name)
			want := skimmed(t, dir)
			t.Setenv("GOMODCACHE", t.TempDir())
			t.Setenv("PATH", "")
			agree(t, want, skimmed(t, dir))
		})
	}
}

// TestCodeThatDoesNotCompileIsRead: a type error is no obstacle, and a file that does
// not parse is read as far as it goes and named. Full types name every error besides.
func TestCodeThatDoesNotCompileIsRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../testdata/servers/mcpgo-mux")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "wrong.go", "package main\n\nvar wrong int = \"text\" + undefined.Thing\n")
	write(t, dir, "torn.go", "package main\n\nfunc torn() {\n\tif\n}\n")
	p, err := typed.Load(t.Context(), typed.Options{Dir: dir})
	if !errors.As(err, new(*typed.CompileError)) {
		t.Fatalf("with full types: error %v", err)
	}
	rep, full := skimmed(t, dir).Report(), analysed(t, p).Report()
	if diff := cmp.Diff(full, rep, cmpopts.IgnoreFields(analyze.Report{}, "Errors")); diff != "" {
		t.Errorf("reports differ (-typed +fast):\n%s", diff)
	}
	torn := analyze.ErrorReport{File: "torn.go", Line: 5, Column: 1, Message: "expected operand, found '}'"}
	wrong := analyze.ErrorReport{File: "wrong.go", Line: 3, Column: 26, Message: "undefined: undefined"}
	if !slices.Equal(full.Errors, []analyze.ErrorReport{torn, wrong}) || !slices.Equal(rep.Errors, []analyze.ErrorReport{torn}) {
		t.Errorf("errors with full types %+v, without %+v", full.Errors, rep.Errors)
	}
	if len(rep.Servers) != 1 || len(rep.Servers[0].Tools) != 3 || rep.Servers[0].Transports[0].Verdict != "unprotected" {
		t.Errorf("servers: %+v", rep.Servers)
	}
	if len(rep.Incomplete) != 1 || rep.Incomplete[0].File != "torn.go" || rep.Incomplete[0].Line != 5 {
		t.Errorf("incomplete: %+v", rep.Incomplete)
	}
}

// TestServerHandedToWhatIsNotThere: what a module that nobody downloaded does with a
// server or a handler is not known, and said so.
func TestServerHandedToWhatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../testdata/servers/mcpgo-mux")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "kit.go", `package main

import (
	"github.com/mark3labs/mcp-go/server"
	"example.org/nobody/go-kit"
)

func init() {
	s := server.NewMCPServer("Other", "1.0.0")
	kit.Serve(s)
	kit.New().Mount("/other", server.NewStreamableHTTPServer(s))
}
`)
	rep := skimmed(t, dir).Report()
	i := slices.IndexFunc(rep.Servers, func(s analyze.ServerReport) bool { return s.File == "kit.go" })
	if i < 0 || len(rep.Servers[i].Transports) == 0 || rep.Servers[i].Transports[0].Verdict != "unknown" {
		t.Errorf("servers: %+v", rep.Servers)
	}
	want := analyze.Incomplete{File: "kit.go", Line: 10, Why: "a server is handed to kit.Serve, which is outside of the module"}
	if !slices.Contains(rep.Incomplete, want) {
		t.Errorf("incomplete: %+v", rep.Incomplete)
	}
}

// TestHandlerThroughWhatIsNotThere: a handler that goes through a function of a module
// that nobody downloaded is still served, and what that function does is not known.
func TestHandlerThroughWhatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../testdata/servers/mcpgo-mux")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "kit.go", `package main

import (
	"net/http"

	"github.com/mark3labs/mcp-go/server"
	"example.org/nobody/go-kit"
)

func init() {
	s := server.NewMCPServer("Other", "1.0.0")
	http.Handle("/other", kit.Guard(server.NewStreamableHTTPServer(s)))
}
`)
	rep := skimmed(t, dir).Report()
	i := slices.IndexFunc(rep.Servers, func(s analyze.ServerReport) bool { return s.File == "kit.go" })
	if i < 0 || len(rep.Servers[i].Transports) == 0 {
		t.Fatalf("servers: %+v", rep.Servers)
	}
	if tr := rep.Servers[i].Transports[0]; tr.Verdict != "unknown" || !strings.Contains(tr.Reason, "not known") {
		t.Errorf("transport: %+v", tr)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
