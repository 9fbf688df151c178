package mcpmigrate_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// limits is the heading under which every package that people can import says what it
// does not do and does not check. In a library that decides who gets in, what is not
// said is taken for granted.
const limits = "\n# What it does not do\n"

// publicPackages returns the documentation of every package of authlib that others can
// import, by folder.
func publicPackages(t *testing.T) map[string]*doc.Package {
	t.Helper()
	all := map[string]*doc.Package{}
	err := filepath.WalkDir("authlib", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if slices.Contains([]string{"internal", "testdata"}, d.Name()) {
			return fs.SkipDir
		}
		fset := token.NewFileSet()
		files := parsed(t, fset, dir)
		if len(files) == 0 {
			return nil
		}
		p, err := doc.NewFromFiles(fset, files, module+"/"+filepath.ToSlash(dir))
		all[dir] = p
		return err
	})
	if err != nil || len(all) < 15 {
		t.Fatalf("%d packages: %v", len(all), err)
	}
	return all
}

func parsed(t *testing.T, fset *token.FileSet, dir string) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		// A hook's twin declares the same names for older SDKs.
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_off.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, src, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// Every package says what it does in a first paragraph that begins with its name, and
// what it does not do.
func TestPackagesSayWhatTheyDoNot(t *testing.T) {
	for dir, p := range publicPackages(t) {
		first, _, _ := strings.Cut(p.Doc, "\n\n")
		if !strings.HasPrefix(first, "Package "+p.Name+" ") || !strings.HasSuffix(strings.TrimSpace(first), ".") && !strings.HasSuffix(strings.TrimSpace(first), ":") {
			t.Errorf("%s: the documentation does not begin with a sentence about package %s", dir, p.Name)
		}
		if _, after, found := strings.Cut(p.Doc, limits); !found || len(strings.Fields(after)) < 8 {
			t.Errorf("%s: the documentation has no part %q", dir, strings.TrimSpace(limits))
		}
	}
}

// Whoever reads no more than the first paragraph learns what a package checks as well,
// and the first thing that it does not do.
func TestPackagesSayWhatTheyCheck(t *testing.T) {
	for dir, p := range publicPackages(t) {
		first, _, _ := strings.Cut(p.Doc, "\n\n")
		first = strings.Join(strings.Fields(first), " ")
		if !strings.Contains(first, "It checks") || !doesNot.MatchString(first) {
			t.Errorf("%s: the first paragraph does not say what it checks, and what it does not:\n%s", dir, first)
		}
	}
}

var doesNot = regexp.MustCompile(`\b([Ii]t|and) (does|is) not |, and nothing else`)

// Every exported name has a comment that speaks of it: types, their fields and
// methods, functions, constants and variables.
func TestExportedNamesAreDocumented(t *testing.T) {
	for dir, p := range publicPackages(t) {
		missing := func(name string) { t.Errorf("%s: %s has no documentation", dir, name) }
		values(p.Consts, missing)
		values(p.Vars, missing)
		funcs(p.Funcs, "", missing)
		for _, typ := range p.Types {
			values(typ.Consts, missing)
			values(typ.Vars, missing)
			funcs(typ.Funcs, "", missing)
			funcs(typ.Methods, typ.Name+".", missing)
			if typ.Doc == "" {
				missing(typ.Name)
			}
			for _, name := range undocumented(typ) {
				missing(typ.Name + "." + name)
			}
		}
	}
}

func funcs(list []*doc.Func, of string, missing func(string)) {
	for _, f := range list {
		if !names(f.Doc, f.Name) {
			missing(of + f.Name)
		}
	}
}

// values are documented one by one or as a group.
func values(list []*doc.Value, missing func(string)) {
	for _, v := range list {
		for _, spec := range v.Decl.Specs {
			s := spec.(*ast.ValueSpec)
			for _, name := range s.Names {
				if name.IsExported() && v.Doc == "" && s.Doc == nil && s.Comment == nil {
					missing(name.Name)
				}
			}
		}
	}
}

// undocumented returns the exported fields and methods of a type that have no comment
// and that no comment of the type or of another field speaks of.
func undocumented(typ *doc.Type) (out []string) {
	var fields *ast.FieldList
	for _, spec := range typ.Decl.Specs {
		switch x := spec.(*ast.TypeSpec).Type.(type) {
		case *ast.StructType:
			fields = x.Fields
		case *ast.InterfaceType:
			fields = x.Methods
		}
	}
	if fields == nil {
		return nil
	}
	text := typ.Doc
	for _, f := range fields.List {
		text += f.Doc.Text() + f.Comment.Text()
	}
	for _, f := range fields.List {
		for _, name := range f.Names {
			if name.IsExported() && f.Doc == nil && f.Comment == nil && !names(text, name.Name) {
				out = append(out, name.Name)
			}
		}
	}
	return out
}

// names reports whether text has name as a word.
func names(text, name string) bool {
	return regexp.MustCompile(`\b` + name + `\b`).MatchString(text)
}
