package rewrite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// A journal is what undo and recovery need: the old bytes of every file that a
// run changes, and the hash of what it wrote. It lies in the git directory, or in
// the user's cache where there is no repository, and never in the work tree.
type journal struct {
	Version int            `json:"version"` // 1
	Dir     string         `json:"dir"`     // module or workspace root
	Done    bool           `json:"done"`    // false: the run was interrupted while it wrote
	Process int            `json:"process"` // of the run that writes, while it does
	Files   []journalEntry `json:"files"`
	Dirs    []string       `json:"dirs"` // folders that the run created, outermost first
}

// A journalEntry is one file before and after.
type journalEntry struct {
	Path    string      `json:"path"` // absolute, symbolic links resolved
	Rel     string      `json:"rel"`
	Existed bool        `json:"existed"`
	Old     []byte      `json:"old"`
	Mode    fs.FileMode `json:"mode"`
	NewSum  string      `json:"new_sum"` // SHA-256, hex; "": the run removed it
}

// journalPath returns where the journal of the module or workspace root dir lies.
// The same folder has the same journal by whatever path it is reached.
func journalPath(ctx context.Context, dir string) (string, error) {
	dir = realPath(dir)
	sum := sha256.Sum256([]byte(dir))
	name := hex.EncodeToString(sum[:8]) + ".json"
	if gd, ok := gitDir(ctx, dir); ok {
		return filepath.Join(gd, "mcp-migrate", name), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place for the undo journal: %w: set HOME or XDG_CACHE_HOME", err)
	}
	return filepath.Join(cache, "mcp-migrate", "journal", name), nil
}

// realPath returns dir absolute and without symbolic links, as far as that can be told.
func realPath(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return dir
}

func (j *journal) save(path string) error {
	out, err := json.Marshal(j)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return replaceFile(path, out, 0o600)
}

// readJournal returns nil when there is none.
func readJournal(path string) (*journal, error) {
	src, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var j journal
	if err := json.Unmarshal(src, &j); err != nil || j.Version != 1 {
		return nil, fmt.Errorf("%s: the undo journal can't be read; restore the files from version control and delete it", path)
	}
	return &j, nil
}

// restore puts every file back as it was, newest first, and removes the folders
// that the run created and that are empty again. It is safe to repeat.
func (j *journal) restore() error {
	j.sweep()
	for i := len(j.Files) - 1; i >= 0; i-- {
		f := j.Files[i]
		if !f.Existed {
			if err := os.Remove(f.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			continue
		}
		if now, err := os.ReadFile(f.Path); err == nil && sumOf(now) == sumOf(f.Old) {
			continue
		}
		if err := replaceFile(f.Path, f.Old, f.Mode); err != nil {
			return err
		}
	}
	for i := len(j.Dirs) - 1; i >= 0; i-- {
		os.Remove(j.Dirs[i]) // fails, and should, when something else is in it
	}
	return nil
}

// sweep removes the temporary files of a run that was killed between making one
// and renaming it.
func (j *journal) sweep() {
	for _, f := range j.Files {
		sweepFile(f.Path)
	}
}

// sweepFile removes the temporary files that were to become path. Those of other
// files stay: another run, of the next module in the repository, may be at work
// in the same folder.
func sweepFile(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return // not made yet
	}
	prefix := tempPrefix(path)
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), prefix) {
			os.Remove(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}

// tempPrefix starts the names of the temporary files that are to become path. It
// has the same length for all, so that long names stay within what folders take.
func tempPrefix(path string) string {
	return ".mcp-migrate-tmp-" + sumOf([]byte(filepath.Base(path)))[:12] + "-"
}

// busy is how long a run that writes is left alone by others; it takes seconds.
const busy = 10 * time.Minute

// running reports whether the run that the journal at path belongs to is still at
// it: its process is there, and is not a later one that got the same number.
func (j *journal) running(path string) bool {
	if j.Done || j.Process == 0 || j.Process == os.Getpid() {
		return false
	}
	info, err := os.Stat(path)
	if err != nil || time.Since(info.ModTime()) > busy {
		return false
	}
	p, err := os.FindProcess(j.Process)
	if err != nil {
		return false
	}
	defer p.Release()
	return runtime.GOOS == "windows" || p.Signal(syscall.Signal(0)) == nil
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// replaceFile writes content beside path and renames it over path, so that path
// holds either the old bytes or the new ones at any instant.
func replaceFile(path string, content []byte, mode fs.FileMode) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), tempPrefix(path)+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(content); err != nil {
		return err
	}
	if err = tmp.Chmod(mode.Perm()); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
