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
)

// Verify builds and vets the packages that the plan touches, with every changed
// and new file, go.mod and go.sum as an overlay. Nothing in the module changes on
// disk. An error is the go command's own, with places relative to the module.
func Verify(ctx context.Context, p *Plan) error {
	if len(p.packages) == 0 {
		return nil
	}
	scratch, err := os.MkdirTemp("", "mcp-migrate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	build, err := overlay(p, filepath.Join(scratch, "build"), p.Files, p.mod)
	if err != nil {
		return err
	}
	if err := check(ctx, p, scratch, "build", append(build, "-o", os.DevNull)); err != nil {
		return err
	}
	vet, err := vetOverlay(p, scratch)
	if err != nil {
		return err
	}
	return check(ctx, p, scratch, "vet", vet)
}

func check(ctx context.Context, p *Plan, scratch, command string, flags []string) error {
	args := append(append([]string{command}, flags...), p.packages...)
	if _, err := gocmd.Run(ctx, p.Program.Dir, []string{"GOWORK=off"}, args...); err != nil {
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

// overlay writes files, go.mod and go.sum into dir, and returns the go command's
// flags that put them in place of the module's own.
func overlay(p *Plan, dir string, files []FileChange, mod []byte) ([]string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	replace := map[string]string{}
	for i, f := range files {
		if f.Rel == "go.mod" || f.Rel == "go.sum" {
			continue
		}
		name := filepath.Join(dir, strconv.Itoa(i)+"-"+filepath.Base(f.Rel))
		if err := os.WriteFile(name, f.New, 0o600); err != nil {
			return nil, err
		}
		replace[filepath.Join(p.Program.Dir, filepath.FromSlash(f.Rel))] = name
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	for name, content := range map[string][]byte{"overlay.json": list, "go.mod": mod, "go.sum": p.sum} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return nil, err
		}
	}
	flags := []string{"-overlay=" + filepath.Join(dir, "overlay.json"), "-modfile=" + filepath.Join(dir, "go.mod")}
	if len(p.Program.Tags) > 0 {
		flags = append(flags, "-tags="+strings.Join(p.Program.Tags, ","))
	}
	return flags, nil
}
