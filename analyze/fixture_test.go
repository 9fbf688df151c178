package analyze_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

// goMod is the go.mod of every fixture: the SDKs at the versions of this module,
// so that no test needs the network.
const goMod = `module example.com/x

go 1.25.0

require (
	github.com/mark3labs/mcp-go v1.2.1
	github.com/modelcontextprotocol/go-sdk v1.8.0
)
`

// offline keeps the go command from the network and lets it complete go.mod.
var offline = []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local"}

// unpack writes a txtar file as a module and returns its folder.
func unpack(tb testing.TB, name string) string {
	tb.Helper()
	ar, err := txtar.ParseFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	dir := tb.TempDir()
	write := func(name string, data []byte) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	sum, err := os.ReadFile(filepath.Join("..", "go.sum"))
	if err != nil {
		tb.Fatal(err)
	}
	write("go.mod", []byte(goMod))
	write("go.sum", sum)
	for _, f := range ar.Files {
		write(f.Name, f.Data)
	}
	return dir
}

// read loads and analyses a fixture.
func read(tb testing.TB, name string) (*load.Program, *analyze.Result) {
	tb.Helper()
	p, err := typed.Load(context.Background(), typed.Options{Dir: unpack(tb, name), Env: offline})
	if err != nil {
		tb.Fatal(err)
	}
	r, err := analyze.Analyze(context.Background(), p, all.Specs(), analyze.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return p, r
}
