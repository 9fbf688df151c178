package typed

import (
	"errors"
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// Errors of [Load].
var (
	// ErrNoModule says that neither the folder nor one above it has a go.mod.
	ErrNoModule = load.ErrNoModule
	// ErrNoPackages says that the module has no package that builds with the
	// tags, GOOS and GOARCH in effect.
	ErrNoPackages = errors.New("the module has no Go package to look at")
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

// A ModuleError says that go.mod can't be used, or that the go command could not
// list the module: a go.mod that wants "go mod tidy", a module that is not
// downloaded, a version that does not exist.
type ModuleError struct {
	Msg string
}

func (e *ModuleError) Error() string { return e.Msg }
