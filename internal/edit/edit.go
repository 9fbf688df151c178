// Package edit changes bytes. An [Edit] replaces a byte range of the original
// file; everything outside the ranges stays as it was, byte for byte.
package edit

import (
	"bytes"
	"fmt"
	"slices"
)

// An Edit replaces src[Start:End] by New. Start == End inserts.
type Edit struct {
	Start, End int    // byte offsets into the original file
	New        string // replacement; line endings as "\n", converted by Apply to the file's own
	Why        string // one line for the person who reads the plan
}

// Apply returns src with every edit made. Edits may come in any order, except
// that insertions at one offset are made in the order given. Two that overlap, or
// one outside src, are an error, and nothing is guessed.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return a.End - b.End
	})
	var out bytes.Buffer
	last := 0
	for _, e := range sorted {
		if e.Start < last || e.End < e.Start || e.End > len(src) {
			return nil, fmt.Errorf("edit [%d,%d) %q overlaps another or lies outside the file of %d bytes", e.Start, e.End, e.Why, len(src))
		}
		out.Write(src[last:e.Start])
		out.WriteString(withEOL(e.New, eolAt(src, e.Start)))
		last = e.End
	}
	out.Write(src[last:])
	return out.Bytes(), nil
}

// eolAt returns the line ending of the line that holds offset, or of the line
// before it when it is the last one and has none.
func eolAt(src []byte, offset int) string {
	if i := bytes.IndexByte(src[offset:], '\n'); i >= 0 {
		return ending(src, offset+i)
	}
	if i := bytes.LastIndexByte(src[:offset], '\n'); i >= 0 {
		return ending(src, i)
	}
	return "\n"
}

func ending(src []byte, newline int) string {
	if newline > 0 && src[newline-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

func withEOL(s, eol string) string {
	if eol == "\n" {
		return s
	}
	return string(bytes.ReplaceAll([]byte(s), []byte("\n"), []byte(eol)))
}

// Indent returns the white space that the line holding offset starts with.
func Indent(src []byte, offset int) string {
	start := LineStart(src, offset)
	end := start
	for end < len(src) && (src[end] == ' ' || src[end] == '\t') {
		end++
	}
	return string(src[start:end])
}

// LineStart returns the offset of the first byte of the line that holds offset.
func LineStart(src []byte, offset int) int {
	return bytes.LastIndexByte(src[:offset], '\n') + 1
}
