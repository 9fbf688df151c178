package rewrite

import (
	"bytes"
	"go/format"
)

// A file that was as gofmt has it stays so: an edit may move the column at which
// the comments of its neighbours stand. A file that was not is left alone.

var bom = []byte("\ufeff")

// tidy returns edited as gofmt has it, with the line endings, byte order mark and
// last line of the original, if the original was as gofmt has it in all but those.
func tidy(original, edited []byte) []byte {
	before, crlf, ok := plain(original)
	if !ok || !formatted(before) {
		return edited
	}
	after, _, ok := plain(edited)
	if !ok {
		return edited
	}
	out, err := format.Source(after)
	if err != nil || !sameButBlanks(out, after) {
		return edited
	}
	if !bytes.HasSuffix(original, []byte("\n")) {
		out = bytes.TrimSuffix(out, []byte("\n"))
	}
	if crlf {
		out = bytes.ReplaceAll(out, []byte("\n"), []byte("\r\n"))
	}
	if bytes.HasPrefix(original, bom) {
		out = append(bytes.Clone(bom), out...)
	}
	return out
}

// sameButBlanks reports whether a and b differ only in white space, and in the
// semicolons that a line break stands for.
func sameButBlanks(a, b []byte) bool {
	blank := func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\n' || r == ';' {
			return -1
		}
		return r
	}
	return bytes.Equal(bytes.Map(blank, a), bytes.Map(blank, b))
}

// plain returns src without a byte order mark and with "\n" at the end of each
// line; false where line endings are mixed, so that they could not be put back.
func plain(src []byte) (out []byte, crlf, ok bool) {
	src = bytes.TrimPrefix(src, bom)
	switch n := bytes.Count(src, []byte("\r")); {
	case n == 0:
		return src, false, true
	case n == bytes.Count(src, []byte("\r\n")) && n == bytes.Count(src, []byte("\n")):
		return bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), true, true
	}
	return nil, false, false
}

func formatted(src []byte) bool {
	out, err := format.Source(src)
	return err == nil && bytes.Equal(bytes.TrimSuffix(out, []byte("\n")), bytes.TrimSuffix(src, []byte("\n")))
}
