package main

import (
	"fmt"
	"strings"
)

// diff paints a diff as git does, and shows control characters of the files as
// escapes: a terminal must not take them for its own. Without colours it is left
// as it is, byte for byte, since git apply may read it.
func (p palette) diff(text string) string {
	if !p.on {
		return text
	}
	var out strings.Builder
	inHunk := false
	for line := range strings.Lines(text) {
		body, end := strings.CutSuffix(line, "\n")
		code := ""
		switch {
		case strings.HasPrefix(body, "diff --git "):
			inHunk, code = false, "1"
		case strings.HasPrefix(body, "@@ "):
			inHunk, code = true, "36"
		case inHunk && strings.HasPrefix(body, "+"):
			code = "32"
		case inHunk && strings.HasPrefix(body, "-"):
			code = "31"
		case !inHunk && (strings.HasPrefix(body, "--- ") || strings.HasPrefix(body, "+++ ") || strings.HasPrefix(body, "new file")):
			code = "1"
		}
		if body = visible(body); code != "" {
			body = p.paint(code, body)
		}
		out.WriteString(body)
		if end {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// visible writes control characters but the tab as escapes. The carriage return
// of a line with CRLF says nothing to a person, and is left out.
func visible(line string) string {
	line = strings.TrimSuffix(line, "\r")
	if !strings.ContainsFunc(line, isControl) {
		return line
	}
	var out strings.Builder
	for _, r := range line {
		if isControl(r) {
			fmt.Fprintf(&out, "\\x%02x", r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// isControl: C0 without the tab, DEL and C1.
func isControl(r rune) bool {
	return r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0
}
