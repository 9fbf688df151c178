package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// What the two ways of reading a module say, held against each other: with source
// files only, and with full types.

// An agreement counts the facts of both and lists those that only one has: "-" are
// those of full types, "+" those of source files.
type agreement struct {
	Facts  map[string]int `json:"facts,omitempty"` // by kind
	Same   map[string]int `json:"same,omitempty"`
	Differ []string       `json:"differ,omitempty"`
	Why    string         `json:"not_compared,omitempty"`
}

// factKinds are in the order in which they are printed.
var factKinds = []string{"registrations", "traces", "verdicts"}

// compareLoaders looks at a module once more, with full types.
func compareLoaders(ctx context.Context, o options, repo string, m *module) *agreement {
	o.flags = append(slices.Clone(o.flags), "--typed")
	exact := inspect(ctx, o, repo, m.Dir)
	switch {
	case exact.Crash:
		return &agreement{Why: "with full types it takes longer than " + o.timeout.String()}
	case exact.Report == nil:
		return &agreement{Why: "it can't be read with full types: " + tail(exact.Stderr, 1)}
	case broken(exact.Report) != "":
		return &agreement{Why: "with full types it does not load without error: " + broken(exact.Report)}
	case m.Report == nil:
		return agree(exact.Report, &analyze.Report{})
	}
	return agree(exact.Report, m.Report)
}

// broken returns the first error of loading with full types; "" if there is none. What
// was not loaded can't be held against anything.
func broken(exact *analyze.Report) string {
	for _, e := range exact.Errors {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
	}
	for _, i := range exact.Incomplete {
		if strings.Contains(i.Why, "could not be loaded") {
			return i.Why
		}
	}
	return ""
}

func agree(exact, quick *analyze.Report) *agreement {
	a := &agreement{Facts: map[string]int{}, Same: map[string]int{}}
	want, got := facts(exact), facts(quick)
	for _, f := range slices.SortedFunc(maps.Keys(want), fact.compare) {
		a.Facts[f.kind]++
		if got[f] {
			a.Same[f.kind]++
		} else {
			a.Differ = append(a.Differ, "- "+f.kind+": "+f.text)
		}
	}
	for _, f := range slices.SortedFunc(maps.Keys(got), fact.compare) {
		if !want[f] {
			a.Facts[f.kind]++
			a.Differ = append(a.Differ, "+ "+f.kind+": "+f.text)
		}
	}
	return a
}

// A fact is one thing that a report says, without the words of its reasons.
type fact struct{ kind, text string }

func (f fact) compare(g fact) int {
	return cmp.Or(cmp.Compare(slices.Index(factKinds, f.kind), slices.Index(factKinds, g.kind)), cmp.Compare(f.text, g.text))
}

func facts(r *analyze.Report) map[fact]bool {
	all := map[fact]bool{}
	for _, s := range r.Servers {
		server := fmt.Sprintf("%s:%d", s.File, s.Line)
		for what, items := range map[string][]analyze.ItemReport{"tool": s.Tools, "prompt": s.Prompts, "resource": s.Resources} {
			for _, it := range items {
				reg := registration(what, it)
				all[fact{"registrations", reg}] = true
				all[fact{"traces", reg + " on " + server}] = true
			}
		}
		for _, t := range s.Transports {
			all[fact{"verdicts", fmt.Sprintf("%s of %s at %s:%d %q: %s", t.Kind, server, t.File, t.Line, t.Path, t.Verdict)}] = true
		}
	}
	return all
}

func registration(what string, it analyze.ItemReport) string {
	name := it.Name
	if it.Dynamic {
		name = "(not constant)"
	}
	return fmt.Sprintf("%s %s at %s:%d, registered at %s:%d, read-only %t, destructive %t", what, name, it.File, it.Line,
		it.Registered.File, it.Registered.Line, it.ReadOnly, it.Destructive)
}

// agreements prints what differs and the shares over all that was compared.
func (b *board) agreements(w io.Writer) {
	sum := agreement{Facts: map[string]int{}, Same: map[string]int{}}
	compared, left := 0, 0
	for _, r := range b.Repositories {
		for _, m := range r.Modules {
			switch {
			case m.Loaders == nil:
			case m.Loaders.Why != "":
				left++
				fmt.Fprintf(w, "not compared: %s %s: %s\n", r.Name, m.Dir, m.Loaders.Why)
			default:
				compared++
				sum.add(m.Loaders)
				for _, line := range m.Loaders.Differ {
					fmt.Fprintf(w, "%s %s %s\n", r.Name, m.Dir, line)
				}
			}
		}
	}
	if compared+left == 0 {
		return
	}
	fmt.Fprintf(w, "with full types: %d modules compared, %d not; equal are %s\n", compared, left, sum.shares())
}

func (a *agreement) add(b *agreement) {
	for _, k := range factKinds {
		a.Facts[k] += b.Facts[k]
		a.Same[k] += b.Same[k]
	}
}

func (a *agreement) shares() string {
	var list []string
	for _, k := range factKinds {
		list = append(list, fmt.Sprintf("%d of %d %s (%.1f %%)", a.Same[k], a.Facts[k], k, 100*float64(a.Same[k])/float64(max(1, a.Facts[k]))))
	}
	return strings.Join(list, ", ")
}
