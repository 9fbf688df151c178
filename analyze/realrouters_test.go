//go:build realrouters

package analyze_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/load/fast"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

// What the first lines of testdata/attack/contexts.txtar say is held against the real
// routers: each program is built with them, started, and called. That downloads and builds
// them, so it has a tag of its own:
//
//	go test -tags realrouters -run TestRealRouters -timeout 30m ./analyze

// realRouters are the routers at the versions that the programs are run with.
var realRouters = []string{
	"github.com/gin-gonic/gin@v1.12.0", "github.com/labstack/echo/v4@v4.16.0", "github.com/labstack/echo/v5@v5.4.4", "github.com/gofiber/fiber/v2@v2.52.15",
	"github.com/gofiber/fiber/v3@v3.1.0", "github.com/go-chi/chi/v5@v5.5.0", "github.com/gorilla/mux@v1.8.1", "github.com/mark3labs/mcp-go@v1.2.1",
}

// TestRealRouters judges the programs as they are read with the real routers, and then
// calls them without a credential and with one.
func TestRealRouters(t *testing.T) {
	dir := t.TempDir()
	unpack(t, dir, filepath.Join("testdata", "attack", "contexts.txtar"))
	write(t, dir, "go.mod", "module example.com/x\n\ngo 1.25.5\n")
	inModule(t, dir, "get", realRouters...)
	p, err := fast.Load(t.Context(), fast.Options{Dir: dir, SDKs: all.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	judged(t, p, 90)
	names, err := filepath.Glob(filepath.Join(dir, "*", "main.go"))
	if err != nil || len(names) < 90 {
		t.Fatalf("%d programs: %v", len(names), err)
	}
	for _, name := range names {
		atAddr(t, name)
	}
	inModule(t, dir, "build", "-o", "bin/", "./...")
	for _, name := range names {
		program := filepath.Base(filepath.Dir(name))
		t.Run(program, func(t *testing.T) { called(t, filepath.Join(dir, "bin", program), worthOf(t, name)) })
	}
}

// inModule runs the go command there.
func inModule(t *testing.T, dir, verb string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{verb}, args...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", verb, err, out)
	}
}

// atAddr makes a program listen where the environment says.
func atAddr(t *testing.T, name string) {
	t.Helper()
	src := strings.ReplaceAll(read1(t, name), `":8080"`, `os.Getenv("ADDR")`)
	if !strings.Contains(src, "\t\"os\"\n") {
		src = strings.Replace(src, "import (\n", "import (\n\t\"os\"\n", 1)
	}
	if err := os.WriteFile(name, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read1(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// worthOf is what the first line of a program says that it is.
func worthOf(t *testing.T, name string) string {
	t.Helper()
	line := firstLine.FindStringSubmatch(read1(t, name))
	if line == nil {
		t.Fatal("its first line does not say what it is")
	}
	return line[1]
}

// called starts a program, with its secret and without, and calls it as a stranger: one
// that is open answers at least once, the others never do, but answer who knows the secret.
func called(t *testing.T, program, worth string) {
	const secret = "only-its-callers-know"
	answers := false
	for _, env := range [][]string{{"TOKEN=" + secret, "AUTH=yes"}, {"TOKEN=" + secret}, {}} {
		url := started(t, program, env)
		answers = answers || answered(t, url, "") || answered(t, url, "a guess")
		if worth != "open" && len(env) > 0 && !answered(t, url, secret) {
			t.Errorf("with %q: who knows the secret is not answered", env)
		}
	}
	if answers != (worth == "open") {
		t.Errorf("it is %s, and answers strangers: %t", worth, answers)
	}
}

// started runs a program until the test ends, and returns where it is.
func started(t *testing.T, program string, env []string) string {
	t.Helper()
	port, err := probe.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(env, "ADDR="+addr)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 300 {
		if res, err := http.Get("http://" + addr + "/none"); err == nil {
			res.Body.Close()
			return "http://" + addr + "/mcp"
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("it does not answer at all")
	return ""
}

const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`

// answered reports whether a program initializes for a caller with that secret, whatever
// the status of its answer is.
func answered(t *testing.T, url, secret string) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(initialize))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}, "User-Agent": {"x"}}
	if secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
		req.Header.Set("X-Api-Key", secret)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(body), "serverInfo")
}
