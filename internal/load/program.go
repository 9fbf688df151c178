// Package load reads a user's Go module: syntax, types, source bytes and go.mod.
// It never changes anything. Package typed (in this folder) fills a [Program]
// with go/packages; every later room reads only what is declared here, so that
// a second loader can take its place.
package load

import (
	"crypto/sha256"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/mod/modfile"
)

// A Program is one module as it was read. It is immutable after loading and safe
// for concurrent readers.
type Program struct {
	Dir       string            // absolute path of the module root
	Module    string            // module path
	GoVersion string            // the go line of go.mod, such as "1.24.1"
	Mod       *modfile.File     // parsed go.mod
	ModSrc    []byte            // bytes of go.mod
	SumSrc    []byte            // bytes of go.sum; nil if there is none
	Requires  map[string]string // module path → selected version, for every module in the build list
	Vendored  bool              // the module builds from a vendor directory
	Workspace string            // absolute path of the go.work in effect; "" if none
	Tags      []string          // build tags that were in effect

	Fset     *token.FileSet
	Packages []*Package // packages of the module, sorted by import path; no test variants
	Skipped  []Skipped  // files of the module that no loaded package contains
}

// A Package is one type-checked package of the module.
type Package struct {
	Path  string // import path
	Name  string
	Dir   string // absolute
	Types *types.Package
	Info  *types.Info
	Files []*File // in the order of their names
}

// A File is one source file: the bytes as read from disk and the syntax parsed from them.
type File struct {
	Path      string // absolute
	Rel       string // relative to Program.Dir, with forward slashes
	AST       *ast.File
	Src       []byte
	Sum       [sha256.Size]byte // SHA-256 of Src
	Generated bool              // carries the "Code generated … DO NOT EDIT." line
	Cgo       bool              // imports "C": AST is that of the cgo tool's output, offsets do not fit Src
}

// A Skipped names a file that was not looked at, and why (build constraints, other GOOS).
type Skipped struct {
	Rel     string
	Why     string
	Imports []string // import paths of the file, as far as it could be parsed
}

// An Error is a fault in the user's source, with the place where it stands.
type Error struct {
	Pos string // file:line:col, file relative to the module root; may be empty
	Msg string
}

func (e Error) Error() string {
	if e.Pos == "" {
		return e.Msg
	}
	return e.Pos + ": " + e.Msg
}
