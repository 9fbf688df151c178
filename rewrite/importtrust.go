package rewrite

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// Trusted returns a function that reports whether a package that prog sees is
// authlib and known to be as it was released: of a copy that is byte for byte
// what this version of the tool writes, or of this module as prog requires it.
func Trusted(prog *load.Program, opt Options) func(pkgPath string) bool {
	copied, imported := TrustedCopy(prog, opt), vouchedFor(prog)
	return func(pkgPath string) bool {
		return copied(pkgPath) || imported && (pkgPath == bundlePath || strings.HasPrefix(pkgPath, bundlePath+"/"))
	}
}

// vouchedFor reports whether this module, as prog builds with it, is what was
// released: required by version, so that go.sum and the checksum database hold
// its content's hash. A replacement, a vendor folder and a workspace that brings
// it along have no such hash: there it may be anything.
func vouchedFor(prog *load.Program) bool {
	return prog.Requires[toolModule] != "" && prog.Module != toolModule && !prog.Vendored && !replaces(prog.Mod) && !workspaceBrings(prog.Workspace)
}

// replaces reports whether a go.mod puts something in this module's place.
func replaces(mod *modfile.File) bool {
	if mod == nil {
		return true // nobody knows
	}
	for _, r := range mod.Replace {
		if r.Old.Path == toolModule {
			return true
		}
	}
	return false
}

// workspaceBrings reports whether a workspace puts something in this module's
// place: by itself, in a member, or as one. What can't be read may.
func workspaceBrings(w *load.Workspace) bool {
	if w == nil {
		return false
	}
	if w.Work == nil {
		return true
	}
	for _, r := range w.Work.Replace {
		if r.Old.Path == toolModule {
			return true
		}
	}
	for _, dir := range w.Members {
		if memberBrings(filepath.Join(dir, "go.mod")) {
			return true
		}
	}
	return false
}

func memberBrings(file string) bool {
	src, err := os.ReadFile(file)
	if err != nil {
		return true
	}
	mod, err := modfile.Parse(file, src, nil)
	return err != nil || mod.Module == nil || mod.Module.Mod.Path == toolModule || replaces(mod)
}
