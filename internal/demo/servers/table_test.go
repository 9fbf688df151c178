package servers

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

func root(t *testing.T) string {
	t.Helper()
	dir, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// The table and the README name every folder, and no other.
func TestTableNamesEveryFolder(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(root(t), "testdata", "servers"))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root(t), "testdata", "servers", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, e := range entries {
		if e.IsDir() {
			want = append(want, e.Name())
		}
	}
	for _, s := range All() {
		got = append(got, s.Name)
		if !strings.Contains(string(readme), "| `"+s.Name+"` |") {
			t.Errorf("README.md has no line for %s", s.Name)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("table %v\nfolders %v", got, want)
	}
}

// Every server builds and runs as it stands, and is as open as it claims: a
// stranger lists its tools and calls the one that only reads; where it has a check of
// its own, only who knows its secret.
func TestServersAreOpen(t *testing.T) {
	t.Setenv("GOFLAGS", strings.TrimSpace(os.Getenv("GOFLAGS")+" -ldflags=-w")) // nobody debugs them
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			if s.HTTP() {
				openHTTP(t, s)
			} else {
				openStdio(t, s)
			}
		})
	}
}

func openHTTP(t *testing.T, s Server) {
	port, err := probe.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), s.Name)
	if err := s.CopyTo(dir, root(t), port); err != nil {
		t.Fatal(err)
	}
	args, env := s.Run(port)
	client := func(url string) *probe.Client { return &probe.Client{URL: url} }
	if s.Secret != nil {
		const secret = "only-its-callers-know"
		env = append(env, s.Secret.Env+"="+secret)
		client = func(url string) *probe.Client { return s.Secret.Client(url, secret) }
	}
	p, err := probe.Start(t.Context(), probe.Options{Dir: dir, Pkg: s.Pkg, Args: args, Env: env, Addr: s.Addr(port)})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	for _, path := range append([]string{s.Path}, s.Also...) {
		c := client("http://" + s.Addr(port) + path)
		if _, err := c.Initialize(t.Context()); err != nil {
			t.Fatal(err)
		}
		tools, err := c.Tools(t.Context())
		if err != nil {
			t.Fatalf("%s: %v\n%s", path, err, p.Output())
		}
		checkTools(t, s, tools)
	}
	if s.Secret != nil {
		if a, err := s.Secret.Client(s.URL(port), "a guess").Initialize(t.Context()); err != nil || a.Status < 401 || a.Result != nil {
			t.Errorf("a stranger is answered %+v, %v", a, err)
		}
	}
	c := client(s.URL(port))
	if _, err := c.Initialize(t.Context()); err != nil {
		t.Fatal(err)
	}
	a, err := c.CallTool(t.Context(), s.ReadOnly, nil)
	if err != nil || !strings.Contains(string(a.Result), s.Want) {
		t.Errorf("%s: %v, %s", s.ReadOnly, err, a.Result)
	}
	for _, path := range s.Open {
		a, err := (&probe.Client{URL: "http://" + s.Addr(port) + path}).Do(t.Context(), "GET")
		if err != nil || a.Status != 200 {
			t.Errorf("GET %s: %v, %+v", path, err, a)
		}
	}
}

func checkTools(t *testing.T, s Server, tools []probe.Tool) {
	t.Helper()
	names := map[string]bool{}
	for _, tool := range tools {
		names[tool.Name] = tool.Annotations.ReadOnly
	}
	if readOnly, ok := names[s.ReadOnly]; !ok || !readOnly {
		t.Errorf("%s is not a read-only tool: %v", s.ReadOnly, names)
	}
	if readOnly, ok := names["delete_note"]; !ok || readOnly {
		t.Errorf("delete_note is missing or read-only: %v", names)
	}
}

func openStdio(t *testing.T, s Server) {
	dir := filepath.Join(t.TempDir(), s.Name)
	if err := s.CopyTo(dir, root(t), 0); err != nil {
		t.Fatal(err)
	}
	bin, err := probe.Build(t.Context(), dir, ".", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.CommandTransport{Command: exec.CommandContext(ctx, bin)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	list, err := session.ListTools(ctx, nil)
	if err != nil || len(list.Tools) < 2 {
		t.Errorf("tools/list: %v, %v", err, list)
	}
}

func TestFind(t *testing.T) {
	if s, err := Find("gosdk-mux"); err != nil || s.Name != "gosdk-mux" {
		t.Errorf("Find = %v, %v", s, err)
	}
	if _, err := Find("x"); err == nil || !strings.Contains(err.Error(), "mcpgo-start") {
		t.Errorf("Find(x): %v", err)
	}
}
