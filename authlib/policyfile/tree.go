package policyfile

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A node is a value of a file, YAML or JSON, with its place.
type node struct {
	kind      kind
	text      string  // of a string; "true" or "false" of a boolean
	items     []*node // of a list
	pairs     []pair  // of a mapping, in the file's order
	line, col int
}

// A pair is a key and its value.
type pair struct{ key, value *node }

// A kind is what a node is, as an error says it.
type kind string

const (
	aString  kind = "text"
	aBoolean kind = "true or false"
	aNumber  kind = "a number"
	aDate    kind = "a date"
	aNull    kind = "null (nothing)"
	aList    kind = "a list"
	aMapping kind = "a mapping"
)

// maxDepth is how deep values may be nested; a policy has three levels below its root.
const maxDepth = 8

// tree returns the root of the file, or nil and a fault.
func (d *decoder) tree(data []byte) *node {
	if len(data) > MaxSize {
		d.fault(0, 0, fmt.Sprintf("the file is larger than %d KiB", MaxSize>>10), "a policy is shorter than that; check the name of the file")
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors put one there
	if !d.isText(data) {
		return nil
	}
	if len(bytes.TrimSpace(data)) == 0 {
		d.empty(1, 1)
		return nil
	}
	switch ext := strings.ToLower(filepath.Ext(d.file)); ext {
	case ".yaml", ".yml":
		return d.yaml(data)
	case ".json":
		return d.json(data)
	}
	d.fault(0, 0, "the name says neither YAML nor JSON", "name it .yaml, .yml or .json")
	return nil
}

func (d *decoder) empty(line, col int) {
	d.fault(line, col, "the policy is empty", "write at least what holds for everybody: base: {} and unlisted: base")
}

// isText wants UTF-8 that shows what it says: everything else that a reader of YAML
// might take, such as UTF-16, is no policy that a person can review.
func (d *decoder) isText(data []byte) bool {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		problem, cure := "", "take it out"
		switch {
		case r == utf8.RuneError && size == 1:
			problem, cure = "the file is not UTF-8", "save it as UTF-8"
		case hides(r, data[i+size:]):
			problem = fmt.Sprintf("there is the control character %U", r)
		}
		if problem != "" {
			line, col := place(data, i)
			d.fault(line, col, problem, cure)
			return false
		}
		i += size
	}
	return true
}

// hides reports whether r, before rest, makes a person see another file than a reader
// of YAML does: that one begins a line where some editors show none, so that what looks
// like the end of a comment would be a rule, and text that runs backwards is shown in
// another order.
func hides(r rune, rest []byte) bool {
	switch {
	case r == '\t', r == '\n':
		return false
	case r == '\r':
		return !bytes.HasPrefix(rest, []byte("\n"))
	}
	return r == '\ufeff' || unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// place returns line and column of an offset, both from 1, the column in characters.
func place(data []byte, offset int) (line, col int) {
	before := data[:offset]
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}
