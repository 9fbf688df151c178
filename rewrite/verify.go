package rewrite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// Verify builds and vets the packages that the plan touches, with every changed
// and new file, go.mod and go.sum as an overlay; in a workspace as the workspace
// builds them. Nothing on disk changes. A go command before 1.24 can't vet what is
// not on disk; there it is built only, and the plan has a note that says so. An
// error is the go command's own, with places relative to the module.
func Verify(ctx context.Context, p *Plan) error {
	if len(p.packages) == 0 {
		return nil
	}
	scratch, err := os.MkdirTemp("", "mcp-migrate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	build, err := p.asPlanned().stand(filepath.Join(scratch, "build"))
	if err != nil {
		return err
	}
	if err := check(ctx, p, scratch, "build", build, "-o", os.DevNull); err != nil {
		return err
	}
	if !vetsOverlays(p.Program.Toolchain) {
		return nil // New has said so
	}
	if p.Program.Vendored {
		return check(ctx, p, scratch, "vet", build) // its folders are there
	}
	tree, err := vetTree(p, scratch)
	if err != nil {
		return err
	}
	vet, err := tree.stand(filepath.Join(scratch, "vet"))
	if err != nil {
		return err
	}
	return check(ctx, p, scratch, "vet", vet)
}

// A stood is how the go command is made to see a tree that is not on disk.
type stood struct {
	dir   string // where it runs
	flags []string
	env   []string
}

func check(ctx context.Context, p *Plan, scratch, command string, s stood, more ...string) error {
	args := append([]string{command}, s.flags...)
	args = append(append(args, more...), p.packages...)
	if _, err := gocmd.Run(ctx, s.dir, s.env, args...); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		text := strings.ReplaceAll(said(err), scratch+string(filepath.Separator), "")
		return fmt.Errorf("the migrated program does not pass go %s, so nothing was written:\n%s", command, text)
	}
	return nil
}

// said returns everything that the go command printed about err.
func said(err error) string {
	var failed *gocmd.Error
	if errors.As(err, &failed) && failed.Stderr != "" {
		return failed.Stderr
	}
	return err.Error()
}

// A planned is the tree as it will be: the files that differ from those on disk,
// and what the go command reads about modules.
type planned struct {
	prog    *load.Program
	files   []FileChange
	modules []moduleChange
	work    []byte   // go.work
	uses    []string // absolute folders of further modules of the workspace
}

func (p *Plan) asPlanned() planned {
	return planned{prog: p.Program, files: p.Files, modules: p.modules, work: p.work}
}

// stand writes the tree's files into dir, and returns what puts them in place of
// those on disk. One module's go.mod goes by -modfile, which also keeps the go
// command from writing go.sum; a workspace knows no such flag, so there go.mod and
// go.sum are overlaid, and go.work stands aside with absolute paths. A vendor
// folder takes another way (see standVendored).
func (t planned) stand(dir string) (stood, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return stood{}, err
	}
	if t.prog.Vendored {
		return t.standVendored(dir)
	}
	replace := map[string]string{}
	for i, f := range t.files {
		if t.prog.Workspace == nil && (f.Rel == "go.mod" || f.Rel == "go.sum") {
			continue
		}
		if f.removed() {
			replace[filepath.Join(t.prog.Dir, filepath.FromSlash(f.Rel))] = "" // to the go command there is none
			continue
		}
		name := filepath.Join(dir, strconv.Itoa(i)+"-"+filepath.Base(f.Rel))
		if err := os.WriteFile(name, f.New, 0o600); err != nil {
			return stood{}, err
		}
		replace[filepath.Join(t.prog.Dir, filepath.FromSlash(f.Rel))] = name
	}
	s, err := t.withOverlay(dir, replace)
	if err != nil {
		return stood{}, err
	}
	modules, err := t.standModules(dir)
	s.dir, s.flags, s.env = t.prog.Dir, append(modules.flags, s.flags...), modules.env
	return s, err
}

// withOverlay writes the overlay into dir, and returns the flags for it and for the tags.
func (t planned) withOverlay(dir string, replace map[string]string) (stood, error) {
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return stood{}, err
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, list, 0o600); err != nil {
		return stood{}, err
	}
	s := stood{flags: []string{"-overlay=" + overlay}}
	if len(t.prog.Tags) > 0 {
		s.flags = append(s.flags, "-tags="+strings.Join(t.prog.Tags, ","))
	}
	return s, nil
}

// standModules writes what says which modules there are.
func (t planned) standModules(dir string) (stood, error) {
	if t.prog.Workspace != nil {
		aside := *t.prog.Workspace
		aside.Src = t.work
		name, err := aside.WriteStanding(dir, t.uses...)
		return stood{env: []string{"GOWORK=" + name}}, err
	}
	m := t.modules[0]
	for name, content := range map[string][]byte{"go.mod": m.mod, "go.sum": m.sum} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return stood{}, err
		}
	}
	return stood{flags: []string{"-modfile=" + filepath.Join(dir, "go.mod")}, env: []string{"GOWORK=off"}}, nil
}
