package rewrite

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// Whatever a package of authlib imports from outside, a migration knows a version of
// for each go line, whether or not its own wirings use that package.
func TestEveryForeignImportHasAVersion(t *testing.T) {
	err := fs.WalkDir(mcpmigrate.Bundle, "authlib", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		switch d.Name() {
		case "mcpgo", "gosdk": // have the user's SDK
			return fs.SkipDir
		case "testdata", "redistest": // no wiring takes what tests need
			return fs.SkipDir
		}
		spec := copySpec{importPath: "example.com/x/internal/authlib", packages: []string{strings.TrimPrefix(dir, "authlib")}, version: "v0.0.0"}
		_, imports, err := spec.render(mcpmigrate.Bundle)
		for _, p := range imports {
			if first, _, _ := strings.Cut(p, "/"); !strings.Contains(first, ".") {
				continue
			}
			if !slices.ContainsFunc(dependencies, func(d dependency) bool { return d.neededBy([]string{p}) }) {
				t.Errorf("%s imports %s, which is in no table of versions", dir, p)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A wiring that reads its policy from a file gets the reader and its YAML library;
// one that doesn't gets neither.
func TestPolicyFilesBringYAMLAndNothingElseDoes(t *testing.T) {
	const yaml = "go.yaml.in/yaml/v3"
	files, imports, err := copySpec{importPath: "example.com/x/internal/authlib", packages: []string{"", "/policyfile"}, version: "v0.0.0"}.render(mcpmigrate.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	if files["policyfile/policyfile.go"] == nil || !strings.Contains(string(files["policyfile/policyfile.go"]), `"example.com/x/internal/authlib"`) || !slices.Contains(imports, yaml) {
		t.Errorf("imports %q", imports)
	}
	for name := range files {
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata") || path.Dir(name) != "." && path.Dir(name) != "policyfile" && !strings.HasPrefix(name, "internal/") {
			t.Errorf("%s is copied as well", name)
		}
	}
	for _, goLine := range []string{"1.23.0", "1.24.1", "1.25.0", "1.26.0"} {
		mod, err := modfile.Parse("go.mod", []byte("module m\n\ngo "+goLine+"\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		b := &builder{prog: &load.Program{GoVersion: goLine, Requires: map[string]string{}}}
		for _, d := range dependencies {
			if d.neededBy([]string{yaml}) {
				if err := b.requireOne(mod, d); err != nil {
					t.Fatal(err)
				}
			}
		}
		if out, err := mod.Format(); err != nil || !strings.Contains(string(out), "\t"+yaml+" v3.0.4\n") {
			t.Errorf("go %s: %v\n%s", goLine, err, out)
		}
	}
	_, imports, err = copySpec{importPath: "example.com/x/internal/authlib", packages: []string{"", "/broker", "/jwtauth", "/provider/oidc"}, version: "v0.0.0"}.render(mcpmigrate.Bundle)
	if err != nil || slices.Contains(imports, yaml) {
		t.Errorf("without policy files: %q, %v", imports, err)
	}
}
