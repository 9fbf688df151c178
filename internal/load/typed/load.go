// Package typed loads a Go module or workspace with full type information, through
// go/packages: its own packages from source, everything else from the compiler's
// export data. Test variants are never loaded.
package typed

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// Options say what to load.
type Options struct {
	Dir  string   // any folder of the module or of the workspace; "" is the current one
	Tags []string // build tags
	Env  []string // added to the environment of the go command, "KEY=value"
}

const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles |
	packages.NeedImports | packages.NeedTypes | packages.NeedTypesSizes |
	packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedModule

// Load reads the module that holds Options.Dir, or at a workspace root all of the
// workspace (see [load.Program]). It runs the go command, which compiles the
// dependencies once for their export data (about a second when they are in the
// build cache) and may download modules unless the environment says otherwise;
// nothing in the module is changed, go.work.sum included.
//
// The error matches [ErrNoModule], [ErrNoPackages] or gocmd.ErrMissing, or is a
// [*ModuleError] or a [*CompileError]; one about go.work names its line. With a
// [*CompileError] the Program is returned too, as far as it could be read; with
// any other error it is nil.
func Load(ctx context.Context, o Options) (*load.Program, error) {
	if _, err := gocmd.Find(); err != nil {
		return nil, err
	}
	place, err := load.Locate(o.Dir, gowork(o.Env))
	if err != nil {
		return nil, err
	}
	p, err := load.ReadModules(place)
	if err != nil {
		return nil, err
	}
	p.Fset, p.Tags = token.NewFileSet(), slices.Clone(o.Tags)
	if err := readFlags(ctx, p, o.Env); err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "mcp-migrate-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	aside, err := standAside(p, scratch)
	if err != nil {
		return nil, err
	}
	p, err = read(ctx, p, slices.Concat(o.Env, aside))
	return p, inPlace(err, scratch, place)
}

// inPlace makes an error speak of the user's go.work and not of the one aside.
func inPlace(err error, scratch string, place load.Place) error {
	var fault *ModuleError
	if place.Workspace != nil && errors.As(err, &fault) {
		fault.Msg = strings.ReplaceAll(fault.Msg, filepath.Join(scratch, "go.work"), place.Workspace.File)
	}
	return err
}

// read loads the packages of p.
func read(ctx context.Context, p *load.Program, env []string) (*load.Program, error) {
	if p.Workspace != nil {
		addSelected(ctx, p, env)
	}
	wanted, err := patterns(ctx, p, env)
	if err != nil {
		return nil, moduleFault(ctx, err)
	}
	load.SortModules(p.Modules)
	src := newSources(p)
	cfg := &packages.Config{
		Context: ctx, Mode: mode, Dir: p.Dir, Fset: p.Fset,
		Env: append(os.Environ(), env...), ParseFile: src.parse,
	}
	if len(p.Tags) > 0 {
		cfg.BuildFlags = []string{"-tags=" + strings.Join(p.Tags, ",")}
	}
	found, err := packages.Load(cfg, wanted...)
	if err != nil {
		return nil, moduleFault(ctx, err)
	}
	return fill(p, found, src)
}

// moduleFault is the error of a go command that could not list the packages.
func moduleFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	msg := err.Error()
	if _, said, ok := strings.Cut(msg, "exit status 1: stderr: "); ok { // go/packages' words around the go command's
		msg = said
	}
	return &ModuleError{Msg: strings.TrimSpace(msg)}
}

// fill turns what go/packages found into the Program.
func fill(p *load.Program, found []*packages.Package, src *sources) (*load.Program, error) {
	var faults []load.Error
	reasons := map[string]string{}
	for _, pkg := range found {
		src.imported(pkg, reasons)
		for _, e := range pkg.Errors {
			if e.Kind == packages.ListError && isModuleFault(e) {
				return nil, &ModuleError{Msg: e.Msg}
			}
			if !repeated(e, pkg.Errors) {
				faults = append(faults, src.fault(explained(e, reasons)))
			}
		}
		one, err := src.pack(pkg)
		if err != nil {
			return nil, err
		}
		if one != nil {
			p.Packages = append(p.Packages, one)
		}
	}
	slices.SortFunc(p.Neighbours, func(a, b load.Neighbour) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(p.Packages, func(a, b *load.Package) int { return strings.Compare(a.Path, b.Path) })
	if len(p.Packages) == 0 && len(faults) == 0 {
		return nil, fmt.Errorf("%s: %w", p.Dir, ErrNoPackages)
	}
	skipped, err := src.skipped()
	if err != nil {
		return nil, err
	}
	p.Skipped = skipped
	if len(faults) > 0 {
		p.Errors = compact(faults)
		return p, &CompileError{Errors: p.Errors}
	}
	return p, nil
}

// repeated reports whether e is the compiler's output as one text, beside the
// faults that the type checker gives one by one.
func repeated(e packages.Error, all []packages.Error) bool {
	return strings.HasPrefix(e.Msg, "# ") && slices.ContainsFunc(all, func(o packages.Error) bool {
		return o.Kind == packages.TypeError || o.Kind == packages.ParseError
	})
}

// isModuleFault tells a go.mod that can't be used from a package that can't:
// only the latter has a place in a Go file.
func isModuleFault(e packages.Error) bool {
	return strings.Contains(e.Msg, "updates to go.mod needed") ||
		strings.Contains(e.Msg, "missing go.sum entry") ||
		strings.Contains(e.Msg, "inconsistent vendoring")
}

// fault gives a go/packages error its place relative to the module.
func (s *sources) fault(e packages.Error) load.Error {
	pos := e.Pos
	if pos == "-" {
		pos = ""
	}
	if file, rest, ok := strings.Cut(pos, ".go:"); ok {
		if rel, err := filepath.Rel(s.prog.Dir, file+".go"); err == nil && filepath.IsAbs(file) {
			pos = filepath.ToSlash(rel) + ":" + rest
		}
	}
	return load.Error{Pos: pos, Msg: strings.TrimSpace(e.Msg), Syntax: e.Kind == packages.ParseError}
}

// compact drops repeated faults and keeps the order.
func compact(faults []load.Error) []load.Error {
	seen := map[load.Error]bool{}
	return slices.DeleteFunc(faults, func(e load.Error) bool {
		dup := seen[e]
		seen[e] = true
		return dup
	})
}

// imported notes which modules a package imports, and for what can't be imported what
// the go command says: at the import itself there is no reason.
func (s *sources) imported(pkg *packages.Package, reasons map[string]string) {
	for path, dep := range pkg.Imports {
		if dep.Module != nil {
			s.prog.AddNeighbour(dep.Module.Path, dep.Module.GoMod)
		}
		if len(dep.Errors) > 0 {
			reasons[path] = strings.TrimSpace(dep.Errors[0].Msg)
		}
	}
}

// explained puts the reason in place of "could not import X (invalid package name)".
func explained(e packages.Error, reasons map[string]string) packages.Error {
	path, ok := strings.CutPrefix(e.Msg, "could not import ")
	path, _, _ = strings.Cut(path, " ")
	if why := reasons[path]; ok && why != "" {
		e.Msg = strings.Join(strings.Fields(why), " ")
	}
	return e
}
