// Package load reads a user's Go module or workspace: syntax, types, source bytes
// and go.mod. It never changes anything. Package typed (in this folder) fills a [Program]
// with go/packages; every later room reads only what is declared here, so that
// a second loader can take its place.
package load

import (
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// A Program is one module, or several of a workspace, as they were read. It is
// immutable after loading and safe for concurrent readers.
//
// Called in a module of a workspace, a program is that module, and of the
// workspace's other modules the packages that it imports. Called at a workspace
// root it is every module of it.
type Program struct {
	Dir       string            // absolute path of the module root, or of the workspace root
	Module    string            // path of the module in Dir; "" at a workspace root that is no module
	GoVersion string            // the go line of its go.mod, such as "1.24.1"
	Mod       *modfile.File     // parsed go.mod
	ModSrc    []byte            // bytes of go.mod
	SumSrc    []byte            // bytes of go.sum; nil if there is none
	Requires  map[string]string // module path → selected version, for every module in the build list
	Vendored  bool              // the build uses a vendor directory
	Workspace *Workspace        // the go.work in effect; nil if none
	Modules   []*Module         // that of Dir, or those of the workspace: first by whether they were looked at, then by folder
	Tags      []string          // build tags that were in effect
	Toolchain string            // version of the go command that builds it, such as "go1.26.8"

	Fset     *token.FileSet
	Packages []*Package // packages of the module, sorted by import path; no test variants
	Skipped  []Skipped  // files of the module that no loaded package contains
	Errors   []Error    // what does not compile; everything else is there
	Unread   []Unread   // what could hide a server and could not be read
	StandIns []StandIn  // modules that were read at another version

	Nested     []Nested    // modules below the program's, which are not part of it
	Neighbours []Neighbour // modules that the packages import and that were not read themselves

	trees map[string]*tree // memo of treeOf
}

// A Module is a module of the program: its go.mod and go.sum as they were read.
type Module struct {
	Path      string
	Dir       string // absolute
	Rel       string // relative to Program.Dir, with forward slashes; "." for the module in it
	GoVersion string // its go line
	Mod       *modfile.File
	ModSrc    []byte
	SumSrc    []byte            // nil if there is none
	Requires  map[string]string // what its go.mod lists: the build list outside of a workspace
	LookedAt  bool              // the program holds packages of it
	Whole     bool              // all of them, not only those that others import
}

// A Package is one type-checked package of the module.
type Package struct {
	Path   string // import path
	Name   string
	Dir    string  // absolute
	Module *Module // the module that it belongs to
	Types  *types.Package
	Info   *types.Info
	Files  []*File // in the order of their names
}

// A File is one source file: the bytes as read from disk and the syntax parsed from them.
type File struct {
	Path      string // absolute
	Rel       string // relative to Program.Dir, with forward slashes; "../…" in a workspace's other modules
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
	Src     []byte   // its bytes; nil where it can't be read
}

// An Unread is something that the loader could not read and that could hide a
// server, a handler or a guard: a file that does not parse, an SDK whose source is
// not there.
type Unread struct {
	Rel  string // file, relative to Program.Dir; "" if it is none of the module's
	Line int    // 0 where there is none
	Why  string
}

// Stranger is a file of another package than the others in its folder, which no build
// takes together.
func Stranger(rel, name, others string) Unread {
	return Unread{Rel: rel, Line: 1, Why: fmt.Sprintf(
		"the file is of package %s, beside files of package %s: the folder does not build, and this file was not looked at", name, others)}
}

// A StandIn says that a module's source at the version of the build list is not
// there, and that another version was read in its place.
type StandIn struct {
	Module string
	Wanted string
	Used   string
}

// An Error is a fault in the user's source, with the place where it stands.
type Error struct {
	Pos    string // file:line:col, file relative to the module root; may be empty
	Msg    string
	Syntax bool // the file does not parse, so that a part of it was not read
}

// Place splits Pos. Without a line, or a column, that is 0.
func (e Error) Place() (file string, line, column int) {
	file, rest, ok := strings.Cut(e.Pos, ".go:")
	if !ok {
		return e.Pos, 0, 0
	}
	l, c, _ := strings.Cut(rest, ":")
	line, _ = strconv.Atoi(l)
	column, _ = strconv.Atoi(c)
	return file + ".go", line, column
}

func (e Error) Error() string {
	if e.Pos == "" {
		return e.Msg
	}
	return e.Pos + ": " + e.Msg
}
