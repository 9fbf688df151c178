package load_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

func TestReadDataStaysInTheModule(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	inside, outside := write("m/etc/policy.yaml", "text"), write("policy.yaml", "secret")
	link := filepath.Join(root, "m", "link.yaml")
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "m")
	p := &load.Program{Dir: dir, Modules: []*load.Module{{Dir: dir}}}
	if data, rel, err := p.ReadData(inside, 4); err != nil || string(data) != "text" || rel != "etc/policy.yaml" {
		t.Errorf("%q, %s, %v", data, rel, err)
	}
	for _, name := range []string{outside, link, filepath.Join(dir, "..", "policy.yaml")} {
		if data, _, err := p.ReadData(name, 100); !errors.Is(err, load.ErrOutside) || data != nil {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	if _, _, err := p.ReadData(inside, 3); err == nil {
		t.Error("a file that is too large was read")
	}
	if _, _, err := p.ReadData(filepath.Dir(inside), 100); err == nil {
		t.Error("a folder was read")
	}
	if _, _, err := p.ReadData(filepath.Join(dir, "none"), 100); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
