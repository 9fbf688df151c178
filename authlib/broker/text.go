package broker

import (
	"strings"
	"unicode"
)

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
