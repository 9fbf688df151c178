package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// grownPrograms is how many programs TestGrownPrograms makes of each SDK, and from
// which seed on. MCP_MIGRATE_GROWN=SEED,COUNT says otherwise: make grown.
func grownPrograms(t *testing.T) (seed, count uint64) {
	said := os.Getenv("MCP_MIGRATE_GROWN")
	if said == "" {
		return 1, 12
	}
	if n, err := fmt.Sscanf(said, "%d,%d", &seed, &count); n != 2 || err != nil {
		t.Fatalf("MCP_MIGRATE_GROWN=%s: want SEED,COUNT", said)
	}
	return seed, count
}

// TestGrownPrograms migrates programs in shapes that nobody thought of together: the
// programs of one SDK are one module, migrated by one command. Each must build, refuse
// strangers and serve a user; a second run must change nothing, and undo everything.
func TestGrownPrograms(t *testing.T) {
	seed, count := grownPrograms(t)
	for sdk, like := range map[string]string{"mcpgo": "mcpgo-mux", "gosdk": "gosdk-mux"} {
		t.Run(sdk, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			var all []*program
			for i := range count {
				all = append(all, grown(sdk, seed+i))
			}
			b := plant(t, like, all)
			before := read(t, b.dir)
			b.migrate(t, 0)
			after := read(t, b.dir)
			bins := filepath.Join(t.TempDir(), "bin")
			b.builds(t, bins)
			for _, p := range all {
				p.proven(t, b, bins)
			}
			if r := b.migrate(t, 0, "--dry-run", "--exit-code"); len(r.Stdout) > 0 {
				t.Errorf("the second run's diff is not empty:\n%s", r.Stdout)
			}
			lineEndings(t, before, after)
			b.run(t, 0, "undo", b.dir)
			same(t, "after undo", read(t, b.dir), before)
		})
	}
}

// plant writes the programs into a module that requires what another server does.
func plant(t *testing.T, like string, all []*program) *bed {
	t.Helper()
	root, err := servers.Root()
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	b := &bed{dir: filepath.Join(tmp, "grown"), env: append([]string{"XDG_CACHE_HOME=" + filepath.Join(tmp, "cache"), "NO_COLOR=1"}, goEnv(t)...)}
	if err := os.Mkdir(b.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(root, "testdata", "servers", like, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, b.dir, name, string(data))
	}
	for _, p := range all {
		if err := os.MkdirAll(filepath.Join(b.dir, p.name), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range p.files() {
			put(t, b.dir, p.name+"/"+name, text)
		}
	}
	return b
}

// builds builds and vets all programs of the module.
func (b *bed) builds(t *testing.T, bins string) {
	t.Helper()
	if err := os.Mkdir(bins, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"build", "-ldflags=-s -w", "-o", bins, "./..."}, {"vet", "./..."}} {
		r, err := probe.Run(t.Context(), b.dir, b.env, "go", args...)
		if err != nil || r.Code != 0 {
			t.Fatalf("go %s: %v\n%s%s", args[0], err, r.Stdout, r.Stderr)
		}
	}
}

// resourceVariable finds the variable with the public URL in a wiring.
var resourceVariable = regexp.MustCompile(`"(MCP_RESOURCE_URL\w*)"`)

// proven starts the program, and calls it as a stranger and as a user.
func (p *program) proven(t *testing.T, b *bed, bins string) {
	t.Helper()
	m := resourceVariable.FindStringSubmatch(wiring(t, filepath.Join(b.dir, p.name)))
	if m == nil {
		t.Errorf("%s: its wiring names no resource", p)
		return
	}
	port, err := probe.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	addr := "localhost:" + strconv.Itoa(port)
	url := "http://" + addr + p.path
	run, err := probe.Start(t.Context(), probe.Options{Dir: b.dir, Bin: filepath.Join(bins, p.name), Addr: addr,
		Env: []string{"PORT=" + strconv.Itoa(port), m[1] + "=" + url, "MCP_DEV_CODE=" + devCode}})
	if err != nil {
		t.Errorf("%s: %v", p, err)
		return
	}
	defer run.Stop()
	report, err := callGrown(t.Context(), url)
	if err != nil {
		t.Errorf("%s: %v\n%s", p, err, run.Output())
		return
	}
	for _, c := range report.Checks {
		if c.Outcome == probe.Failed {
			t.Errorf("%s: %s: %s", p, c.Name, c.Reason)
		}
	}
}

// callGrown signs in and makes every call that verify knows.
func callGrown(ctx context.Context, url string) (*probe.Report, error) {
	token, err := signin.Token(ctx, signin.Options{URL: url, Browser: signin.Robot(map[string]string{"user": "ada", "code": devCode})})
	if err != nil {
		return nil, err
	}
	return probe.VerifyURL(ctx, probe.VerifyOptions{URL: url, Token: token})
}

// wiring returns the text of the wiring files of a folder.
func wiring(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "mcp_auth*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(data)
	}
	return b.String()
}
