package fast

import (
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// A folder is a folder of one of the modules with Go files in it.
type folder struct {
	path    string // import path
	dir     string
	module  *load.Module
	files   []*source // of the build, without tests, by name
	imports []string  // of all of them
	wanted  bool      // in the slice
}

// A source is one Go file.
type source struct {
	name    string // absolute
	src     []byte // nil while only its header was read
	imports []string
	skipped string // why it is not in the build; "" if it is
	pkg     string // its package clause
	fault   error  // its header can't be parsed
	speaks  bool   // its text speaks of calling tools, or holds a mark
	ast     *ast.File
}

// walk finds the packages of every module and reads the headers of their files.
func (l *loader) walk(ctx context.Context) error {
	var names []string
	for _, m := range l.prog.Modules {
		more, err := l.prog.GoFiles(m)
		if err != nil {
			return err
		}
		names = append(names, more...)
	}
	read := make([]*source, len(names))
	each(len(names), func(i int) {
		if ctx.Err() == nil {
			read[i] = l.skim(names[i])
		}
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, s := range read {
		l.place(s)
	}
	return nil
}

// buffers hold what skim reads: most files are not looked at again.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// skim reads a file of the modules for what decides whether it is looked at.
func (l *loader) skim(name string) *source {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := readInto(b, name); err != nil {
		return &source{name: name, fault: err}
	}
	s := &source{name: name, src: b.Bytes()}
	l.head(s)
	s.speaks = l.seeker.in(s.src)
	if s.src = nil; s.skipped != "" {
		s.src = bytes.Clone(b.Bytes())
	}
	return s
}

func readInto(b *bytes.Buffer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = b.ReadFrom(f)
	return err
}

// header reads a file and parses what stands above its declarations.
func (l *loader) header(name string) *source {
	s := &source{name: name}
	if s.src, s.fault = os.ReadFile(name); s.fault == nil {
		l.head(s)
	}
	return s
}

// head parses what stands above the declarations of a file.
func (l *loader) head(s *source) {
	f, err := parser.ParseFile(token.NewFileSet(), s.name, s.src, parser.ImportsOnly)
	s.fault = err
	if f == nil || f.Name == nil {
		return
	}
	s.pkg = f.Name.Name
	for _, spec := range f.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			s.imports = append(s.imports, p)
		}
	}
	s.skipped = l.excluded(s, s.src[:int(f.Package)-1])
}

// excluded says why a file is not part of the build. above is what stands over its
// package clause.
func (l *loader) excluded(s *source, above []byte) string {
	if !conditional(s.name, above) && s.pkg != "documentation" && !slices.Contains(s.imports, "C") {
		return ""
	}
	b := *l.build
	b.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(s.src)), nil }
	ok, err := b.MatchFile(filepath.Dir(s.name), filepath.Base(s.name))
	switch {
	case err == nil && !ok:
		return "its build constraints or file name exclude it from this build"
	case slices.Contains(s.imports, "C") && !b.CgoEnabled:
		return "it uses cgo, which is switched off"
	case s.pkg == "documentation":
		return "no package of this build contains it"
	}
	return ""
}

// conditional reports whether a file may be for some builds only, by its name or by a
// line above its package clause. Most are not, and to ask go/build parses them again.
func conditional(name string, above []byte) bool {
	return strings.Contains(filepath.Base(name), "_") || bytes.Contains(above, []byte("build"))
}

// place puts a file into its folder, or among those that are not looked at.
func (l *loader) place(s *source) {
	if s.skipped != "" {
		l.prog.Skipped = append(l.prog.Skipped, load.Skipped{Rel: l.rel(s.name), Why: s.skipped, Imports: s.imports, Src: s.src})
		return
	}
	dir := filepath.Dir(s.name)
	f := l.dirs[dir]
	if f == nil {
		m := l.prog.ModuleOf(dir)
		rel, err := filepath.Rel(m.Dir, dir)
		if err != nil {
			return
		}
		f = &folder{dir: dir, module: m, path: path.Join(m.Path, filepath.ToSlash(rel))}
		l.dirs[dir], l.byPath[f.path] = f, f
	}
	f.files = append(f.files, s)
	for _, p := range s.imports {
		if !slices.Contains(f.imports, p) {
			f.imports = append(f.imports, p)
		}
	}
}

func (l *loader) rel(name string) string {
	rel, err := filepath.Rel(l.prog.Dir, name)
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
}

// each runs f for 0 to n-1 on all processors.
func each(n int, f func(int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
