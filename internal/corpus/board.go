package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// A board is the outcome of a run.
type board struct {
	Repositories []*repository `json:"repositories"`
	Verdicts     *judged       `json:"verdicts,omitempty"`
}

// A repository is what was found in one.
type repository struct {
	Name    string      `json:"name"`
	Modules []*module   `json:"modules"`
	Total   total       `json:"total"`
	Truth   *comparison `json:"truth,omitempty"`

	dir     string
	modules []string
}

// A total counts over the modules of a repository.
type total struct {
	Servers, Tools, Dynamic           int
	Protected, Unprotected, Unknown   int // transports that strangers may reach over the network
	Incomplete, Failed, Crashed, Seen int
	CPU                               float64
	MaxRSS                            float64
	GuardKinds                        map[string]int
	UnknownWhy                        []string
}

// sum counts.
func (r *repository) sum() {
	t := &r.Total
	t.GuardKinds = map[string]int{}
	names := map[string]bool{}
	for _, m := range r.Modules {
		t.Seen++
		t.CPU += m.CPU
		t.MaxRSS = max(t.MaxRSS, m.MaxRSS)
		if m.Crash {
			t.Crashed++
		}
		if m.Report == nil {
			t.Failed++
			continue
		}
		t.Incomplete += len(m.Report.Incomplete)
		for _, s := range m.Report.Servers {
			t.server(s, names)
		}
	}
	t.Tools = len(names)
}

func (t *total) server(s analyze.ServerReport, names map[string]bool) {
	t.Servers++
	for _, tool := range s.Tools {
		if tool.Dynamic {
			t.Dynamic++
		} else {
			names[tool.Name] = true
		}
	}
	for _, tr := range s.Transports {
		if tr.Kind == "stdio" || tr.Kind == "in-process" {
			continue
		}
		t.GuardKinds[tr.GuardKind]++
		switch analyze.Verdict(tr.Verdict) {
		case analyze.Protected:
			t.Protected++
		case analyze.Unprotected:
			t.Unprotected++
		default:
			t.Unknown++
			t.UnknownWhy = append(t.UnknownWhy, fmt.Sprintf("%s:%d: %s", tr.File, tr.Line, tr.Reason))
		}
	}
}

// print writes the table, what differs from the list, and the sums.
func (b *board) print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "repository\tservers\ttools\tdynamic\tprotected\topen\tunknown\tincomplete\tfailed\tCPU s\tMB\trecall\tplaced\tdead\tinvented\t")
	for _, r := range b.Repositories {
		t := r.Total
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d/%d\t%.2f\t%.0f\t%s\t\n", r.Name, t.Servers, t.Tools, t.Dynamic,
			t.Protected, t.Unprotected, t.Unknown, t.Incomplete, t.Failed, t.Seen, t.CPU, t.MaxRSS, r.Truth.cells())
	}
	tw.Flush()
	b.differences(w)
	b.sums(w)
	b.agreements(w)
	b.Verdicts.print(w)
}

func (c *comparison) cells() string {
	if c == nil {
		return "-\t-\t-\t-"
	}
	return fmt.Sprintf("%d/%d\t%d\t%d/%d\t%d", c.Named, c.Rows, c.Placed, len(c.Dead), c.DeadRows, len(c.Invented))
}

// differences lists, by repository, everything that a person has to look at.
func (b *board) differences(w io.Writer) {
	for _, r := range b.Repositories {
		var lines []string
		for _, m := range r.Modules {
			if m.Report == nil {
				lines = append(lines, fmt.Sprintf("failed: %s: exit %d: %s", m.Dir, m.Exit, strings.ReplaceAll(m.Stderr, "\n", "\n      ")))
			}
		}
		for _, why := range r.Total.UnknownWhy {
			lines = append(lines, "unknown: "+why)
		}
		lines = append(lines, r.Truth.lines()...)
		if len(lines) > 0 {
			fmt.Fprintf(w, "\n%s\n  %s\n", r.Name, strings.Join(lines, "\n  "))
		}
	}
}

func (c *comparison) lines() []string {
	if c == nil {
		return nil
	}
	var lines []string
	for _, m := range c.Missing {
		lines = append(lines, fmt.Sprintf("missing: %s %s:%d", m.Tool, m.File, m.Line))
	}
	for kind, list := range map[string][]string{"elsewhere": c.Moved, "unreachable, reported": c.Dead, "not in the list": c.Invented} {
		for _, one := range list {
			lines = append(lines, kind+": "+one)
		}
	}
	slices.SortStableFunc(lines, func(a, b string) int { return cmp.Compare(a, b) })
	return lines
}

// sums prints the figures over all.
func (b *board) sums(w io.Writer) {
	var all total
	var c comparison
	kinds := map[string]int{}
	for _, r := range b.Repositories {
		t := r.Total
		all.Servers, all.Tools, all.Dynamic = all.Servers+t.Servers, all.Tools+t.Tools, all.Dynamic+t.Dynamic
		all.Protected, all.Unprotected, all.Unknown = all.Protected+t.Protected, all.Unprotected+t.Unprotected, all.Unknown+t.Unknown
		all.Seen, all.Failed, all.Crashed, all.CPU = all.Seen+t.Seen, all.Failed+t.Failed, all.Crashed+t.Crashed, all.CPU+t.CPU
		for k, n := range t.GuardKinds {
			kinds[k] += n
		}
		if r.Truth != nil {
			c.Rows, c.Named, c.Placed, c.DeadRows = c.Rows+r.Truth.Rows, c.Named+r.Truth.Named, c.Placed+r.Truth.Placed, c.DeadRows+r.Truth.DeadRows
			c.Dead, c.Invented = append(c.Dead, r.Truth.Dead...), append(c.Invented, r.Truth.Invented...)
		}
	}
	fmt.Fprintf(w, "\n%d repositories, %d modules (%d failed, %d crashed or timed out), %.1f CPU s\n", len(b.Repositories), all.Seen, all.Failed, all.Crashed, all.CPU)
	fmt.Fprintf(w, "%d servers, %d tools by name, %d dynamic\n", all.Servers, all.Tools, all.Dynamic)
	fmt.Fprintf(w, "network transports: %d protected, %d unprotected, %d unknown; by kind of guard: %v\n", all.Protected, all.Unprotected, all.Unknown, kinds)
	if c.Rows > 0 {
		fmt.Fprintf(w, "of %d listed tools %d found (%.1f %%), %d of them at the listed line; %d of %d unreachable ones reported; %d reported that are not listed\n",
			c.Rows, c.Named, 100*float64(c.Named)/float64(c.Rows), c.Placed, len(c.Dead), c.DeadRows, len(c.Invented))
	}
}
