package rewrite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Write makes the plan's changes: all of them or, when one fails or ctx ends
// before the last, none. A run that is killed while it writes is taken back by
// [Recover], which every command calls first.
func Write(ctx context.Context, p *Plan) error {
	if p.Empty() {
		return nil
	}
	path, err := journalPath(ctx, p.Program.Dir)
	if err != nil {
		return err
	}
	j, err := prepare(p)
	if err != nil {
		return err
	}
	sweepFile(path)
	if err := j.save(path); err != nil {
		return fmt.Errorf("the undo journal can't be written, so nothing was changed: %w", err)
	}
	if err := writeAll(ctx, p, j); err != nil {
		if back := j.restore(); back != nil {
			return fmt.Errorf("%w; and the old files could not be put back: %v: run mcp-migrate undo", err, back)
		}
		return errors.Join(err, os.Remove(path))
	}
	j.Done = true
	return j.save(path)
}

// prepare checks every file before the first is written, and returns the journal.
func prepare(p *Plan) (*journal, error) {
	j := &journal{Version: 1, Dir: p.Program.Dir, Process: os.Getpid()}
	for _, f := range p.Files {
		entry, err := prepareFile(p.Program.Dir, f)
		if err != nil {
			return nil, err
		}
		j.Files = append(j.Files, entry)
		j.addDirs(filepath.Dir(entry.Path))
	}
	return j, nil
}

// prepareFile checks that the file on disk is still the one that was read, and
// that it may be written.
func prepareFile(dir string, f FileChange) (journalEntry, error) {
	name := filepath.Join(dir, filepath.FromSlash(f.Rel))
	entry := journalEntry{Path: name, Rel: f.Rel, Mode: f.Mode, NewSum: sumOf(f.New)}
	if f.removed() {
		entry.NewSum = ""
	}
	if f.Old == nil {
		if fileExists(name) {
			return entry, fmt.Errorf("%s: the file appeared while this run was deciding; run again", f.Rel)
		}
		return entry, nil
	}
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return entry, fmt.Errorf("%s: %w", f.Rel, err)
	}
	info, err := os.Stat(real)
	if err != nil {
		return entry, fmt.Errorf("%s: %w", f.Rel, err)
	}
	if info.Mode().Perm()&0o200 == 0 {
		return entry, fmt.Errorf("%s: the file is read-only (mode %v): make it writable with chmod u+w", f.Rel, info.Mode().Perm())
	}
	now, err := os.ReadFile(real)
	if err != nil {
		return entry, fmt.Errorf("%s: %w", f.Rel, err)
	}
	if sumOf(now) != sumOf(f.Old) {
		return entry, fmt.Errorf("%s: the file changed while this run was deciding; run again", f.Rel)
	}
	entry.Path, entry.Existed, entry.Old, entry.Mode = real, true, now, info.Mode()
	return entry, nil
}

// addDirs records the folders that must be created for dir, outermost first.
func (j *journal) addDirs(dir string) {
	var missing []string
	for d := dir; !fileExists(d) && !slices.Contains(j.Dirs, d); d = filepath.Dir(d) {
		missing = append(missing, d)
	}
	slices.Reverse(missing)
	j.Dirs = append(j.Dirs, missing...)
}

func writeAll(ctx context.Context, p *Plan, j *journal) error {
	for _, d := range j.Dirs {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	for i, f := range p.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := writeOne(j.Files[i], f); err != nil {
			return fmt.Errorf("%s: %w", f.Rel, err)
		}
	}
	return nil
}

// writeOne brings one file to what the plan says: a file without new bytes goes.
func writeOne(entry journalEntry, f FileChange) error {
	if f.removed() {
		return os.Remove(entry.Path)
	}
	return replaceFile(entry.Path, f.New, entry.Mode)
}

// Recover takes back a run that was killed while it wrote to the module or
// workspace that holds dir. It returns the files it put back, none when there was
// no such run.
func Recover(ctx context.Context, dir string) ([]string, error) {
	var names []string
	for _, root := range journalRoots(dir) {
		more, err := recoverRoot(ctx, root)
		names = append(names, more...)
		if err != nil {
			return names, err
		}
	}
	return names, nil
}

func recoverRoot(ctx context.Context, root string) ([]string, error) {
	path, err := journalPath(ctx, root)
	if err != nil {
		return nil, err
	}
	j, err := readJournal(path)
	if err != nil || j == nil || j.Done {
		return nil, err
	}
	if j.running(path) {
		return nil, fmt.Errorf("%s: another run (process %d) is writing to this module; wait until it has ended", j.Dir, j.Process)
	}
	if err := j.restore(); err != nil {
		return nil, err
	}
	return j.names(), os.Remove(path)
}

func (j *journal) names() []string {
	var names []string
	for _, f := range j.Files {
		names = append(names, f.Rel)
	}
	return names
}

// ErrNothingToUndo says that no migrate of this module is on record.
var ErrNothingToUndo = errors.New("there is no migrate to undo here")

// Undo puts every file back as it was before the last migrate that was called in
// the module or at the workspace root that holds dir, byte for byte. A file that
// was changed since is an error that names it, and then nothing is changed. The
// names returned are relative to that root.
func Undo(ctx context.Context, dir string) ([]string, error) {
	roots := journalRoots(dir)
	path, err := journalPath(ctx, roots[0])
	if err != nil {
		return nil, err
	}
	j, err := readJournal(path)
	if err != nil {
		return nil, err
	}
	if j == nil {
		return nil, nothingToUndo(ctx, roots[1:])
	}
	if j.running(path) {
		return nil, fmt.Errorf("%s: another run (process %d) is writing to this module; wait until it has ended", j.Dir, j.Process)
	}
	if err := j.unchanged(); err != nil {
		return nil, err
	}
	j.Done, j.Process = false, os.Getpid() // killed from here on, the next command goes on
	if err := j.save(path); err != nil {
		return nil, fmt.Errorf("the undo journal can't be written, so nothing was changed: %w", err)
	}
	if err := j.restore(); err != nil {
		return nil, err
	}
	return j.names(), os.Remove(path)
}

// unchanged checks that every file is still as the run left it; after an
// interrupted run the old bytes are fine too.
func (j *journal) unchanged() error {
	for _, f := range j.Files {
		now, err := os.ReadFile(f.Path)
		if errors.Is(err, fs.ErrNotExist) && (!f.Existed || !j.Done || f.NewSum == "") {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.Rel, err)
		}
		if sum := sumOf(now); sum != f.NewSum && (j.Done || sum != sumOf(f.Old)) {
			return fmt.Errorf("%s: the file was changed after migrate, so nothing was undone: "+
				"save your change elsewhere, then restore the file with git or take your change out", f.Rel)
		}
	}
	return nil
}
