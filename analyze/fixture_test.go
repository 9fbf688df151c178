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

// once keeps the result of each fixture: loading takes a second.
var once = map[string]*analyze.Result{}

// read loads and analyses a fixture, once. Tests of this package don't run in parallel.
func read(tb testing.TB, name string) *analyze.Result {
	tb.Helper()
	if once[name] == nil {
		once[name] = analysed(tb, loaded(tb, name))
	}
	return once[name]
}

func analysed(tb testing.TB, p *load.Program) *analyze.Result {
	tb.Helper()
	r, err := analyze.Analyze(context.Background(), p, all.Specs(), analyze.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}
