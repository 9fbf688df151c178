package rewrite

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// inBulk returns the planned files that a preview does not show whole, each with the
// folder that it is counted under: what is copied from authlib by package, what is
// vendored by module.
func inBulk(p *Plan) map[string]string {
	bulk := map[string]string{}
	for _, s := range p.Steps {
		if strings.HasPrefix(s.Reason, copiedReason) {
			bulk[s.File] = path.Dir(s.File)
		}
		if what, ok := strings.CutPrefix(s.Reason, vendoredReason); ok {
			module, _, _ := strings.Cut(what, "@")
			bulk[s.File] = vendorDir + "/" + module
		}
	}
	return bulk
}

// copiedReason starts the reason of every step that copies a file of authlib.
const copiedReason = "copied from authlib"

// A tally is what a preview says of the files below one folder.
type tally struct {
	files, lines int
	edited       bool // some of them were there before
	sum          [sha256.Size]byte
}

func (t *tally) add(f FileChange) {
	t.files++
	t.lines += strings.Count(string(f.New), "\n")
	t.edited = t.edited || f.Old != nil
	t.sum = sha256.Sum256(append(t.sum[:], f.New...))
}

func (t *tally) String() string {
	return fmt.Sprintf("%2d files  %5d lines  sha256:%x", t.files, t.lines, t.sum[:6])
}

// summarize returns one line for each folder: what happens to it, files, lines, and
// the first bytes of the SHA-256 over its files.
func summarize(p *Plan, bulk map[string]string) []string {
	byDir := map[string]*tally{}
	for _, f := range p.Files {
		dir, ok := bulk[f.Rel]
		if !ok {
			continue
		}
		if byDir[dir] == nil {
			byDir[dir] = &tally{}
		}
		byDir[dir].add(f)
	}
	var out []string
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		what := "new"
		if byDir[dir].edited && strings.HasPrefix(dir, vendorDir+"/") {
			what = "chg"
		}
		out = append(out, fmt.Sprintf("%s  %-40s %v", what, dir+"/", byDir[dir]))
	}
	return out
}
