package e2e

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// maxChanged is how many lines of existing files a migration may add and remove,
// go.mod and go.sum left out; each further mount may change its line as well, and
// a further server as many as the first. It
// is a promise to people who read every line.
const maxChanged = 8

// devCode is what the local sign-in page of the migrated servers asks for.
const devCode = "e2e-code"

// two bounds how many servers are built at a time.
var two = make(chan struct{}, 2)

// goFlags are the flags of every go command; a test that wants others adds them.
const goFlags = "-trimpath -ldflags=-w"

// bins is where command builds; TestMain makes and removes it.
var bins string

// command builds mcp-migrate, once for all tests.
var command = sync.OnceValues(func() (string, error) {
	root, err := servers.Root()
	if err != nil {
		return "", err
	}
	return probe.Build(context.Background(), root, "./cmd/mcp-migrate", bins)
})

// TestMain makes go leave folders out of what it builds: the copies of authlib in
// modules of one name are then the same, and are built once for all servers. What a
// debugger would want is left out as well: linking takes half as long.
func TestMain(m *testing.M) {
	os.Setenv("GOFLAGS", strings.TrimSpace(os.Getenv("GOFLAGS")+" "+goFlags))
	var err error
	if bins, err = os.MkdirTemp("", "mcp-migrate-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(bins)
	os.Exit(code)
}

// A bed is one server, copied aside.
type bed struct {
	servers.Server
	dir  string
	port int
	// second is the port of a further server; the first one's where they share it.
	second int
	bin    string   // the migrated server, where a test builds it itself
	env    []string // of mcp-migrate
	tool   string   // another mcp-migrate than that of all tests
	more   []string // answers beside those of all tests
}

func lay(t *testing.T, s servers.Server) *bed {
	t.Helper()
	root, err := servers.Root()
	if err != nil {
		t.Fatal(err)
	}
	port, err := probe.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	b := &bed{Server: s, dir: filepath.Join(tmp, filepath.Base(s.Name)), port: port, second: port}
	if s.Further != nil && s.Further.Flag != "" {
		if b.second, err = probe.FreePort(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.CopyTo(b.dir, root, port); err != nil {
		t.Fatal(err)
	}
	b.env = []string{"XDG_CACHE_HOME=" + filepath.Join(tmp, "cache"), "NO_COLOR=1"}
	b.env = append(b.env, goEnv(t)...)
	return b
}

// goEnv keeps the go command's caches where they are, wherever the cache of the
// user is moved to.
func goEnv(t *testing.T) []string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if v := os.Getenv("GOCACHE"); v != "" {
		return []string{"GOCACHE=" + v}
	}
	return []string{"GOCACHE=" + filepath.Join(cache, "go-build")}
}

// run runs mcp-migrate and fails the test unless it exits with code.
func (b *bed) run(t *testing.T, code int, args ...string) *probe.Result {
	t.Helper()
	bin, err := command()
	if err != nil {
		t.Fatal(err)
	}
	if b.tool != "" {
		bin = b.tool
	}
	r, err := probe.Run(t.Context(), b.dir, b.env, bin, args...)
	if err != nil {
		t.Fatal(err)
	}
	if r.Code != code {
		t.Fatalf("mcp-migrate %s exits with %d, want %d\nstdout:\n%s\nstderr:\n%s",
			strings.Join(args, " "), r.Code, code, r.Stdout, r.Stderr)
	}
	return r
}

// migrate is the command under test with the answers that need no account.
func (b *bed) migrate(t *testing.T, code int, more ...string) *probe.Result {
	t.Helper()
	args := []string{"migrate", b.dir, "--provider", "dev", "--store", "memory", "--yes", "--allow-dirty"}
	return b.run(t, code, slices.Concat(args, b.more, more)...)
}

func (b *bed) url() string { return b.URL(b.port) }

// start starts the migrated server with the variables that --provider dev needs.
func (b *bed) start(t *testing.T) *probe.Process {
	t.Helper()
	return b.startWith(t, "MCP_DEV_CODE="+devCode)
}

// startWith starts the migrated server with variables of its own, and builds it
// where that was not done before.
func (b *bed) startWith(t *testing.T, vars ...string) *probe.Process {
	t.Helper()
	args, env := b.Run(b.port)
	env = append(append(env, "MCP_RESOURCE_URL="+b.url()), vars...)
	if f := b.Further; f != nil {
		env = append(env, f.Env+"="+b.furtherURL())
		if f.Flag != "" && f.Pkg == "" {
			args = append(args, f.Flag, b.Addr(b.second))
		}
	}
	if b.SSE != nil && b.SSE.Args == nil {
		env = append(env, b.SSE.Env+"="+b.sseURL())
	}
	p, err := probe.Start(t.Context(), probe.Options{Dir: b.dir, Pkg: b.Pkg, Bin: b.bin, Args: args, Env: env, Addr: b.Addr(b.port)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func TestMigrate(t *testing.T) {
	for _, s := range servers.All() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			switch b := lay(t, s); {
			case s.Manual != "":
				b.leftToAPerson(t)
			case s.Secret != nil:
				b.checkKept(t)
			case s.HTTP():
				b.whole(t)
			default:
				b.untouched(t)
			}
		})
	}
}

// whole goes the whole way with one server.
func (b *bed) whole(t *testing.T) {
	before := read(t, b.dir)
	preview := b.migrate(t, b.code(), "--dry-run").Stdout
	if len(preview) == 0 {
		t.Fatal("--dry-run shows no diff of an open server")
	}
	same(t, "after --dry-run", read(t, b.dir), before)
	applied := b.applied(t, preview)

	r := b.migrate(t, b.code())
	if all := string(r.Stdout) + string(r.Stderr); !strings.Contains(all, b.Partly) {
		t.Errorf("it does not say %q:\n%s", b.Partly, all)
	}
	after := read(t, b.dir)
	same(t, "git apply of the diff that --dry-run printed", applied, after)
	if n, most := changed(before, after), b.maxChanged(); n == 0 || n > most {
		t.Errorf("%d lines of existing files changed, want 1 to %d", n, most)
	}
	lineEndings(t, before, after)

	p := b.start(t)
	b.prove(t, p)
	p.Stop()
	if b.SSE != nil && b.SSE.Args != nil {
		b.sseAlone(t)
	}

	b.again(t, after)
	b.run(t, 0, "undo", b.dir)
	same(t, "after undo", read(t, b.dir), before)
}

// code is the exit code of migrate: 1 while a part is left to a person.
func (b *bed) code() int {
	if b.Partly != "" {
		return 1
	}
	return 0
}

func (b *bed) maxChanged() int {
	n := maxChanged + 2*b.Mounts
	if b.Further != nil || b.SSE != nil {
		n += maxChanged
	}
	return n
}

// applied returns what git makes of diff in a copy of the server.
func (b *bed) applied(t *testing.T, diff []byte) tree {
	t.Helper()
	dir := filepath.Join(t.TempDir(), b.Name)
	if err := os.CopyFS(dir, os.DirFS(b.dir)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"},
	} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(diff)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	return read(t, dir)
}

// again makes sure that twice is once.
func (b *bed) again(t *testing.T, after tree) {
	t.Helper()
	if r := b.migrate(t, b.code(), "--dry-run", "--exit-code"); len(r.Stdout) > 0 {
		t.Errorf("the second run's diff is not empty:\n%s", r.Stdout)
	}
	b.migrate(t, b.code())
	same(t, "after a second run", read(t, b.dir), after)
}

// leftToAPerson: a server that can't be edited safely keeps its files as they are;
// the exit code says that it is open, and the text says where and why. What the
// text to paste calls is there: the wiring file and the library.
func (b *bed) leftToAPerson(t *testing.T) {
	before := read(t, b.dir)
	r := b.migrate(t, 1)
	all := string(r.Stdout) + string(r.Stderr)
	for _, want := range []string{"manual step", ".go:", b.Manual} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not say %q:\n%s", want, all)
		}
	}
	after := read(t, b.dir)
	for name, file := range before {
		if name != "go.mod" && name != "go.sum" && after[name] != file {
			t.Errorf("%s changed", name)
		}
	}
	if !strings.Contains(all, "newMCPAuth()") || !slices.ContainsFunc(slices.Collect(maps.Keys(after)), isWiring) {
		t.Errorf("the text to paste calls what is not there:\n%s", all)
	}
	b.stillLeft(t, r, after)
	b.run(t, 0, "undo", b.dir)
	same(t, "after undo", read(t, b.dir), before)
}

// stillLeft: as long as the step is not done, a further run plans nothing new and says
// the same again.
func (b *bed) stillLeft(t *testing.T, first *probe.Result, after tree) {
	t.Helper()
	if r := b.migrate(t, 1, "--dry-run", "--exit-code"); len(r.Stdout) > 0 {
		t.Errorf("the second run's diff is not empty:\n%s", r.Stdout)
	}
	again := b.migrate(t, 1, "-q")
	same(t, "after a second run", read(t, b.dir), after)
	if steps := strings.TrimSpace(string(again.Stderr)); !strings.Contains(string(first.Stderr), steps) || steps == "" {
		t.Errorf("the second run says:\n%s\nthe first one said:\n%s", steps, first.Stderr)
	}
}

func isWiring(name string) bool { return filepath.Base(name) == "mcp_auth.go" }

// untouched: a server that speaks stdio only is left alone.
func (b *bed) untouched(t *testing.T) {
	before := read(t, b.dir)
	if r := b.migrate(t, 0, "--dry-run"); len(r.Stdout) > 0 {
		t.Errorf("a diff for a server that speaks stdio only:\n%s", r.Stdout)
	}
	b.migrate(t, 0)
	same(t, "after migrate", read(t, b.dir), before)
}

// Folders that can't be migrated end with the code that says so, and with a
// sentence that says why; not a byte of them changes.
func TestBroken(t *testing.T) {
	root, err := servers.Root()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		code int
		says string
	}{
		{"not-a-module", 3, "go.mod"},
		{"does-not-compile", 3, "main.go:15:17"},
		{"no-server", 3, "no MCP server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := &bed{dir: filepath.Join(t.TempDir(), tt.name), env: goEnv(t)}
			if err := os.CopyFS(b.dir, os.DirFS(filepath.Join(root, "testdata", "broken", tt.name))); err != nil {
				t.Fatal(err)
			}
			before := read(t, b.dir)
			r := b.migrate(t, tt.code)
			if all := fmt.Sprintf("%s%s", r.Stdout, r.Stderr); !strings.Contains(all, tt.says) {
				t.Errorf("it does not say %q:\n%s", tt.says, all)
			}
			same(t, "after migrate", read(t, b.dir), before)
		})
	}
}
