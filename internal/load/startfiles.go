package load

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A StartFile is a file of the repository by which programs are built, started or
// deployed: a Dockerfile, a compose file, a Procfile, a unit of systemd, a Makefile, a
// shell script.
type StartFile struct {
	Rel string // relative to Program.Dir, with forward slashes; "../…" above the module
	Src []byte
}

// maxStartFile is how many bytes of a start file are read, and maxStartFiles how many
// files: what is longer was not written by hand.
const (
	maxStartFile  = 1 << 18
	maxStartFiles = 1000
)

// StartFiles reads the start files of the program's modules, without those of nested
// modules, and those beside and above them up to the root of the repository. A file
// that can't be read, a link, and one that is no regular file are left out.
func (p *Program) StartFiles() []StartFile {
	var names []string
	for _, m := range p.Modules {
		if !m.LookedAt {
			continue
		}
		for _, n := range append(startFilesBelow(m.Dir), startFilesAbove(m.Dir)...) {
			if !slices.Contains(names, n) && len(names) < maxStartFiles {
				names = append(names, n)
			}
		}
	}
	slices.Sort(names)
	var list []StartFile
	for _, name := range names {
		rel, err := filepath.Rel(p.Dir, name)
		src := readStart(name)
		if err == nil && src != nil {
			list = append(list, StartFile{Rel: filepath.ToSlash(rel), Src: src})
		}
	}
	return list
}

func startFilesBelow(dir string) []string {
	var list []string
	root := dir + string(filepath.Separator)
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || name == root:
			return nil
		case d.IsDir() && (LeaveOut(d.Name()) && d.Name() != ".devcontainer" || isFile(filepath.Join(name, "go.mod"))):
			return filepath.SkipDir
		case d.Type().IsRegular() && isStartFile(d.Name()):
			list = append(list, name)
		}
		return nil
	})
	return list
}

// startFilesAbove looks in the folders above dir that are of the same git repository.
func startFilesAbove(dir string) []string {
	var list []string
	for d := dir; !exists(filepath.Join(d, ".git")); {
		up := filepath.Dir(d)
		if up == d {
			return nil // no repository: what lies above is somebody else's
		}
		d = up
		entries, _ := os.ReadDir(d)
		for _, e := range entries {
			if e.Type().IsRegular() && isStartFile(e.Name()) {
				list = append(list, filepath.Join(d, e.Name()))
			}
		}
	}
	return list
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// isStartFile goes by the name of a file.
func isStartFile(name string) bool {
	low := strings.ToLower(name)
	yaml := strings.HasSuffix(low, ".yml") || strings.HasSuffix(low, ".yaml")
	switch {
	case strings.HasPrefix(low, "dockerfile"), strings.HasSuffix(low, ".dockerfile"), strings.HasPrefix(low, "containerfile"),
		strings.HasPrefix(low, "procfile"), low == "makefile", low == "gnumakefile", low == "justfile":
		return true
	case yaml && (strings.Contains(low, "compose") || strings.HasPrefix(low, "taskfile")):
		return true
	}
	return slices.Contains([]string{".mk", ".sh", ".service", ".socket"}, filepath.Ext(low))
}

func readStart(name string) []byte {
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxStartFile))
	if err != nil {
		return nil
	}
	return src
}
