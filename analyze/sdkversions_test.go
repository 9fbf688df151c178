//go:build oldsdks

package analyze_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/semver"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
)

// What each version of an SDK has is found, from the oldest that programs use to the
// newest. The versions are downloaded, so it has a tag of its own:
//
//	go test -tags oldsdks -run TestSDKVersions ./analyze

// A feature is a statement that compiles from one version of an SDK on, to another one
// where that is given, and what is found of it: "tool NAME", "KIND VERDICT PATH" of a
// transport, or "hook".
type feature struct {
	since, until string
	code         string
	found        []string
}

func (f feature) in(version string) bool {
	return semver.Compare(version, f.since) >= 0 && (f.until == "" || semver.Compare(version, f.until) < 0)
}

// A generation is an SDK with a way to write programs with it.
type generation struct {
	module   string
	imports  string
	result   string    // what a function that gives the server to each request returns
	options  []feature // of the constructor
	features []feature
	decls    []feature
	versions []string
	full     []string // versions that are read with full types, too
}

var mcpGo = generation{
	module: "github.com/mark3labs/mcp-go", result: "any",
	imports: `"context"; "net/http"; "github.com/mark3labs/mcp-go/mcp"; "github.com/mark3labs/mcp-go/server"`,
	options: []feature{
		{since: "v0.20.0", code: "server.WithToolHandlerMiddleware(func(next server.ToolHandlerFunc) server.ToolHandlerFunc { return next })", found: []string{"hook"}},
		{since: "v0.24.0", code: "server.WithToolFilter(func(_ context.Context, list []mcp.Tool) []mcp.Tool { return nil })", found: []string{"hook"}},
		{since: "v0.39.0", code: "server.WithResourceHandlerMiddleware(func(next server.ResourceHandlerFunc) server.ResourceHandlerFunc { return next })", found: []string{"hook"}},
		{since: "v0.46.0", code: "server.WithPromptHandlerMiddleware(func(next server.PromptHandlerFunc) server.PromptHandlerFunc { return next })", found: []string{"hook"}},
	},
	features: []feature{
		{since: "v0.15.0", code: `s.AddTool(mcp.NewTool("one", mcp.WithDescription("d")), call)`, found: []string{"tool one"}},
		{since: "v0.15.0", code: `s.AddTools(server.ServerTool{Tool: mcp.Tool{Name: "two"}, Handler: call})`, found: []string{"tool two"}},
		{since: "v0.15.0", code: `s.AddPrompt(mcp.NewPrompt("ask"), nil)`, found: []string{"prompt ask"}},
		{since: "v0.15.0", code: `s.AddResource(mcp.NewResource("notes://all", "all"), nil)`, found: []string{"resource notes://all"}},
		{since: "v0.15.0", code: `go http.ListenAndServe(":1", server.NewSSEServer(s))`, found: []string{"sse unprotected "}},
		{since: "v0.15.0", code: `go server.NewSSEServer(s).Start(":2")`, found: []string{"sse unprotected /sse"}},
		{since: "v0.15.0", code: `go server.ServeStdio(s)`, found: []string{"stdio unprotected "}},
		{since: "v0.15.0", code: `s.HandleMessage(context.Background(), nil)`, found: []string{"in-process unknown "}},
		{since: "v0.24.0", code: `s.AddSessionTool("id", mcp.NewTool("three"), call)`, found: []string{"tool three"}},
		{since: "v0.27.0", until: "v0.30.0", code: `go http.ListenAndServe(":3", server.NewSSEServer(s, server.WithHTTPContextFunc(into)))`, found: []string{"sse unprotected "}},
		{since: "v0.30.0", code: `http.Handle("/mcp", server.NewStreamableHTTPServer(s, server.WithHTTPContextFunc(into)))`, found: []string{"streamable-http unprotected /mcp"}},
		{since: "v0.30.0", code: `go server.NewStreamableHTTPServer(s, server.WithEndpointPath("/x")).Start(":4")`, found: []string{"streamable-http unprotected /x"}},
		{since: "v0.30.0", code: `sse := server.NewSSEServer(s); http.Handle("/sse", sse.SSEHandler()); http.Handle("/message", sse.MessageHandler())`, found: []string{"sse unprotected /sse", "sse unprotected /message"}},
		{since: "v0.44.0", code: `s.AddTaskTool(mcp.NewTool("four"), nil)`, found: []string{"tool four"}},
		{since: "v0.47.0", code: `s.Use(func(next server.ToolHandlerFunc) server.ToolHandlerFunc { return next })`, found: []string{"hook"}},
	},
	decls: []feature{
		{since: "v0.15.0", code: "func into(ctx context.Context, _ *http.Request) context.Context { return ctx }"},
		{since: "v0.15.0", code: "func call(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) { return nil, nil }"},
		{since: "v0.15.0", code: "func made(opts ...server.ServerOption) *server.MCPServer { return server.NewMCPServer(\"x\", \"1\", opts...) }"},
	},
	versions: []string{
		"v0.15.0", "v0.16.0", "v0.18.0", "v0.20.0", "v0.24.0", "v0.27.0", "v0.29.0", "v0.30.0", "v0.32.0", "v0.36.0",
		"v0.39.0", "v0.43.0", "v0.44.0", "v0.46.0", "v0.51.0", "v0.54.0", "v0.55.0", "v0.58.0", "v1.2.1",
	},
	full: []string{"v0.15.0", "v1.2.1"},
}

// oldestMCPGo is mcp-go before tools could be registered by name: a function is given
// the name of the tool that is called.
var oldestMCPGo = generation{
	module: "github.com/mark3labs/mcp-go", result: "any",
	imports: `"context"; "net/http"; "github.com/mark3labs/mcp-go/mcp"; "github.com/mark3labs/mcp-go/server"`,
	features: []feature{
		{since: "v0.4.0", code: `s.HandleCallTool(call)`, found: []string{"tool "}},
		{since: "v0.4.0", code: `go server.NewSSEServer(s, "http://localhost:2").Start(":2")`, found: []string{"sse unprotected /sse"}},
		{since: "v0.4.0", code: `go server.ServeStdio(s)`, found: []string{"stdio unprotected "}},
	},
	decls: []feature{
		{since: "v0.4.0", code: `func made() server.MCPServer { return server.NewDefaultServer("x", "1") }`},
		{since: "v0.4.0", code: "func call(context.Context, string, map[string]any) (*mcp.CallToolResult, error) { return nil, nil }"},
	},
	versions: []string{"v0.4.0"},
	full:     []string{"v0.4.0"},
}

const goSDKMiddleware = `s.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler { return next })`

var goSDK = generation{
	module: "github.com/modelcontextprotocol/go-sdk", result: "*mcp.Server",
	imports: `"context"; "net/http"; "github.com/modelcontextprotocol/go-sdk/mcp"`,
	features: []feature{
		{since: "v0.1.0", until: "v0.2.0", code: `s.AddTools(mcp.NewServerTool("one", "d", call), &mcp.ServerTool{Tool: &mcp.Tool{Name: "two"}})`, found: []string{"tool one", "tool two"}},
		{since: "v0.1.0", until: "v0.2.0", code: `s.AddPrompts(&mcp.ServerPrompt{Prompt: &mcp.Prompt{Name: "ask"}})`, found: []string{"prompt ask"}},
		{since: "v0.1.0", until: "v0.2.0", code: `s.AddResources(&mcp.ServerResource{Resource: &mcp.Resource{URI: "notes://all"}})`, found: []string{"resource notes://all"}},
		{since: "v0.1.0", until: "v0.5.0", code: `go s.Run(context.Background(), mcp.NewStdioTransport())`, found: []string{"stdio unprotected "}},
		{since: "v0.1.0", until: "v0.5.0", code: `go http.ListenAndServe(":1", mcp.NewSSEHandler(get))`, found: []string{"sse unprotected "}},
		{since: "v0.2.0", code: `mcp.AddTool(s, &mcp.Tool{Name: "one"}, call)`, found: []string{"tool one"}},
		{since: "v0.2.0", code: `s.AddPrompt(&mcp.Prompt{Name: "ask"}, nil)`, found: []string{"prompt ask"}},
		{since: "v0.2.0", code: `s.AddResource(&mcp.Resource{URI: "notes://all"}, nil)`, found: []string{"resource notes://all"}},
		{since: "v0.3.0", code: `s.AddTool(&mcp.Tool{Name: "two"}, nil)`, found: []string{"tool two"}},
		{since: "v0.3.0", code: goSDKMiddleware, found: []string{"hook"}},
		{since: "v0.6.0", code: `go s.Run(context.Background(), &mcp.StdioTransport{})`, found: []string{"stdio unprotected "}},
		{since: "v0.6.0", code: `go http.ListenAndServe(":1", mcp.NewSSEHandler(get, nil))`, found: []string{"sse unprotected "}},
		{since: "v0.1.0", code: `http.Handle("/mcp", mcp.NewStreamableHTTPHandler(get, nil))`, found: []string{"streamable-http unprotected /mcp"}},
	},
	decls: []feature{
		{since: "v0.1.0", until: "v0.2.0", code: `func made() *mcp.Server { return mcp.NewServer("x", "1", nil) }`},
		{since: "v0.2.0", code: `func made() *mcp.Server { return mcp.NewServer(&mcp.Implementation{Name: "x", Version: "1"}, nil) }`},
		{since: "v0.1.0", until: "v0.3.0", code: "func call(context.Context, *mcp.ServerSession, *mcp.CallToolParamsFor[struct{}]) (*mcp.CallToolResultFor[any], error) { return nil, nil }"},
		{since: "v0.3.0", code: "func call(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) { return nil, nil, nil }"},
	},
	versions: []string{"v0.1.0", "v0.2.0", "v0.3.0", "v0.4.0", "v0.6.0", "v1.0.0", "v1.1.0", "v1.2.0", "v1.4.0", "v1.6.0", "v1.7.0", "v1.8.0"},
	full:     []string{"v0.1.0", "v0.2.0", "v0.3.0", "v1.8.0"},
}

func TestSDKVersions(t *testing.T) {
	for _, g := range []generation{oldestMCPGo, mcpGo, goSDK} {
		for _, version := range g.versions {
			t.Run(filepath.Base(g.module)+"@"+version, func(t *testing.T) {
				dir, want := g.program(t, version)
				check(t, skimmed(t, dir), version, want)
				if slices.Contains(g.full, version) {
					p, err := typed.Load(context.Background(), typed.Options{Dir: dir, Env: []string{"GOFLAGS=-mod=mod", "GOWORK=off"}})
					if err != nil {
						t.Fatal(err)
					}
					check(t, analysed(t, p), version, want)
				}
			})
		}
	}
}

// program writes a module that uses all that a version has, and returns what is to be
// found in it.
func (g generation) program(t *testing.T, version string) (dir string, want []string) {
	t.Helper()
	pick := func(list []feature) (code []string) {
		for _, f := range list {
			if f.in(version) {
				code, want = append(code, f.code), append(want, f.found...)
			}
		}
		return code
	}
	options := strings.Join(pick(g.options), ", ")
	body := strings.Join(pick(g.features), "\n\t")
	decls := strings.Join(pick(g.decls), "\n\n")
	src := fmt.Sprintf("package main\n\nimport (%s)\n\nfunc main() {\n\ts := made(%s)\n\tget := func(*http.Request) %s { return s }\n\t_ = get\n\t%s\n\thttp.ListenAndServe(\":9\", nil)\n}\n\n%s\n",
		g.imports, options, g.result, body, decls)
	dir = t.TempDir()
	write(t, dir, "main.go", src)
	write(t, dir, "go.mod", "module example.com/x\n\ngo 1.23.0\n\nrequire "+g.module+" "+version+"\n")
	cmd := exec.Command("go", "mod", "download", g.module+"@"+version)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s@%s: %v\n%s", g.module, version, err, out)
	}
	slices.Sort(want)
	return dir, want
}

// check compares all that was found of the one server.
func check(t *testing.T, r *analyze.Result, version string, want []string) {
	t.Helper()
	rep := r.Report()
	if len(rep.Servers) != 1 || !rep.Complete {
		t.Fatalf("servers %+v, incomplete %+v", rep.Servers, rep.Incomplete)
	}
	s := rep.Servers[0]
	var got []string
	for _, tr := range s.Transports {
		got = append(got, tr.Kind+" "+tr.Verdict+" "+tr.Path)
	}
	for kind, items := range map[string][]analyze.ItemReport{"tool": s.Tools, "prompt": s.Prompts, "resource": s.Resources} {
		for _, i := range items {
			got = append(got, kind+" "+i.Name)
		}
	}
	for range r.Servers[0].Hooks {
		got = append(got, "hook")
	}
	slices.Sort(got)
	if s.SDKVersion != version || !slices.Equal(got, want) {
		t.Errorf("version %s:\n%s\nwant\n%s", s.SDKVersion, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
