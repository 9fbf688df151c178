package main

import (
	"path"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// compare holds what a run listed against the report.
func (o *outcome) compare(p program, lists *probe.Lists, rep *analyze.Report) {
	o.Listed = lists
	read := p.read(rep)
	for _, kind := range []struct {
		prefix string
		names  []string
		items  []analyze.ItemReport
	}{{"", lists.Tools, read.Tools}, {"prompt ", lists.Prompts, read.Prompts}, {"resource ", lists.Resources, read.Resources}} {
		o.compareKind(kind.prefix, kind.names, kind.items)
	}
	o.explain(o.Missed, p.Missed)
	o.explain(o.Unlisted, p.Unlisted)
}

func (o *outcome) compareKind(prefix string, listed []string, items []analyze.ItemReport) {
	names, dynamic := map[string]bool{}, 0
	for _, i := range items {
		if i.Dynamic {
			dynamic++
		} else {
			names[i.Name] = true
		}
	}
	o.Dynamic += dynamic
	for _, n := range listed {
		switch {
		case names[n]:
			o.Found++
			delete(names, n)
		case dynamic > 0:
			o.Unnamed = append(o.Unnamed, prefix+n)
		default:
			o.Missed = append(o.Missed, prefix+n)
		}
	}
	for n := range names {
		o.Unlisted = append(o.Unlisted, prefix+n)
	}
	slices.Sort(o.Unlisted)
}

// read is what the report says of the program: of the servers that the table names,
// or of those that are made below its folder, or of all.
func (p program) read(rep *analyze.Report) analyze.ServerReport {
	var of analyze.ServerReport
	below := func(s analyze.ServerReport) bool {
		if len(p.Servers) > 0 {
			return slices.Contains(p.Servers, s.ID)
		}
		return strings.HasPrefix(s.File, path.Clean(p.Package)+"/")
	}
	some := slices.ContainsFunc(rep.Servers, below)
	for _, s := range rep.Servers {
		if some && !below(s) {
			continue
		}
		of.Tools, of.Prompts, of.Resources = append(of.Tools, s.Tools...), append(of.Prompts, s.Prompts...), append(of.Resources, s.Resources...)
	}
	return of
}

// explain notes the reasons that the table has for differences. A "*" at the end of a
// name in the table stands for any rest.
func (o *outcome) explain(names []string, reasons map[string]string) {
	for _, name := range names {
		for pattern, why := range reasons {
			if rest, any := strings.CutSuffix(pattern, "*"); pattern == name || any && strings.HasPrefix(name, rest) {
				o.Explained[name] = why
			}
		}
	}
}
