package rewrite

import (
	"bytes"
	"context"
	"go/format"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// One file of a copy has up to three texts. What nobody changed follows this version;
// what only somebody changed stays; what both changed is merged line by line, for which
// the text that was copied has to be found.

// A copiedFile is one file of a copy in the three states. Nil bytes mean that there is
// none; the first state is known by its hash alone.
type copiedFile struct {
	name   string // below the copy
	sum    string // SHA-256 as it was copied, hex; "" if it was not
	theirs []byte // on disk
	next   []byte // as this version copies it
}

// untouched reports whether the file is as it was copied, up to line ends.
func (f copiedFile) untouched() bool {
	return f.theirs != nil && (sumOf(f.theirs) == f.sum || sumOf(bytes.ReplaceAll(f.theirs, []byte("\r\n"), []byte("\n"))) == f.sum)
}

// same reports whether this version copies what was copied.
func (f copiedFile) same() bool {
	return f.next == nil && f.sum == "" || f.next != nil && sumOf(f.next) == f.sum
}

// bringForward plans the files of the copy in dir, which have describes, so that they
// are those of next with what somebody changed.
func (b *builder) bringForward(ctx context.Context, dir string, have manifest, next map[string][]byte) {
	bases := &bases{b: b, dir: dir, manifest: have}
	names := map[string]bool{}
	for name := range have.Files {
		names[name] = true
	}
	for name := range next {
		names[name] = true
	}
	delete(names, manifestName)
	var own []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		f := copiedFile{name: name, sum: have.Files[name], next: next[name]}
		var linked bool
		if f.theirs, linked = readRegular(filepath.Join(b.prog.Dir, filepath.FromSlash(path.Join(dir, name)))); linked {
			b.left(dir, f, "is no plain file that can be read: put one there, with the text that was copied, and run upgrade again", nil)
			continue
		}
		if b.bringOne(ctx, dir, f, bases) {
			own = append(own, name)
		}
	}
	if b.held {
		return
	}
	rel := path.Join(dir, manifestName)
	b.change(FileChange{Rel: rel, Old: b.readOld(rel), New: next[manifestName]}, b.copiedStep(rel))
	b.noteOwnFiles(dir, own)
}

// bringOne plans one file, and reports whether it then is somebody's own.
func (b *builder) bringOne(ctx context.Context, dir string, f copiedFile, bases *bases) (own bool) {
	switch {
	case bytes.Equal(f.theirs, f.next) && (f.theirs == nil) == (f.next == nil), f.untouched() && f.same():
	case f.untouched(), f.theirs == nil && f.sum == "":
		b.replaceCopied(dir, f, f.next)
	case f.same():
		return true
	case f.theirs == nil:
		b.left(dir, f, "was deleted, and this version changes it: put it back as it was copied, run upgrade, and delete it then", nil)
	case f.sum == "":
		b.left(dir, f, "is a file that mcp-migrate did not copy, where this version copies one: give it another name", nil)
	default:
		return b.mergeCopied(ctx, dir, f, bases)
	}
	return false
}

// mergeCopied plans a file that somebody changed and this version changes too.
func (b *builder) mergeCopied(ctx context.Context, dir string, f copiedFile, bases *bases) (own bool) {
	if f.next == nil {
		b.left(dir, f, "was changed by hand, and this version has no such file: take the change out, run upgrade, and make it where it belongs now", nil)
		return false
	}
	base, err := bases.of(ctx, f.name)
	if err != nil {
		b.left(dir, f, "was changed by hand, this version changes it too, and the text that was copied could not be found ("+err.Error()+
			"): put it back as it was copied, run upgrade, and make your change again", nil)
		return false
	}
	base, next := likeLines(f.theirs, base), likeLines(f.theirs, f.next)
	merged, ok := merge3(base, f.theirs, next)
	if ok && strings.HasSuffix(f.name, ".go") {
		_, err := format.Source(merged)
		ok = err == nil
	}
	if !ok {
		b.left(dir, f, "was changed by hand where this version changes it: take your change there out, run upgrade, and make it again; this is what the version changes",
			[]byte(differences(path.Join(dir, f.name), base, next)))
		return false
	}
	rel := path.Join(dir, f.name)
	b.change(FileChange{Rel: rel, Old: f.theirs, New: merged},
		Step{Kind: StepEdit, File: rel, Reason: "what " + b.opt.Version + " changes is put into the file that you changed"})
	return !bytes.Equal(merged, next)
}

// replaceCopied plans the file with other bytes, or none.
func (b *builder) replaceCopied(dir string, f copiedFile, text []byte) {
	rel := path.Join(dir, f.name)
	if text != nil && f.theirs != nil {
		text = likeLines(f.theirs, text)
	}
	b.change(FileChange{Rel: rel, Old: f.theirs, New: text, Mode: 0o644}, b.copiedStep(rel))
}

func (b *builder) copiedStep(rel string) Step {
	kind := StepEdit
	if !fileExists(filepath.Join(b.prog.Dir, filepath.FromSlash(rel))) {
		kind = StepCreate
	}
	return Step{Kind: kind, File: rel, Reason: copiedReason + " " + b.opt.Version}
}

// left leaves a file of a copy to a person, and with it the upgrade.
func (b *builder) left(dir string, f copiedFile, why string, text []byte) {
	b.held = true
	b.steps = append(b.steps, Step{Kind: StepManual, File: path.Join(dir, f.name), Reason: "the file " + why, Text: string(text)})
}

// noteOwnFiles tells which files are somebody's own after the upgrade.
func (b *builder) noteOwnFiles(dir string, names []string) {
	if len(names) > 0 && len(b.files) > 0 {
		b.steps = append(b.steps, Step{Kind: StepNote, File: dir, Reason: "your changes stay in " + strings.Join(names, ", ") +
			"; a copy that was changed is nobody's but yours to vouch for, and lint says so"})
	}
}
