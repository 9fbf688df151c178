package fast

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// check parses and type-checks the folders of the slice.
func (l *loader) check(ctx context.Context) error {
	var list []*folder
	var files []*source
	for _, f := range l.dirs {
		if f.wanted {
			list, files = append(list, f), append(files, f.files...)
		}
	}
	slices.SortFunc(list, func(a, b *folder) int { return cmp.Compare(a.path, b.path) })
	each(len(files), func(i int) {
		if ctx.Err() == nil {
			files[i].parse(l.prog.Fset)
		}
	})
	c := &checker{loader: l, known: map[string]*types.Package{}, done: map[string]*types.Package{}}
	for _, f := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.module(f)
	}
	return nil
}

// parse reads the whole file.
func (s *source) parse(fset *token.FileSet) {
	if s.src, s.fault = os.ReadFile(s.name); s.fault != nil {
		return
	}
	s.ast, s.fault = parser.ParseFile(fset, s.name, s.src, parser.ParseComments|parser.SkipObjectResolution)
}

// A checker type-checks packages in the order in which they are imported.
type checker struct {
	*loader
	known map[string]*types.Package // of the standard library, see stdapi.Import
	done  map[string]*types.Package // all others, fakes included
	spare []map[ast.Expr]types.TypeAndValue
}

// module checks a package of one of the modules, with function bodies, and adds it to
// the program.
func (c *checker) module(f *folder) *types.Package {
	if p := c.done[f.path]; p != nil {
		return p
	}
	info := c.emptyInfo(f.files)
	one := &load.Package{Path: f.path, Dir: f.dir, Module: f.module, Info: info}
	var trees []*ast.File
	for _, s := range f.files {
		if s.fault != nil {
			c.unread(s)
		}
		if s.ast == nil || s.ast.Name == nil {
			continue
		}
		if one.Name != "" && s.ast.Name.Name != one.Name {
			c.prog.Unread = append(c.prog.Unread, load.Stranger(c.rel(s.name), s.ast.Name.Name, one.Name))
			continue
		}
		one.Name = s.ast.Name.Name
		trees = append(trees, s.ast)
		one.Files = append(one.Files, &load.File{
			Path: s.name, Rel: c.rel(s.name), AST: s.ast, Src: s.src, Sum: sha256.Sum256(s.src), Generated: ast.IsGenerated(s.ast),
		})
	}
	c.done[f.path] = types.NewPackage(f.path, one.Name) // an import cycle ends here
	one.Types = c.run(f.path, trees, info, false)
	c.keepTypes(info)
	c.done[f.path] = one.Types
	if len(one.Files) > 0 {
		c.prog.Packages = append(c.prog.Packages, one)
	}
	return one.Types
}

// emptyInfo has room for what checking the files says of them: in common code, as many
// bytes as stand here are one entry. Maps that grow are copied again and again.
func (c *checker) emptyInfo(files []*source) *types.Info {
	n := 0
	for _, s := range files {
		n += len(s.src)
	}
	return &types.Info{
		Types: c.emptyTypes(n), Defs: make(map[*ast.Ident]types.Object, n/100),
		Uses: make(map[*ast.Ident]types.Object, n/20), Selections: make(map[*ast.SelectorExpr]*types.Selection, n/250),
		Scopes: make(map[ast.Node]*types.Scope, n/150), Implicits: map[ast.Node]types.Object{}, Instances: map[*ast.Ident]types.Instance{},
	}
}

// emptyTypes returns a map that was used before, if there is one that is not in use
// while a package waits for what it imports.
func (c *checker) emptyTypes(n int) map[ast.Expr]types.TypeAndValue {
	if last := len(c.spare) - 1; last >= 0 {
		m := c.spare[last]
		c.spare = c.spare[:last]
		return m
	}
	return make(map[ast.Expr]types.TypeAndValue, n/16)
}

// keepTypes leaves in info the types of all expressions but the names of variables and
// functions: what these are is known by their objects, to [types.Info.TypeOf] too, and
// they are half of all. What is kept gets just the room that it needs.
func (c *checker) keepTypes(info *types.Info) {
	all, n := info.Types, 0
	for e, tv := range all {
		if isName(info, e, tv) {
			continue
		}
		n++
	}
	info.Types = make(map[ast.Expr]types.TypeAndValue, n)
	for e, tv := range all {
		if !isName(info, e, tv) {
			info.Types[e] = tv
		}
	}
	clear(all)
	c.spare = append(c.spare, all)
}

// isName reports whether an expression is a name, and its type that of its object. The
// instance of a generic function has another, and a constant a value.
func isName(info *types.Info, e ast.Expr, tv types.TypeAndValue) bool {
	id, ok := e.(*ast.Ident)
	if !ok || !tv.IsValue() || tv.Value != nil || tv.IsNil() {
		return false
	}
	o := info.Uses[id]
	return o != nil && o.Type() == tv.Type
}

// run type-checks files; what it can't make sense of is left invalid.
func (c *checker) run(path string, files []*ast.File, info *types.Info, declarations bool) *types.Package {
	conf := types.Config{
		Importer: c, Error: func(error) {}, FakeImportC: true,
		DisableUnusedImportCheck: true, IgnoreFuncBodies: declarations,
	}
	pkg, err := conf.Check(path, c.prog.Fset, files, info)
	if err != nil {
		pkg.MarkComplete() // the errors are those of what was faked
	}
	return pkg
}

// unread notes a file that does not parse; what could be parsed is looked at.
func (c *checker) unread(s *source) {
	why, line, pos := s.fault.Error(), 0, c.rel(s.name)
	var list scanner.ErrorList
	if errors.As(s.fault, &list) && len(list) > 0 {
		why, line = list[0].Msg, list[0].Pos.Line
		pos = fmt.Sprintf("%s:%d:%d", pos, line, list[0].Pos.Column)
	}
	said := "the file does not parse: "
	var unread *fs.PathError
	if errors.As(s.fault, &unread) {
		why, said = unread.Err.Error(), "the file can't be read: "
	}
	c.prog.Errors = append(c.prog.Errors, load.Error{Pos: pos, Msg: why, Syntax: true})
	c.prog.Unread = append(c.prog.Unread, load.Unread{Rel: c.rel(s.name), Line: line, Why: said + why})
}
