package analyze_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

// loaded loads a fixture; all of them use the SDKs at the versions of this
// module, so that no test needs the network.
func loaded(tb testing.TB, name string) *load.Program {
	tb.Helper()
	dir := fixture.Unpack(tb, filepath.Join("testdata", name), map[string]string{
		"go.mod": filepath.Join("testdata", "sdks.mod"),
		"go.sum": filepath.Join("..", "go.sum"),
	})
	p, err := typed.Load(context.Background(), typed.Options{Dir: dir, Env: fixture.Offline})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// read loads and analyses a fixture.
func read(tb testing.TB, name string) *analyze.Result {
	tb.Helper()
	r, err := analyze.Analyze(context.Background(), loaded(tb, name), all.Specs(), analyze.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}
