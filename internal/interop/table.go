package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/mcp-migrate/mcp-migrate/internal/probe/peers"
)

// A row is what became of a client at a house.
type row struct {
	house    string
	client   client
	outcomes []peers.Outcome
}

// surprises are what is not as it is known to be: an error, a step that did not
// happen, something that the client could not do and now can, or the other way round.
func (r row) surprises() []string {
	var out []string
	done := map[string]bool{}
	for _, o := range r.outcomes {
		done[o.Step] = true
		switch want := r.client.cannot[o.Step]; {
		case o.Err != nil:
			out = append(out, fmt.Sprintf("%s: %v", o.Step, o.Err))
		case o.Cannot != want && o.Cannot == "":
			out = append(out, fmt.Sprintf("%s: it can now; it could not: %s", o.Step, want))
		case o.Cannot != want:
			out = append(out, fmt.Sprintf("%s: it can't: %q, want %q", o.Step, o.Cannot, want))
		}
	}
	for _, name := range r.client.steps() {
		if !done[name] {
			out = append(out, name+": did not happen")
		}
	}
	return out
}

// cell is the outcome of a step in a word.
func (r row) cell(step string) string {
	if !slices.Contains(r.client.steps(), step) {
		return "-"
	}
	for _, o := range r.outcomes {
		switch {
		case o.Step == step && o.Err != nil:
			return "FAILED"
		case o.Step == step && o.Cannot != "":
			return "can't"
		case o.Step == step:
			return "ok"
		}
	}
	return "MISSING"
}

// table draws the rows of each house, and says below what clients can't do.
func table(rows []row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	house := ""
	for _, r := range rows {
		if r.house != house {
			house = r.house
			fmt.Fprintf(w, "\n%s\t%s\n", house, strings.Join(peers.Steps(), "\t"))
		}
		fmt.Fprintf(w, "  %s", r.client.name)
		for _, step := range peers.Steps() {
			fmt.Fprintf(w, "\t%s", r.cell(step))
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	b.WriteString("\n-      done in the browser; a script has no part in it\n")
	for _, c := range clients {
		for _, step := range c.steps() {
			if why := c.cannot[step]; why != "" {
				fmt.Fprintf(&b, "can't  %s, %s: %s\n", c.name, step, why)
			}
		}
	}
	return b.String()
}
