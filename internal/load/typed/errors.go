package typed

import (
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// Errors of [Load].
var (
	// ErrNoModule says that neither the folder nor one above it has a go.mod.
	ErrNoModule = load.ErrNoModule
	// ErrNoPackages says that the module has no package that builds with the
	// tags, GOOS and GOARCH in effect.
	ErrNoPackages = load.ErrNoPackages
)

// A CompileError says that the module does not compile: every fault with its place.
type CompileError struct {
	Errors []load.Error
}

// Error gives the first fault and how many there are.
func (e *CompileError) Error() string {
	switch n := len(e.Errors); n {
	case 0:
		return "the module does not compile"
	case 1:
		return "the module does not compile: " + e.Errors[0].Error()
	default:
		return fmt.Sprintf("the module does not compile: %s (and %d more)", e.Errors[0].Error(), n-1)
	}
}

// A ModuleError says that go.mod or the module can't be used; see [load.ModuleError].
type ModuleError = load.ModuleError
