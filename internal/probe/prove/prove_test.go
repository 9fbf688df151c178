package prove

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// open is a program that lets everybody in, and that writes beside itself.
const open = `package main

import (
	"net/http"
	"os"
)

func main() {
	if err := os.WriteFile("mark", []byte(os.Getenv("MCP_SESSION_DIR")), 0o600); err != nil {
		panic(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(` + "`" + `{"jsonrpc":"2.0","id":1,"result":{}}` + "`" + `))
	})
	panic(http.ListenAndServe("localhost:"+os.Getenv("PORT"), nil))
}
`

func module(t *testing.T, src string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example.com/open\n\ngo 1.24.0\n", "main.go": src, "data/a.txt": "a"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func options(t *testing.T, dir string) Options {
	t.Helper()
	port, err := probe.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	addr := fmt.Sprintf("localhost:%d", port)
	return Options{Dir: dir, Pkg: ".", Env: []string{fmt.Sprintf("PORT=%d", port)}, Addr: addr, URL: "http://" + addr + "/mcp"}
}

// An open program is not proven, says so for the sign-in as well, and leaves
// nothing in the tree.
func TestOpenProgramIsNotProven(t *testing.T) {
	dir := module(t, open)
	r, err := Run(t.Context(), options(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := r.Text(&text); err != nil {
		t.Fatal(err)
	}
	if r.OK || !strings.Contains(text.String(), "FAILED     stranger: tools/list") || !strings.Contains(text.String(), "FAILED     user: sign in") {
		t.Errorf("OK %v:\n%s", r.OK, text.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "mark")); err == nil {
		t.Error("the program wrote into the tree")
	}
}

// A program that can't be started is an error that says why, and no report.
func TestNotStarted(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"does not build", "package main\n\nfunc main() { missing() }\n", "missing"},
		{"ends", "package main\n\nimport \"log\"\n\nfunc main() { log.Fatal(\"no database\") }\n", "no database"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Run(t.Context(), options(t, module(t, tt.src)))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "mcp-prove-") {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, options(t, module(t, open))); err == nil {
		t.Error("it ran although it was stopped")
	}
}

// The copy has the regular files and nothing that leads out of it.
func TestCopy(t *testing.T) {
	from := module(t, open)
	if err := os.Mkdir(filepath.Join(from, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), filepath.Join(from, "out")); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy")
	if err := copyModule(to, from); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"main.go": true, "data/a.txt": true, ".git": false, "out": false} {
		if _, err := os.Lstat(filepath.Join(to, filepath.FromSlash(name))); (err == nil) != want {
			t.Errorf("%s: %v, want it copied: %v", name, err, want)
		}
	}
}
