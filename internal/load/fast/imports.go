package fast

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast/sdkapi"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast/stdapi"
)

// Import resolves an import: a package of the modules, of the standard library, of
// an SDK or of a module that may handle requests, from source and without function
// bodies; any other is a fake. It implements types.Importer and never fails, because
// go/types says nothing of a package whose imports fail.
func (c *checker) Import(path string) (*types.Package, error) {
	if p := c.done[path]; p != nil {
		return p, nil
	}
	if f := c.byPath[path]; f != nil && f.wanted {
		return c.module(f), nil
	}
	if stdapi.Has(path) {
		if p, err := stdapi.Import(path, c.prog.Fset, c.known); err == nil {
			return p, nil
		}
	}
	p := c.held(path)
	if p == nil {
		p = c.foreign(path)
	}
	if p == nil {
		p = fake(path)
	}
	c.done[path] = p
	return p, nil
}

// held returns a package of an SDK of which the tool carries the API; nil for others.
// One that the data lacks, at a version that it has, is not there.
func (c *checker) held(path string) *types.Package {
	mod := c.mods.of(path)
	version := c.mods.held(mod)
	if version == "" {
		return nil
	}
	p, err := sdkapi.Import(mod, version, path, c.prog.Fset, c.known)
	if err != nil {
		return nil
	}
	return p
}

// foreign loads the declarations of another module's package; nil if it is not worth
// it, or not there.
func (c *checker) foreign(path string) *types.Package {
	sdk := c.speaks(path)
	dir := c.mods.folder(path)
	files := c.declarations(dir)
	if len(files) == 0 {
		if sdk {
			c.missing(path)
		}
		return nil
	}
	if !sdk && !slices.ContainsFunc(files, speaksHTTP) && !slices.ContainsFunc(files, speaksFastHTTP) {
		return nil
	}
	for _, s := range files {
		s.src = declared(s.src)
	}
	if !sdk && !handles(files) {
		return nil
	}
	c.done[path] = fake(path) // an import cycle ends here
	trees := make([]*ast.File, 0, len(files))
	for _, s := range files {
		s.ast, _ = parser.ParseFile(c.prog.Fset, s.name, s.src, parser.SkipObjectResolution)
		if s.ast != nil && (len(trees) == 0 || s.ast.Name.Name == trees[0].Name.Name) {
			trees = append(trees, s.ast)
		}
	}
	return c.run(path, trees, nil, true)
}

// missing notes an SDK that is required and not there: nothing can be said about
// servers that are made with it.
func (c *checker) missing(path string) {
	mod := c.mods.of(path)
	why := fmt.Sprintf("the source of %s is not in the module cache, so that nothing is known of what is made with it: go mod download fetches it", path)
	if mod != "" {
		why = fmt.Sprintf("the source of %s %s is not in the module cache, so that nothing is known of what is made with it: go mod download fetches it", mod, c.prog.Requires[mod])
	}
	if c.mods.vendor != "" {
		why = fmt.Sprintf("%s is not in the vendor folder, so that nothing is known of what is made with it: go mod vendor puts it there", cmp.Or(mod, path))
	}
	if !slices.ContainsFunc(c.prog.Unread, func(u load.Unread) bool { return u.Why == why }) {
		c.prog.Unread = append(c.prog.Unread, load.Unread{Why: why})
	}
}

// declarations reads the Go files of a folder that belong to this build.
func (c *checker) declarations(dir string) []*source {
	if dir == "" {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var list []*source
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name[0] == '_' || name[0] == '.' {
			continue
		}
		if s := c.header(filepath.Join(dir, name)); s.fault == nil && s.skipped == "" {
			list = append(list, s)
		}
	}
	return list
}

func speaksHTTP(s *source) bool { return slices.Contains(s.imports, "net/http") }

// speaksFastHTTP is speaksHTTP for what routers have instead of net/http.
func speaksFastHTTP(s *source) bool { return slices.Contains(s.imports, "github.com/valyala/fasthttp") }

// handles reports whether a package may take or give handlers: its declarations speak
// of what requests are handled with.
func handles(files []*source) bool {
	return slices.ContainsFunc(files, func(s *source) bool {
		return speaksFastHTTP(s) && bytes.Contains(s.src, []byte("fasthttp.Request")) || speaksHTTP(s) && (bytes.Contains(s.src, []byte("http.Handler")) || bytes.Contains(s.src, []byte("http.ResponseWriter")))
	})
}

// fake is a package of which only the name is guessed.
func fake(path string) *types.Package {
	p := types.NewPackage(path, guess(path))
	p.MarkComplete()
	return p
}

// guess gives the name that a package is likely to have, by its path.
func guess(path string) string {
	parts := strings.Split(path, "/")
	name := parts[len(parts)-1]
	if len(parts) > 1 && isVersion(name) {
		name = parts[len(parts)-2]
	}
	if before, after, ok := strings.Cut(name, ".v"); ok && isVersion("v"+after) {
		name = before
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "go-"), "-go")
	if i := strings.LastIndexAny(name, "-."); i >= 0 {
		name = name[i+1:]
	}
	return name
}

func isVersion(s string) bool {
	return len(s) > 1 && s[0] == 'v' && strings.Trim(s[1:], "0123456789") == ""
}
