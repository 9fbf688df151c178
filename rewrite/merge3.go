package rewrite

import (
	"bytes"

	"github.com/aymanbagabas/go-udiff"
)

// merge3 returns theirs with what changed from base to next, line by line. It is not
// ok where both changed the same lines, or put something at the same place: which of
// the two is meant, only a person can say.
func merge3(base, theirs, next []byte) (merged []byte, ok bool) {
	x, y := udiff.Lines(string(base), string(theirs)), udiff.Lines(string(base), string(next))
	if samePlace(x, y) {
		return nil, false
	}
	edits, ok := udiff.Merge(x, y)
	if !ok {
		return nil, false
	}
	out, err := udiff.Apply(string(base), edits)
	if err != nil {
		return nil, false
	}
	return []byte(out), true
}

// samePlace reports whether two different edits touch the same lines, or meet.
func samePlace(x, y []udiff.Edit) bool {
	for _, a := range x {
		for _, b := range y {
			if a != b && a.Start <= b.End && b.Start <= a.End {
				return true
			}
		}
	}
	return false
}

// likeLines gives text the line ends of the file that it is compared with.
func likeLines(file, text []byte) []byte {
	if !bytes.Contains(file, []byte("\r\n")) {
		return text
	}
	return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
}
