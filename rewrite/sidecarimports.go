package rewrite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strconv"

	"github.com/mcp-migrate/mcp-migrate/internal/edit"
)

// renameImports gives an import of the wiring file another name where the user's
// package declares something of its name: Go allows only one of the two.
func (s *sidecar) renameImports(b *builder, src []byte) ([]byte, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, s.rel, src, 0)
	if err != nil {
		return nil, err
	}
	names, beside := map[string]string{}, declaredBeside(s.pkg)
	var edits []edit.Edit
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	for _, spec := range f.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		name := path.Base(importPath)
		if s.pkg.Types.Scope().Lookup(name) == nil && !beside[name] {
			continue
		}
		names[name] = b.freshName(s.pkg, name+"pkg")
		edits = append(edits, edit.Edit{Start: at(spec.Path.Pos()), End: at(spec.Path.Pos()), New: names[name] + " ", Why: "the name is taken"})
	}
	if len(edits) == 0 {
		return src, nil
	}
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && names[id.Name] != "" {
			edits = append(edits, edit.Edit{Start: at(id.Pos()), End: at(id.End()), New: names[id.Name], Why: "the name is taken"})
		}
		return true
	})
	return edit.Apply(src, edits)
}
