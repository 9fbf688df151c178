package analyze_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// TestMissingVersionIsReadAtAnother: a version that nobody downloaded is read at the
// nearest one that is there; that is a note, and what that one lacks is incomplete.
func TestMissingVersionIsReadAtAnother(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("GOMODCACHE", cache)
	for name, text := range map[string]string{
		"go.mod":        "module example.com/s\n\ngo 1.25.0\n\nrequire github.com/localrivet/gomcp v1.2.1\n",
		"main.go":       "package main\n\nimport \"github.com/localrivet/gomcp/server\"\n\nfunc main() {\n\tserver.NewServer(\"s\").Tool(\"read\", \"\", nil).AsHTTP(\":8080\").Run()\n}\n",
		"wants/go.mod":  "module example.com/s\n\ngo 1.25.0\n\nrequire github.com/localrivet/gomcp v1.2.1\n",
		"wants/main.go": "package main\n\nimport \"github.com/localrivet/gomcp/server\"\n\nfunc main() {\n\ts := server.NewServer(\"s\")\n\ts.Toolbox(\"read\")\n\tserver.Run(s)\n}\n",
	} {
		put(t, filepath.Join(cache, "user", name), text)
	}
	sdk := filepath.Join(cache, "github.com", "localrivet", "gomcp@v1.3.0")
	put(t, filepath.Join(sdk, "go.mod"), "module github.com/localrivet/gomcp\n")
	put(t, filepath.Join(sdk, "server", "server.go"), "package server\n\ntype Server interface {\n\tTool(name, description string, handler any) Server\n\tAsHTTP(addr string) Server\n\tRun() error\n}\n\nfunc NewServer(name string) Server { return nil }\n")

	rep := skimmed(t, filepath.Join(cache, "user")).Report()
	if len(rep.Servers) != 1 || len(rep.Servers[0].Tools) != 1 || !rep.Complete {
		t.Errorf("servers %+v, incomplete %+v", rep.Servers, rep.Incomplete)
	}
	want := "github.com/localrivet/gomcp v1.2.1 is not in the module cache; its names were read from v1.3.0"
	if !slices.Contains(rep.Notes, want) {
		t.Errorf("notes: %q", rep.Notes)
	}

	rep = skimmed(t, filepath.Join(cache, "user", "wants")).Report()
	for _, what := range []string{"s.Toolbox is not in github.com/localrivet/gomcp v1.3.0", "server.Run is not in github.com/localrivet/gomcp v1.3.0"} {
		if !slices.ContainsFunc(rep.Incomplete, func(i analyze.Incomplete) bool { return strings.HasPrefix(i.Why, what) }) {
			t.Errorf("not noticed: %s; incomplete: %+v", what, rep.Incomplete)
		}
	}
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
