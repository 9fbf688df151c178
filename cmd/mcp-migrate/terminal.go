package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal reports whether a stream is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colorful reports whether output to w may hold colours: --color wins, then
// NO_COLOR (no-color.org: any value but the empty one), then whether it is a
// terminal that can.
func (a *app) colorful(w io.Writer) bool {
	switch a.color {
	case "always":
		return true
	case "never":
		return false
	}
	return a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb" && a.watched(w)
}

// A palette paints words; the zero value paints nothing.
type palette struct{ on bool }

func (p palette) paint(code, s string) string {
	if !p.on {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p palette) bold(s string) string { return p.paint("1", s) }

// verdict paints a verdict by how bad it is.
func (p palette) verdict(s string) string {
	switch s {
	case "protected":
		return p.paint("32", s)
	case "unprotected":
		return p.paint("31", s)
	}
	return p.paint("33", s)
}
