package typed

import (
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// sources keeps the bytes that were parsed, so that syntax, offsets and hashes
// are all of the same reading of a file.
type sources struct {
	prog *load.Program
	mu   sync.Mutex
	read map[string][]byte // by absolute path
	used map[string]bool
}

func newSources(p *load.Program) *sources {
	return &sources{prog: p, read: map[string][]byte{}, used: map[string]bool{}}
}

// parse is go/packages' hook; it is called concurrently.
func (s *sources) parse(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
	s.mu.Lock()
	s.read[name] = src
	s.mu.Unlock()
	return parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
}

// pack makes a load.Package; nil when nothing of it was parsed.
func (s *sources) pack(pkg *packages.Package) (*load.Package, error) {
	if len(pkg.Syntax) == 0 || pkg.Types == nil {
		return nil, nil
	}
	one := &load.Package{Path: pkg.PkgPath, Name: pkg.Name, Types: pkg.Types, Info: pkg.TypesInfo}
	for _, f := range pkg.Syntax {
		file, err := s.file(f)
		if err != nil {
			return nil, err
		}
		switch {
		case file == nil:
		case f.Name.Name != pkg.Types.Name():
			s.prog.Unread = append(s.prog.Unread, load.Stranger(file.Rel, f.Name.Name, pkg.Types.Name()))
		default:
			one.Files = append(one.Files, file)
		}
	}
	if len(one.Files) == 0 {
		return nil, nil
	}
	slices.SortFunc(one.Files, func(a, b *load.File) int { return strings.Compare(a.Path, b.Path) })
	one.Dir = filepath.Dir(one.Files[0].Path)
	one.Module = s.prog.ModuleOf(one.Dir)
	return one, nil
}

// file makes a load.File of parsed syntax; nil for what the cgo tool adds of its own.
func (s *sources) file(f *ast.File) (*load.File, error) {
	fset := s.prog.Fset
	name := fset.File(f.FileStart).Name()
	cgo := !s.inside(name)
	src := s.read[name]
	if cgo {
		// The cgo tool's output lies in the build cache and names its source in a line directive.
		name = fset.Position(f.Package).Filename
		if !s.inside(name) {
			return nil, nil
		}
		var err error
		if src, err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	rel, err := filepath.Rel(s.prog.Dir, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s.used[name] = true
	return &load.File{
		Path: name, Rel: filepath.ToSlash(rel), AST: f, Src: src, Sum: sha256.Sum256(src),
		Generated: ast.IsGenerated(f), Cgo: cgo,
	}, nil
}

// inside reports whether name is a Go file of one of the modules, and not one that
// the cgo tool made.
func (s *sources) inside(name string) bool {
	return strings.HasSuffix(name, ".go") && s.prog.ModuleOf(name) != nil
}

// skipped returns the Go files that no loaded package contains, as "./..." sees
// them: without tests, vendor, testdata, hidden folders and nested modules. Of a
// workspace's module that was not asked for, only those beside loaded files.
func (s *sources) skipped() ([]load.Skipped, error) {
	var list []load.Skipped
	for _, m := range s.prog.Modules {
		if !m.LookedAt {
			continue
		}
		more, err := s.skippedIn(m.Dir)
		if err != nil {
			return nil, err
		}
		if !m.Whole {
			more = slices.DeleteFunc(more, func(f load.Skipped) bool { return !s.besideLoaded(f) })
		}
		list = append(list, more...)
	}
	return list, nil
}

func (s *sources) besideLoaded(f load.Skipped) bool {
	dir := filepath.Dir(filepath.Join(s.prog.Dir, filepath.FromSlash(f.Rel)))
	for name := range s.used {
		if filepath.Dir(name) == dir {
			return true
		}
	}
	return false
}

func (s *sources) skippedIn(dir string) ([]load.Skipped, error) {
	var list []load.Skipped
	root := dir + string(filepath.Separator) // also where dir is a link
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && leaveOut(path, name) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || s.used[path] || name[0] == '_' || name[0] == '.' {
			return nil
		}
		rel, err := filepath.Rel(s.prog.Dir, path)
		if err != nil {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			src = nil // importsOf does not read it either
		}
		list = append(list, load.Skipped{Rel: filepath.ToSlash(rel), Why: whySkipped(path), Imports: importsOf(path), Src: src})
		return nil
	})
	return list, err
}

func leaveOut(path, name string) bool {
	if load.LeaveOut(name) {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil
}

func whySkipped(path string) string {
	if ok, err := build.Default.MatchFile(filepath.Dir(path), filepath.Base(path)); err == nil && !ok {
		return "its build constraints or file name exclude it from this build"
	}
	return "no package of this build contains it"
}

// importsOf returns what a file imports; nothing where it can't be read or parsed.
func importsOf(path string) []string {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return nil
	}
	var list []string
	for _, spec := range f.Imports {
		if name, err := strconv.Unquote(spec.Path.Value); err == nil {
			list = append(list, name)
		}
	}
	return list
}
