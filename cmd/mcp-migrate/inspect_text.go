package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// textWidth is the width that the text form is made for, in columns.
const textWidth = 80

// inspectText is the report for a person, one block per server.
func inspectText(r *analyze.Report, p palette) []byte {
	var b bytes.Buffer
	writeModules(&b, r)
	if len(r.Servers) == 0 {
		fmt.Fprintf(&b, "\nno MCP server found\n")
	}
	for _, s := range r.Servers {
		writeServer(&b, s, p)
	}
	if len(r.Beside) > 0 {
		fmt.Fprintf(&b, "\n%s\n", p.bold("ways in beside them"))
		for _, w := range r.Beside {
			writeWrapped(&b, "  ", place(w.File, w.Line)+": "+w.Why)
		}
	}
	writeCopies(&b, r.Copies, p)
	if len(r.Incomplete) > 0 {
		fmt.Fprintf(&b, "\n%s\n", p.bold("not understood"))
		for _, i := range r.Incomplete {
			writeWrapped(&b, "  ", place(i.File, i.Line)+": "+i.Why)
		}
	}
	if list := errorLines(r); len(list) > 0 {
		fmt.Fprintf(&b, "\n%s\n", p.bold("does not compile, and was read as far as it goes"))
		for _, line := range list {
			writeWrapped(&b, "  ", line)
		}
	}
	if len(r.Notes) > 0 {
		fmt.Fprintf(&b, "\n%s\n", p.bold("notes"))
		for _, n := range r.Notes {
			writeWrapped(&b, "  ", n)
		}
	}
	return b.Bytes()
}

func writeServer(b *bytes.Buffer, s analyze.ServerReport, p palette) {
	by := strings.TrimSpace(s.SDK + " " + s.SDKVersion)
	fmt.Fprintf(b, "\n%s  %s  %s\n", p.bold("server "+wizard.Printable(s.ID)), by, place(s.File, s.Line))
	if s.SDK == analyze.OwnProtocol {
		fmt.Fprintf(b, "\n  how it is served is not looked at\n")
	} else {
		writeTransports(b, s.Transports, p)
	}
	writePolicy(b, s.Policy)
	writeItems(b, "tools", s.Tools, p)
	writeItems(b, "prompts", s.Prompts, p)
	writeItems(b, "resources", s.Resources, p)
}

// writeCopies tells of copies of authlib that are not as this version copies them.
func writeCopies(b *bytes.Buffer, list []analyze.Copy, p palette) {
	list = slices.DeleteFunc(slices.Clone(list), analyze.Copy.Current)
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", p.bold("copies of authlib"))
	for _, c := range list {
		for _, what := range copyStates(c) {
			writeWrapped(b, "  ", wizard.Printable(c.Dir)+": "+what)
		}
	}
}

// copyStates says what is to be said of a copy, one sentence each.
func copyStates(c analyze.Copy) []string {
	var out []string
	if c.Old {
		cure := "run mcp-migrate upgrade"
		if c.NewerThanTool() {
			cure = "use that version of mcp-migrate"
		}
		out = append(out, fmt.Sprintf("of version %s; this is %s: %s", wizard.Printable(c.Version), c.Latest, cure))
	}
	if len(c.Changed) > 0 {
		out = append(out, "changed since it was copied: "+wizard.Printable(strings.Join(c.Changed, ", ")))
	}
	if len(c.Hooks) > 0 {
		out = append(out, "leaves out checks that the SDK has hooks for: "+strings.Join(c.Hooks, ", ")+": run mcp-migrate upgrade")
	}
	if len(c.Missing) > 0 {
		out = append(out, "uses hooks that the SDK does not have: "+strings.Join(c.Missing, ", ")+": run mcp-migrate upgrade")
	}
	return out
}

func writeTransports(b *bytes.Buffer, transports []analyze.TransportReport, p palette) {
	if len(transports) == 0 {
		fmt.Fprintf(b, "\n  not served: no transport found\n")
		return
	}
	fmt.Fprintf(b, "\n  transports\n")
	var rows [][]string
	for _, t := range transports {
		rows = append(rows, []string{shown(t), t.Kind, wizard.Printable(t.Path), place(t.File, t.Line)})
	}
	widths := columnWidths(rows)
	for i, t := range transports {
		row := align(rows[i], widths)
		fmt.Fprintf(b, "    %s\n", strings.Replace(row, rows[i][0], p.verdict(rows[i][0]), 1))
		if t.Guard != "" {
			writeWrapped(b, "      ", fmt.Sprintf("guard: %s (%s)", wizard.Printable(t.Guard), t.GuardKind))
		}
		if t.Reason != "" {
			writeWrapped(b, "      ", t.Reason)
		}
	}
}

// writePolicy says where the policy stands, if that is not plain Go, and what is not
// certain about it.
func writePolicy(b *bytes.Buffer, p *analyze.PolicyReport) {
	if p == nil || p.Source == "go" && p.Reason == "" {
		return
	}
	text := map[string]string{"go": "policy: " + place(p.File, p.Line), "file": "policy: " + place(p.File, p.Line), "unknown": "policy: unknown, read at " + place(p.File, p.Line)}[p.Source]
	if p.Reason != "" {
		text += ": " + wizard.Printable(p.Reason)
	}
	fmt.Fprintln(b)
	writeWrapped(b, "  ", text)
}

// shown is the verdict as a person reads it. Over stdio and within the process
// nobody can call but who runs the program (the MCP specification, "Authorization",
// leaves stdio to the environment): "unprotected" would be an alarm about nothing.
// One that is unknown stays so, since it may be reached over a network.
func shown(t analyze.TransportReport) string {
	if local(t) {
		return "local"
	}
	return t.Verdict
}

func local(t analyze.TransportReport) bool {
	return (t.Kind == string(sdk.KindStdio) || t.Kind == string(sdk.KindInProcess)) && t.Verdict == string(analyze.Unprotected)
}

func writeItems(b *bytes.Buffer, kind string, items []analyze.ItemReport, p palette) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "\n  %s (%d)\n", kind, len(items))
	var rows [][]string
	for _, i := range items {
		rows = append(rows, []string{itemName(i), place(i.File, i.Line), itemMarks(i)})
	}
	widths := columnWidths(rows)
	for _, row := range rows {
		fmt.Fprintf(b, "    %s\n", align(row, widths))
	}
}

func itemName(i analyze.ItemReport) string {
	switch {
	case i.Dynamic && i.Source != "":
		return "(dynamic: " + wizard.Printable(i.Source) + ")"
	case i.Dynamic:
		return "(dynamic)"
	}
	return wizard.Printable(i.Name)
}

// itemMarks lists what is special about an item.
func itemMarks(i analyze.ItemReport) string {
	var marks []string
	for _, m := range []struct {
		on   bool
		name string
	}{{i.ReadOnly, "read-only"}, {i.Destructive, "destructive"}, {i.Public, "public"}, {i.Unlisted, "not in the policy"}} {
		if m.on {
			marks = append(marks, m.name)
		}
	}
	if len(i.CredentialFields) > 0 {
		marks = append(marks, "takes "+wizard.Printable(strings.Join(i.CredentialFields, ", ")))
	}
	for _, c := range i.Checks {
		marks = append(marks, "check "+wizard.Printable(c.Name))
	}
	if len(i.Scopes) > 0 {
		marks = append(marks, "scopes "+wizard.Printable(strings.Join(i.Scopes, ",")))
	}
	for _, list := range []struct {
		what  string
		names []string
	}{{"roles", i.Roles}, {"permissions", i.Permissions}, {"issuers", i.Issuers}} {
		if len(list.names) > 0 {
			marks = append(marks, list.what+" "+wizard.Printable(strings.Join(list.names, ",")))
		}
	}
	return strings.Join(marks, ", ")
}

// place is "file:line", or what is known of it.
func place(file string, line int) string {
	switch {
	case file == "":
		return "(unknown place)"
	case line == 0:
		return wizard.Printable(file)
	}
	return fmt.Sprintf("%s:%d", wizard.Printable(file), line)
}

// columnWidths returns the width of each column but the last, bounded so that
// one long cell does not push everybody's next column out of the window.
func columnWidths(rows [][]string) []int {
	const widest = 36
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], min(widest, utf8.RuneCountInString(cell)))
		}
	}
	return widths
}

// align puts the cells of a row into columns; one that is empty in every row has none.
func align(row []string, widths []int) string {
	var b strings.Builder
	for i, cell := range row {
		if widths[i] == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("  ")
		}
		b.WriteString(cell)
		b.WriteString(strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell))))
	}
	return strings.TrimRight(b.String(), " ")
}

// writeWrapped writes text in lines of at most textWidth columns, each indented.
// A word that is longer stands on a line of its own.
func writeWrapped(b *bytes.Buffer, indent, text string) {
	column := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case column == 0:
			b.WriteString(indent)
			column = len(indent)
		case column+1+n > textWidth:
			b.WriteString("\n" + indent + "  ")
			column = len(indent) + 2
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	b.WriteByte('\n')
}
