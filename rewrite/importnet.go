package rewrite

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

const netHTTP = "net/http"

// httpAt returns the name of net/http at an anchor, and imports it where its file does
// not do so.
func (g *group) httpAt(at *anchor) (string, error) {
	name, imported := sdk.LocalName(at.file, netHTTP)
	switch {
	case imported && at.isPackage(name):
		return name, nil
	case imported || at.visible("http"):
		return "", manualf("net/http has no name of its own here")
	}
	for _, have := range slices.Concat(g.edits, g.b.edits[at.file.Rel]) { // another router of the same file
		if have.file == at.file && have.edit.Why == importWhy {
			return "http", nil
		}
	}
	g.add(at.file, []edit.Edit{importNetHTTP(at)})
	return "http", nil
}

const importWhy = "the endpoints are handlers of net/http"

// importNetHTTP adds net/http to the imports of a file: to the first group that has
// packages of the standard library, in order, else in a group of its own in front.
func importNetHTTP(at *anchor) edit.Edit {
	offset := func(p token.Pos) int { return sdk.Offset(at.fset, at.file, p) }
	insert := func(pos int, text string) edit.Edit {
		return edit.Edit{Start: pos, End: pos, New: text, Why: importWhy}
	}
	quoted := strconv.Quote(netHTTP)
	for _, d := range at.file.AST.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.IMPORT {
			break
		}
		if !decl.Lparen.IsValid() || len(decl.Specs) == 0 {
			continue
		}
		first := decl.Specs[0].(*ast.ImportSpec)
		if !standardImport(first) {
			return insert(lineOf(at, first.Pos()), "\t"+quoted+"\n\n")
		}
		for i, s := range decl.Specs {
			spec := s.(*ast.ImportSpec)
			if i > 0 && at.fset.PositionFor(spec.Pos(), false).Line > at.fset.PositionFor(decl.Specs[i-1].End(), false).Line+1 {
				return insert(lineAfter(at, offset(decl.Specs[i-1].End())), "\t"+quoted+"\n")
			}
			if path, _ := strconv.Unquote(spec.Path.Value); path > netHTTP {
				return insert(lineOf(at, spec.Pos()), "\t"+quoted+"\n")
			}
		}
		return insert(lineAfter(at, offset(decl.Specs[len(decl.Specs)-1].End())), "\t"+quoted+"\n")
	}
	end := lineAfter(at, offset(at.file.AST.Name.End()))
	return insert(end, "\nimport "+quoted+"\n")
}

func standardImport(s *ast.ImportSpec) bool {
	path, _ := strconv.Unquote(s.Path.Value)
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// lineOf returns the offset of the line that pos is on, or of the comment above it.
func lineOf(at *anchor, pos token.Pos) int {
	return edit.LineStart(at.file.Src, sdk.Offset(at.fset, at.file, pos))
}

// lineAfter returns the offset of the line after the one that offset is on.
func lineAfter(at *anchor, offset int) int {
	if i := strings.IndexByte(string(at.file.Src[offset:]), '\n'); i >= 0 {
		return offset + i + 1
	}
	return len(at.file.Src)
}
