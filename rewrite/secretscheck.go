package rewrite

import (
	"fmt"
	"go/ast"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// checkAtStart plans what refuses to start a program without the credentials that it is
// made with. A program that can't be edited so keeps them all in its source.
func (b *builder) checkAtStart() {
	for _, main := range b.prog.Packages {
		var names []string
		for _, s := range b.hard {
			if slices.Contains(b.programsOf(s.Site.Pkg), main) && !slices.Contains(names, s.env) {
				names = append(names, s.env)
			}
		}
		if len(names) == 0 {
			continue
		}
		if err := b.checkIn(main, names); err != nil {
			b.steps = append(b.steps, Step{Kind: StepManual, File: main.Files[0].Rel,
				Reason: "the program does not say at its start that " + strings.Join(names, ", ") + " is missing: " + err.Error(), Text: secretsCheck(main.Name, "checkSecrets", names)})
		}
	}
}

// checkIn plans the function that names what is missing, and the call of it.
func (b *builder) checkIn(main *load.Package, names []string) error {
	var body *ast.BlockStmt
	var file *load.File
	for _, f := range main.Files {
		if f.AST == nil {
			continue
		}
		for _, d := range f.AST.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "main" {
				body, file = fn.Body, f
			}
		}
	}
	switch {
	case body == nil || len(body.List) == 0:
		return fmt.Errorf("it has no function main that does anything")
	case file.Cgo || file.Generated:
		return fmt.Errorf("the file of its function main is generated or uses cgo and is not edited")
	}
	dir, err := filepath.Rel(b.prog.Dir, main.Dir)
	if err != nil {
		return err
	}
	rel := filepath.ToSlash(filepath.Join(dir, "mcp_secrets.go"))
	if b.exists(rel) {
		return fmt.Errorf("%s is there already", rel)
	}
	at, err := findAnchor(b.prog.Fset, []sdk.Site{{Pkg: main, File: file, Node: body.List[0]}})
	if err != nil {
		return err
	}
	at.program = true
	check, errName := b.freshName(main, "checkSecrets"), at.fresh("err")
	stop, err := at.onError(errName)
	if err != nil {
		return err
	}
	offset, indent, inline := at.insertionPoint()
	lines := []string{"if " + errName + " := " + check + "(); " + errName + " != nil {"}
	for _, s := range stop {
		lines = append(lines, "\t"+s)
	}
	lines = append(lines, "}")
	text := indent + strings.Join(lines, "\n"+indent) + "\n"
	if inline {
		text = oneLine(lines) + "; "
	}
	b.edits[file.Rel] = append(b.edits[file.Rel], fileEdit{file, edit.Edit{Start: offset, End: offset, New: text, Why: "don't start without the credentials"}})
	b.create(rel, []byte(secretsCheck(main.Name, check, names)), "says which credentials are missing; it is yours to change")
	b.touch(main.Path)
	return nil
}

// secretsCheck returns a Go file with the function that says what is missing.
func secretsCheck(pkg, name string, names []string) string {
	var list []string
	for _, n := range names {
		list = append(list, strconv.Quote(n))
	}
	return `package ` + pkg + `

import (
	"errors"
	"os"
)

// ` + name + ` says which credential that the program needs is missing: an empty one
// would be one that everybody knows.
func ` + name + `() error {
	for _, name := range []string{` + strings.Join(list, ", ") + `} {
		if os.Getenv(name) == "" {
			return errors.New(name + " is not set: see .env.example")
		}
	}
	return nil
}
`
}
