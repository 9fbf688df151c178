package main

import (
	"fmt"
	"strings"
)

// title begins the next step.
func (d *demo) title(format string, args ...any) {
	d.step++
	d.say("\n%d. %s", d.step, fmt.Sprintf(format, args...))
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

// indented prints text, moved to the right.
func (d *demo) indented(text string) {
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		d.say("   %s", line)
	}
}

// written prints what migrate says that it wrote, the library as one line.
func (d *demo) written(text string) {
	library := 0
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if strings.Contains(line, " internal/authlib/") {
			library++
			continue
		}
		d.say("   %s", line)
	}
	if library > 0 {
		d.say("   … and %d files below internal/authlib", library)
	}
}

// diff prints a unified diff: changed files whole, the copied library as one
// line per file, because nobody reads a thousand lines of it here.
func (d *demo) diff(text string) {
	var library, lines int
	for _, file := range split(text) {
		if strings.Contains(firstLine(file), "/internal/authlib/") {
			library++
			lines += strings.Count(file, "\n+") - 1 // +++ is no line of the file
			continue
		}
		d.indented(file)
	}
	if library > 0 {
		d.say("   … and %d new files of the library authlib below internal/authlib (%d lines)", library, lines)
	}
}

// split cuts a git diff into one string per file.
func split(text string) []string {
	const start = "diff --git "
	var files []string
	for i, part := range strings.Split("\n"+text, "\n"+start) {
		switch {
		case i > 0:
			files = append(files, start+part)
		case strings.TrimSpace(part) != "":
			files = append(files, part)
		}
	}
	return files
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
