package rewrite

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Credentials that stand in the source move into environment variables, if that is
// asked for: each string becomes os.Getenv, and every program that is made of it says at
// its start which of them are missing, since an empty password is one that everybody
// knows. The credential itself is printed nowhere, not even as a removed line.

// A secret is one credential that stands in the source.
type secret struct {
	analyze.Hardcoded
	env    string
	module *load.Module
}

func (s secret) literal() *ast.BasicLit { return s.Site.Node.(*ast.BasicLit) }

// texts returns the credential as the source has it and as it is.
func (s secret) texts() []string {
	raw := s.literal().Value
	out := []string{strings.TrimPrefix(raw[1:len(raw)-1], "Bearer ")}
	if value, err := strconv.Unquote(raw); err == nil && strings.TrimPrefix(value, "Bearer ") != out[0] {
		out = append(out, strings.TrimPrefix(value, "Bearer "))
	}
	return out
}

// secrets plans what becomes of hard-coded credentials.
func (b *builder) secrets() {
	found := analyze.HardcodedCredentials(b.prog, b.holdsSecrets())
	if b.ans.Secrets != "env" {
		b.noteSecrets(found)
		return
	}
	for _, h := range found {
		s := secret{Hardcoded: h, module: h.Site.Pkg.Module}
		b.hidden = append(b.hidden, s.texts()...)
		if b.overlapped(s) {
			continue // it goes with the check that it is in
		}
		if err := b.moveSecret(&s); err != nil {
			b.steps = append(b.steps, Step{Kind: StepManual, File: h.Site.File.Rel, Site: b.siteOf(h.Site),
				Reason: "the credential that stands here (" + h.Name + ") stays in the source: " + err.Error(),
				Text:   "os.Getenv(" + strconv.Quote(b.variableOf(s)) + ")"})
		}
	}
	b.checkAtStart()
	if len(b.hard) > 0 {
		b.steps = append(b.steps, Step{Kind: StepNote, File: b.hard[0].Site.File.Rel,
			Reason: hiddenReason + " where a line with one goes, diffs have " + strconv.Quote(hiddenSecret) + " in its place: such a diff can't be applied, so let migrate write the change"})
	}
}

// holdsSecrets returns which packages are looked through: those that the program's own
// people wrote, in modules that have wiring.
func (b *builder) holdsSecrets() func(*load.Package) bool {
	var cores []string
	for _, pkg := range b.prog.Packages {
		if ourCopy(pkg.Dir, ".") {
			cores = append(cores, pkg.Path)
		}
	}
	wired := b.wiredModules()
	return func(pkg *load.Package) bool {
		return slices.Contains(wired, pkg.Module) && !slices.ContainsFunc(cores, func(core string) bool {
			return pkg.Path == core || strings.HasPrefix(pkg.Path, core+"/")
		})
	}
}

func (b *builder) siteOf(s sdk.Site) string {
	p := s.Position(b.prog.Fset)
	return fmt.Sprintf("%s:%d:%d", s.File.Rel, p.Line, p.Column)
}

// noteSecrets tells of credentials that stay where they are.
func (b *builder) noteSecrets(found []analyze.Hardcoded) {
	for _, h := range found {
		b.steps = append(b.steps, Step{Kind: StepNote, File: h.Site.File.Rel, Site: b.siteOf(h.Site),
			Reason: "a credential stands in the source (" + h.Name + "), where everybody who has the source knows it: --secrets env moves it to an environment variable"})
	}
}

// overlapped reports whether an edit replaces the literal already.
func (b *builder) overlapped(s secret) bool {
	start, end := sdk.Offset(b.prog.Fset, s.Site.File, s.literal().Pos()), sdk.Offset(b.prog.Fset, s.Site.File, s.literal().End())
	return slices.ContainsFunc(b.edits[s.Site.File.Rel], func(fe fileEdit) bool { return fe.edit.Start < end && start < fe.edit.End })
}

// moveSecret plans the edits that read the credential from the environment.
func (b *builder) moveSecret(s *secret) error {
	f := s.Site.File
	if f.Cgo || f.Generated {
		return fmt.Errorf("the file is generated or uses cgo and is not edited")
	}
	if len(b.programsOf(s.Site.Pkg)) == 0 {
		return fmt.Errorf("no program of the module is made of this package, so nothing could say at its start that the variable is missing")
	}
	edits, err := b.constToVar(*s)
	if err != nil {
		return err
	}
	name, imports, err := b.osIn(*s)
	if err != nil {
		return err
	}
	s.env = b.variableOf(*s)
	lit := s.literal()
	value, err := strconv.Unquote(lit.Value)
	if err != nil {
		return err
	}
	text := name + ".Getenv(" + strconv.Quote(s.env) + ")"
	if strings.HasPrefix(value, "Bearer ") {
		text = `"Bearer "+` + text
	}
	edits = append(edits, imports...)
	edits = append(edits, edit.Edit{Start: sdk.Offset(b.prog.Fset, f, lit.Pos()), End: sdk.Offset(b.prog.Fset, f, lit.End()), New: text, Why: "read a credential from the environment"})
	for _, e := range edits {
		b.edits[f.Rel] = append(b.edits[f.Rel], fileEdit{f, e})
	}
	b.hard = append(b.hard, *s)
	b.touch(s.Site.Pkg.Path)
	b.steps = append(b.steps, Step{Kind: StepNote, File: f.Rel, Site: b.siteOf(s.Site),
		Reason: movedReason + s.Name + ") is read from " + s.env + " now; it stood in the source and still does in its history and in the undo journal, so make a new one where it is issued"})
	return nil
}

// constToVar returns the edit that makes the constant a variable, if s is one's value.
func (b *builder) constToVar(s secret) ([]edit.Edit, error) {
	decl := s.Const
	if decl == nil {
		return nil, nil
	}
	spec, ok := decl.Specs[0].(*ast.ValueSpec)
	if decl.Lparen.IsValid() || !ok || len(spec.Names) != 1 {
		return nil, fmt.Errorf("it is one of several constants that are declared together, and a constant can't be read from the environment: declare it on its own")
	}
	obj := s.Site.Pkg.Info.Defs[spec.Names[0]]
	for _, pkg := range b.prog.Packages {
		for id, used := range pkg.Info.Uses {
			if used == obj && (!plainString(pkg.Info.TypeOf(id)) || inConst(pkg, id)) {
				return nil, fmt.Errorf("it is a constant and is used as one")
			}
		}
	}
	at := sdk.Offset(b.prog.Fset, s.Site.File, decl.Pos())
	return []edit.Edit{{Start: at, End: at + len("const"), New: "var", Why: "a constant can't be read from the environment"}}, nil
}

// plainString reports whether t is what a variable would be, to which a string is given.
func plainString(t types.Type) bool {
	return types.Identical(t, types.Typ[types.String]) || types.Identical(t, types.Typ[types.UntypedString])
}

// inConst reports whether an identifier stands in the declaration of a constant.
func inConst(pkg *load.Package, id *ast.Ident) (found bool) {
	for _, f := range pkg.Files {
		if f.AST == nil || id.Pos() < f.AST.FileStart || f.AST.FileEnd < id.Pos() {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if d, ok := n.(*ast.GenDecl); ok && d.Tok.String() == "const" && d.Pos() <= id.Pos() && id.End() <= d.End() {
				found = true
			}
			return !found
		})
	}
	return found
}

// osIn returns what package os is called where s is, with the edit that imports it.
func (b *builder) osIn(s secret) (name string, edits []edit.Edit, err error) {
	f, pkg := s.Site.File, s.Site.Pkg
	name, imported := sdk.LocalName(f, "os")
	if !imported {
		name = "os"
	}
	scope := pkg.Types.Scope().Innermost(s.literal().Pos())
	if scope == nil {
		scope = pkg.Types.Scope()
	}
	_, obj := scope.LookupParent(name, s.literal().Pos())
	if _, isPackage := obj.(*types.PkgName); obj != nil && !isPackage || imported != (obj != nil) {
		return "", nil, fmt.Errorf("the name %s means something else there", name)
	}
	if imported || slices.ContainsFunc(b.edits[f.Rel], func(fe fileEdit) bool { return fe.edit.Why == importsOS }) {
		return name, nil, nil
	}
	e, err := b.importOS(f)
	return name, []edit.Edit{e}, err
}

const importsOS = "import os, which reads the environment"

// importOS returns the edit that imports os: in order, in the first group of a list of
// imports, or beside the only one.
func (b *builder) importOS(f *load.File) (edit.Edit, error) {
	at := func(n int, text string) (edit.Edit, error) {
		return edit.Edit{Start: n, End: n, New: text, Why: importsOS}, nil
	}
	for _, d := range f.AST.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok.String() != "import" {
			continue
		}
		if !decl.Lparen.IsValid() {
			return at(sdk.Offset(b.prog.Fset, f, decl.End()), "\nimport \"os\"")
		}
		last := 0
		for _, s := range decl.Specs {
			spec := s.(*ast.ImportSpec)
			p, _ := strconv.Unquote(spec.Path.Value)
			line := b.prog.Fset.PositionFor(spec.Pos(), false).Line
			start := edit.LineStart(f.Src, sdk.Offset(b.prog.Fset, f, spec.Pos()))
			if p > "os" || last > 0 && line > last+1 {
				if last > 0 && line > last+1 {
					break
				}
				return at(start, edit.Indent(f.Src, start)+"\"os\"\n")
			}
			last = line
		}
		return b.afterLine(f, last)
	}
	return at(sdk.Offset(b.prog.Fset, f, f.AST.Name.End()), "\n\nimport \"os\"")
}

// afterLine returns the edit that puts the import of os on a line after that one.
func (b *builder) afterLine(f *load.File, line int) (edit.Edit, error) {
	file := b.prog.Fset.File(f.AST.FileStart)
	if line == 0 || line+1 > file.LineCount() {
		return edit.Edit{}, fmt.Errorf("its list of imports is empty: import os there")
	}
	n := sdk.Offset(b.prog.Fset, f, file.LineStart(line+1))
	return edit.Edit{Start: n, End: n, New: "\t\"os\"\n", Why: importsOS}, nil
}

// variableOf returns the environment variable for s: the same for the same credential,
// and none that the wiring reads.
func (b *builder) variableOf(s secret) string {
	for _, have := range b.hard {
		if have.literal().Value == s.literal().Value && have.module == s.module {
			return have.env
		}
	}
	name := envWord(s.Name)
	if s.Of != "" && !strings.HasPrefix(name, envWord(s.Of)+"_") {
		name = envWord(s.Of) + "_" + name
	}
	if !strings.Contains(name, "_") || b.readsVariable(name) {
		name = "SERVER_" + name
	}
	out := name
	for i := 2; slices.ContainsFunc(b.hard, func(h secret) bool { return h.env == out }) || b.readsVariable(out); i++ {
		out = name + "_" + strconv.Itoa(i)
	}
	return out
}

// readsVariable reports whether a wiring may read the variable.
func (b *builder) readsVariable(name string) bool {
	known := []string{"GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET", "GITHUB_BASE_URL", "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET",
		"OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "REDIS_URL"}
	return slices.Contains(known, name) || strings.HasPrefix(name, "MCP_")
}

// envWord turns clientSecret and client-secret into CLIENT_SECRET.
func envWord(name string) string {
	var out strings.Builder
	before := ' '
	for i, r := range name {
		next := rune(0)
		if rest := name[i:]; len(rest) > 1 {
			next = rune(rest[1])
		}
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) || r > unicode.MaxASCII:
			r = '_'
		case unicode.IsUpper(r) && (unicode.IsLower(before) || unicode.IsUpper(before) && unicode.IsLower(next)):
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToUpper(r))
		before = r
	}
	return strings.Trim(strings.ReplaceAll(out.String(), "__", "_"), "_")
}

// programsOf returns the programs of pkg's module that are made of it.
func (b *builder) programsOf(pkg *load.Package) []*load.Package {
	var list []*load.Package
	for _, p := range b.prog.Packages {
		if p.Name == "main" && p.Module == pkg.Module && imports(p.Types, pkg.Path, map[*types.Package]bool{}) {
			list = append(list, p)
		}
	}
	return list
}

// movedReason starts the reason of every note about what moved.
const (
	movedReason  = "the credential ("
	hiddenReason = "credentials that move are not shown:"
)

// secretVariables are the variables that the credentials moved to.
func (b *builder) secretVariables() []EnvVar {
	var vars []EnvVar
	for _, s := range b.hard {
		if slices.ContainsFunc(vars, func(v EnvVar) bool { return v.Name == s.env }) || s.module.Dir != b.prog.Dir {
			continue
		}
		vars = append(vars, EnvVar{Name: s.env, Required: true, Help: "A credential of the program's own (" + s.Name + "), which stood in " + path.Base(filepath.ToSlash(s.Site.File.Path)) + " before: issue a new one."})
	}
	return vars
}

// withoutSecrets returns text without the credentials that were to be moved.
func (f FileChange) withoutSecrets(text string) string {
	for _, s := range f.hidden {
		text = strings.ReplaceAll(text, s, hiddenSecret)
	}
	return text
}

// hideSecrets has every file and step of a plan shown without the credentials that were
// found.
func (b *builder) hideSecrets() {
	for i := range b.files {
		b.files[i].hidden = b.hidden
	}
	for i := range b.steps {
		b.steps[i].Text = FileChange{hidden: b.hidden}.withoutSecrets(b.steps[i].Text)
	}
}

// hiddenSecret stands in a diff for a credential, so that such a diff can't be applied:
// who writes the change is migrate.
const hiddenSecret = "[a credential that is not shown]"
