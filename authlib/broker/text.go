package broker

import (
	"strings"
	"unicode"
)

// describable replaces what an error_description cannot have (RFC 6749 §5.2): only
// ASCII, no quotes and no backslash.
func describable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '"':
			return '\''
		case c < ' ' || c > '~' || c == '\\':
			return '?'
		}
		return c
	}, s)
}

// printable makes a stranger's string safe to show: no control, formatting or
// bidirectional characters, at most max runes.
func printable(s string, max int) string {
	var b strings.Builder
	n := 0
	for _, c := range s {
		if n == max {
			b.WriteString("…")
			break
		}
		if !unicode.IsPrint(c) || c == unicode.ReplacementChar {
			continue
		}
		b.WriteRune(c)
		n++
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
