package rewrite

import (
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// constraintOf returns the build constraint that wiring in pkg needs, nil for none.
// Where each file of a package has one, the package is not there on other systems
// or without its tag. Wiring without a constraint would make one of it there: a
// program without a main function, which breaks go build ./... for everybody else.
func constraintOf(pkg *load.Package) constraint.Expr {
	var all constraint.Expr
	seen := map[string]bool{}
	for _, f := range pkg.Files {
		one := fileConstraint(f)
		switch {
		case one == nil:
			return nil
		case seen[one.String()]:
		case all == nil:
			all = one
		default:
			all = &constraint.OrExpr{X: all, Y: one}
		}
		seen[one.String()] = true
	}
	return all
}

// fileConstraint returns when a file is built: by its name, its //go:build line and
// its use of cgo; nil when always.
func fileConstraint(f *load.File) constraint.Expr {
	all := nameConstraint(filepath.Base(f.Path))
	if f.Cgo {
		all = and(all, &constraint.TagExpr{Tag: "cgo"})
	}
	header, err := parser.ParseFile(token.NewFileSet(), "", f.Src, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		return all
	}
	return and(all, lineConstraint(header))
}

// lineConstraint returns what the //go:build line says; nil without one.
func lineConstraint(header *ast.File) constraint.Expr {
	for _, group := range header.Comments {
		for _, c := range group.List {
			if c.Pos() >= header.Package || !constraint.IsGoBuild(c.Text) {
				continue
			}
			if expr, err := constraint.Parse(c.Text); err == nil {
				return expr
			}
		}
	}
	return nil
}

func and(x, y constraint.Expr) constraint.Expr {
	switch {
	case x == nil:
		return y
	case y == nil:
		return x
	}
	return &constraint.AndExpr{X: x, Y: y}
}

// nameConstraint returns what a name such as notes_linux_arm64.go says; nil for
// one that says nothing.
func nameConstraint(name string) constraint.Expr {
	parts := strings.Split(strings.TrimSuffix(name, ".go"), "_")[1:]
	var all constraint.Expr
	for i := len(parts) - 1; i >= 0 && len(parts)-i <= 2 && isSystem(parts[i]); i-- {
		all = and(&constraint.TagExpr{Tag: parts[i]}, all)
	}
	return all
}

// isSystem reports whether the go command takes word for a GOOS or GOARCH in the
// name of a file: whether such a file is left out on a system that does not exist.
func isSystem(word string) bool {
	nowhere := build.Default
	nowhere.GOOS, nowhere.GOARCH = "nowhere", "nowhere"
	nowhere.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package p\n")), nil }
	match, err := nowhere.MatchFile("", "x_"+word+".go")
	return err == nil && !match
}

// constrained puts the constraint of its package, if any, in front of the wiring.
func (s *sidecar) constrained(src []byte) []byte {
	expr := constraintOf(s.pkg)
	if expr == nil {
		return src
	}
	return append([]byte("//go:build "+expr.String()+"\n\n"), src...)
}
