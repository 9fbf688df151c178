package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// Files beside the edited one that this build leaves out, or that use cgo, keep
// every byte, and the other builds of the package still pass go vet.
func TestFilesBesideTheEditedOne(t *testing.T) {
	for _, tt := range []struct {
		name   string
		env    []string
		builds [][]string // more of the environment
	}{
		{"mcpgo-tags", nil, [][]string{{"GOFLAGS=" + goFlags + " -tags=trace"}, {"GOOS=windows", "CGO_ENABLED=0"}}},
		{"gosdk-cgo", []string{"CGO_ENABLED=0"}, nil},
		{"gosdk-cgo", []string{"CGO_ENABLED=1"}, [][]string{{"CGO_ENABLED=0"}}},
	} {
		t.Run(strings.Join(append([]string{tt.name}, tt.env...), " "), func(t *testing.T) {
			if strings.Join(tt.env, "") == "CGO_ENABLED=1" {
				if _, err := exec.LookPath("gcc"); err != nil {
					t.Skip("there is no C compiler; without one only the twin is built, as above")
				}
			}
			b := layOne(t, tt.name)
			b.env = append(b.env, tt.env...)
			before := read(t, b.dir)
			b.migrate(t, 0)
			for name, file := range read(t, b.dir) {
				if old, ok := before[name]; ok && old != file && name != "main.go" && name != "go.mod" && name != "go.sum" {
					t.Errorf("%s changed", name)
				}
			}
			for _, env := range append(tt.builds, tt.env) {
				r, err := probe.Run(t.Context(), b.dir, append(append(goEnv(t), tt.env...), env...), "go", "vet", ".")
				if err != nil || r.Code != 0 {
					t.Errorf("go vet with %v: %v\n%s", env, err, r.Stderr)
				}
			}
			b.run(t, 0, "undo", b.dir)
			same(t, "after undo", read(t, b.dir), before)
		})
	}
}

// A file that this build leaves out and that imports an SDK may hold another
// server: nothing is changed, and the file is named.
func TestUnseenServerBeside(t *testing.T) {
	for name, code := range map[string]string{
		"admin_windows.go": "package main\n",
		"admin.go":         "//go:build admin\n\npackage main\n",
	} {
		b := layOne(t, "mcpgo-tags")
		put(t, b.dir, name, code+"\nimport \"github.com/mark3labs/mcp-go/server\"\n\nvar admin = server.NewMCPServer(\"admin\", \"1\")\n")
		before := read(t, b.dir)
		says(t, b.migrate(t, 3), name+":1", "was not looked at")
		same(t, "after migrate", read(t, b.dir), before)
	}
	// With the tag it is looked at.
	b := layOne(t, "mcpgo-tags")
	put(t, b.dir, "admin.go", "//go:build admin\n\npackage main\n\nimport \"github.com/mark3labs/mcp-go/server\"\n\nvar admin = server.NewMCPServer(\"admin\", \"1\")\n")
	b.migrate(t, 0, "--tags", "admin", "--no-verify")
}

// Of a workspace's other modules the files count that lie beside those that the
// called module imports.
func TestUnseenServerInAnotherModule(t *testing.T) {
	const file = "package tools\n\nimport \"github.com/modelcontextprotocol/go-sdk/mcp\"\n\nvar more = mcp.NewServer(nil, nil)\n"
	for _, tt := range []struct {
		name, member string
		code         int
	}{
		{"tools/more_windows.go", "notes", 3},
		{"tools/elsewhere/more_windows.go", "notes", 0}, // nothing of it is imported
		{"tools/elsewhere/more_windows.go", "", 3},
		{"status/more_windows.go", "notes", 0},
	} {
		b, root := layWork(t, "gosdk-work", tt.member)
		if tt.name == "tools/elsewhere/more_windows.go" {
			if err := os.Mkdir(filepath.Join(root, "tools", "elsewhere"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		put(t, root, tt.name, file)
		if rep := b.inspect(t, tt.code); len(rep.Incomplete) != tt.code/3 {
			t.Errorf("%s in %q: %+v", tt.name, tt.member, rep.Incomplete)
		}
	}
}
