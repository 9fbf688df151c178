package rewrite

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/mcp-migrate/mcp-migrate/internal/edit"
)

// bundlePath is the import path below which authlib's packages live in the bundle.
const bundlePath = "github.com/mcp-migrate/mcp-migrate/authlib"

// manifestName is the file that says what a copy of authlib is.
const manifestName = "manifest.json"

// A manifest says what a copied authlib is, so that later runs can find it and
// tell whether it was changed.
type manifest struct {
	Tool    string            `json:"tool"`    // "mcp-migrate"
	Version string            `json:"version"` // of the tool that copied
	Import  string            `json:"import"`  // import path of the copied core
	Off     []string          `json:"off"`     // hooks that the SDK in go.mod does not have
	Files   map[string]string `json:"files"`   // name below the copy → SHA-256, hex
}

// A copySpec is what a copy of authlib depends on.
type copySpec struct {
	importPath string            // of the copied core, such as "example.com/x/internal/authlib"
	packages   []string          // suffixes of packages to copy, "" for the core
	sdkVersion map[string]string // adapter → version of its SDK
	version    string            // of the tool
	off        []string          // hooks to leave out of an adapter without a version; nil: all
}

// render returns the copy's files by name below its folder, and the import paths
// from outside that they use.
func (c copySpec) render(bundle fs.FS) (files map[string][]byte, imports []string, err error) {
	files = map[string][]byte{}
	outside := map[string]bool{}
	off := []string{}
	todo := slices.Clone(c.packages)
	for seen := map[string]bool{}; len(todo) > 0; todo = todo[1:] {
		sub := todo[0]
		if seen[sub] {
			continue
		}
		seen[sub] = true
		tags, err := c.offTags(bundle, sub)
		if err != nil {
			return nil, nil, err
		}
		off = append(off, tags...)
		own, foreign, err := c.renderPackage(bundle, sub, tags, files)
		if err != nil {
			return nil, nil, err
		}
		todo = append(todo, own...)
		for _, p := range foreign {
			outside[p] = true
		}
	}
	return files, slices.Sorted(maps.Keys(outside)), c.finish(bundle, files, off)
}

// finish adds the licence and the manifest.
func (c copySpec) finish(bundle fs.FS, files map[string][]byte, off []string) error {
	licence, err := fs.ReadFile(bundle, "LICENSE")
	if err != nil {
		return err
	}
	files["LICENSE"] = licence
	slices.Sort(off)
	m := manifest{Tool: "mcp-migrate", Version: c.version, Import: c.importPath, Off: off, Files: map[string]string{}}
	for name, content := range files {
		sum := sha256.Sum256(content)
		m.Files[name] = hex.EncodeToString(sum[:])
	}
	out, err := json.MarshalIndent(m, "", "  ")
	files[manifestName] = append(out, '\n')
	return err
}

// offTags returns the build tags of the hooks of package sub that its SDK's
// version lacks.
func (c copySpec) offTags(bundle fs.FS, sub string) ([]string, error) {
	src, err := fs.ReadFile(bundle, path.Join("authlib", sub, "hooks.json"))
	if err != nil {
		return nil, nil // the package has no optional hooks
	}
	var hooks []struct{ Hook, Since string }
	if err := json.Unmarshal(src, &hooks); err != nil {
		return nil, fmt.Errorf("authlib%s/hooks.json: %w", sub, err)
	}
	version, known := c.sdkVersion[strings.TrimPrefix(sub, "/")]
	var off []string
	for _, h := range hooks {
		tag := "authlib_no_" + h.Hook
		if !known && slices.Contains(c.off, tag) || (known || c.off == nil) && semver.Compare(version, h.Since) < 0 {
			off = append(off, tag)
		}
	}
	return off, nil
}

// renderPackage adds the files of one package, and returns the packages of
// authlib and the foreign ones that it imports.
func (c copySpec) renderPackage(bundle fs.FS, sub string, off []string, files map[string][]byte) (own, foreign []string, err error) {
	entries, err := fs.ReadDir(bundle, path.Join("authlib", sub))
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := fs.ReadFile(bundle, path.Join("authlib", sub, name))
		if err != nil {
			return nil, nil, err
		}
		rel := strings.TrimPrefix(sub+"/"+name, "/")
		src, keep := resolveTwin(src, off)
		if !keep {
			continue
		}
		out, imports, err := c.rewriteImports(rel, src)
		if err != nil {
			return nil, nil, err
		}
		files[rel] = out
		for _, p := range imports {
			if s, ok := strings.CutPrefix(p, bundlePath); ok {
				own = append(own, s)
			} else {
				foreign = append(foreign, p)
			}
		}
	}
	return own, foreign, nil
}

// resolveTwin drops the line by which a hook and its twin that does nothing
// exclude each other, and reports whether this file is the one to take.
func resolveTwin(src []byte, off []string) ([]byte, bool) {
	first, rest, _ := strings.Cut(string(src), "\n")
	tag, ok := strings.CutPrefix(first, "//go:build ")
	if !ok {
		return src, true
	}
	negated := strings.HasPrefix(tag, "!")
	name := strings.TrimPrefix(strings.TrimSpace(tag), "!")
	if !strings.HasPrefix(name, "authlib_no_") {
		return src, true
	}
	return []byte(strings.TrimPrefix(rest, "\n")), negated != slices.Contains(off, name)
}

// rewriteImports points the imports of authlib's packages to the copy, and
// returns every import as it was.
func (c copySpec) rewriteImports(name string, src []byte) (out []byte, imports []string, err error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.ImportsOnly)
	if err != nil {
		return nil, nil, err
	}
	var edits []edit.Edit
	for _, spec := range f.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		imports = append(imports, p)
		if sub, ok := strings.CutPrefix(p, bundlePath); ok {
			edits = append(edits, importEdit(fset, spec, c.importPath+sub))
		}
	}
	if out, err = edit.Apply(src, edits); err != nil {
		return nil, nil, err
	}
	out, err = format.Source(out) // another path may sort elsewhere among the imports
	return out, imports, err
}

func importEdit(fset *token.FileSet, spec *ast.ImportSpec, to string) edit.Edit {
	return edit.Edit{
		Start: fset.Position(spec.Path.Pos()).Offset, End: fset.Position(spec.Path.End()).Offset,
		New: strconv.Quote(to), Why: "import the copy",
	}
}
