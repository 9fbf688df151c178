package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A deed is what was done to one file.
type deed struct {
	verb string // created, edited, removed, restored
	rel  string // relative to the module root
}

// foldFrom is the number of files from which on a folder stands for them.
const foldFrom = 5

// folder returns the folder that may stand for the file: the first two elements
// of its path from the one called internal on, such as internal/authlib/ or
// tools/internal/authlib/; "" for a file that is not that deep.
func (d deed) folder() string {
	parts := strings.Split(d.rel, "/")
	from := max(0, slices.Index(parts, "internal"))
	for from < len(parts) && parts[from] == ".." {
		from++ // in another module of a workspace
	}
	if len(parts) < from+3 {
		return ""
	}
	return strings.Join(parts[:from+2], "/") + "/"
}

// resultDeeds writes one line per file to stdout. The many files of a copied
// package are one line, unless -v asks for all of them.
func (a *app) resultDeeds(deeds []deed) error {
	count := map[deed]int{}
	for _, d := range deeds {
		count[deed{d.verb, d.folder()}]++
	}
	var out bytes.Buffer
	for _, d := range deeds {
		group := deed{d.verb, d.folder()}
		switch n := count[group]; {
		case a.verbose || group.rel == "" || n > 0 && n < foldFrom:
			fmt.Fprintf(&out, "%s %s\n", d.verb, wizard.Printable(d.rel))
		case n > 0:
			fmt.Fprintf(&out, "%s %s (%d files)\n", d.verb, wizard.Printable(group.rel), n)
			count[group] = 0
		}
	}
	return a.result(out.Bytes())
}
