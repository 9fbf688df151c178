package analyze

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// What a function that is trusted is made of: its declaration, and each declaration of
// the module whose name is mentioned in it, at any remove. It is told from the syntax
// alone, so that both loaders come to the same, and takes rather too much than too little:
// a method counts by its name, whatever it is called on.

// contents collects declarations.
type contents struct {
	a     *analysis
	index map[string]map[string][]declaration // import path → name → declarations
	seen  map[ast.Node]bool
	texts []string
}

// A declaration is one function, method, type, constant or variable of a package.
type declaration struct {
	pkg  *load.Package
	file *load.File
	node ast.Node
	name string
}

// contentOf returns the SHA-256 of what a function is made of, in hexadecimal digits.
func (a *analysis) contentOf(pkg *load.Package, d *ast.FuncDecl) string {
	c := &contents{a: a, index: map[string]map[string][]declaration{}, seen: map[ast.Node]bool{}}
	for _, p := range a.prog.Packages {
		c.index[p.Path] = declarationsOf(p)
	}
	for _, f := range pkg.Files {
		if f.AST.FileStart <= d.Pos() && d.Pos() < f.AST.FileEnd {
			c.add(declaration{pkg, f, d, declaredName(d)})
		}
	}
	slices.Sort(c.texts)
	sum := sha256.New()
	sum.Write([]byte(pkg.Path + "." + declaredName(d) + "\x00"))
	for _, t := range c.texts {
		one := sha256.Sum256([]byte(t))
		sum.Write(one[:])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// declarationsOf lists the declarations of a package by name; a method by its own.
func declarationsOf(p *load.Package) map[string][]declaration {
	list := map[string][]declaration{}
	for _, f := range p.Files {
		for _, d := range f.AST.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				list[d.Name.Name] = append(list[d.Name.Name], declaration{p, f, d, declaredName(d)})
			case *ast.GenDecl:
				for _, name := range declaredNames(d) {
					list[name] = append(list[name], declaration{p, f, d, name})
				}
			}
		}
	}
	return list
}

func declaredNames(d *ast.GenDecl) []string {
	var names []string
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			names = append(names, s.Name.Name)
		case *ast.ValueSpec:
			for _, n := range s.Names {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

// add takes a declaration, and what it mentions.
func (c *contents) add(d declaration) {
	if c.seen[d.node] {
		return
	}
	c.seen[d.node] = true
	c.texts = append(c.texts, d.pkg.Path+"\x00"+d.name+"\x00"+c.text(d))
	imports := c.imports(d.file)
	ast.Inspect(d.node, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok {
				if to, is := imports[id.Name]; is {
					c.named(to, x.Sel.Name)
					return false
				}
			}
			c.method(d, imports, x.Sel.Name)
		case *ast.Ident:
			c.named(d.pkg.Path, x.Name)
		}
		return true
	})
}

// named takes what a package declares under a name.
func (c *contents) named(pkg, name string) {
	for _, d := range c.index[pkg][name] {
		c.add(d)
	}
}

// method takes what may be called by a name on a value, in the package and those of the
// module that its file imports.
func (c *contents) method(d declaration, imports map[string]string, name string) {
	c.named(d.pkg.Path, name)
	for _, to := range imports {
		for _, m := range c.index[to][name] {
			if f, ok := m.node.(*ast.FuncDecl); ok && f.Recv != nil {
				c.add(m)
			}
		}
	}
}

// imports returns what a file imports, by local name; packages that are not the module's
// lead to nothing.
func (c *contents) imports(f *load.File) map[string]string {
	names := map[string]string{}
	for _, spec := range f.AST.Imports {
		to := importPath(spec)
		name := path.Base(to)
		if p := c.packageAt(to); p != nil {
			name = p.Name
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = to
	}
	return names
}

func (c *contents) packageAt(path string) *load.Package {
	for _, p := range c.a.prog.Packages {
		if p.Path == path {
			return p
		}
	}
	return nil
}

// text is the source of a declaration, with the line ends of Unix.
func (c *contents) text(d declaration) string {
	from, to := d.node.Pos(), d.node.End()
	src := d.file.Src
	i, j := c.offset(from), c.offset(to)
	if i < 0 || j > len(src) || i > j {
		return strings.Repeat("?", 1+len(src)) // a file that is not what was read: never the same as another
	}
	return string(bytes.ReplaceAll(src[i:j], []byte("\r\n"), []byte("\n")))
}

func (c *contents) offset(pos token.Pos) int {
	return c.a.prog.Fset.PositionFor(pos, false).Offset
}
