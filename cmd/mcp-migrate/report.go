package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// load analyses the module of a folder argument with full types and tells a watcher
// about it.
func (a *app) load(ctx context.Context, arg string) (*analysis, error) {
	return a.loadWith(ctx, arg, "(its dependencies are compiled once, and then kept in the go command's cache)", a.rooms.analyze)
}

// look reads a module for a command that changes nothing.
func (a *app) look(ctx context.Context, arg string) (*analysis, error) {
	if a.typed {
		return a.load(ctx, arg)
	}
	collectSeldom(growthReading)
	return a.loadWith(ctx, arg, "", a.rooms.skim)
}

func (a *app) loadWith(ctx context.Context, arg, slow string, read func(context.Context, string, []string) (*analysis, error)) (*analysis, error) {
	dir, err := a.folder(arg)
	if err != nil {
		return nil, err
	}
	if err := a.takeBack(ctx, dir); err != nil {
		return nil, err
	}
	var an *analysis
	err = a.working("reading the module in "+wizard.Printable(dir), slow, func() (err error) {
		an, err = read(ctx, dir, a.tags)
		return err
	})
	if err != nil {
		return nil, pointBelow(err, dir)
	}
	a.noteUnseen(an.report)
	if an.report.Servers == nil {
		an.report.Servers = []analyze.ServerReport{}
	}
	if an.report.Incomplete == nil {
		an.report.Incomplete = []analyze.Incomplete{}
	}
	return an, nil
}

// resultJSON writes a value as indented JSON to stdout.
func (a *app) resultJSON(v any) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	// Names of tools hold < and &; readers of a terminal want them as they are.
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return treef("result as JSON: %w", err)
	}
	return a.result(out.Bytes())
}

// takeBack takes back what a run that was killed left half-done: whatever comes
// next must not take it for the user's own.
func (a *app) takeBack(ctx context.Context, dir string) error {
	restored, err := a.rooms.recover(ctx, dir)
	if err != nil {
		return treef("%w", err)
	}
	if len(restored) > 0 {
		a.note("an earlier run was stopped while it wrote; taken back: %s", strings.Join(restored, ", "))
	}
	return nil
}

// noteIncomplete tells what was not understood, on stderr.
func (a *app) noteIncomplete(r *analyze.Report) {
	for _, i := range r.Incomplete {
		a.note("%s: not understood: %s", place(i.File, i.Line), i.Why)
	}
	for _, line := range errorLines(r) {
		a.note("%s (does not compile, and was read as far as it goes)", line)
	}
	for _, n := range r.Notes {
		a.note("%s", n)
	}
}

// maxErrors is how many errors of the compiler a person is shown.
const maxErrors = 10

// errorLines gives the compiler's errors as it prints them, without those that are
// said among what was not understood.
func errorLines(r *analyze.Report) []string {
	said := map[analyze.Place]bool{}
	for _, i := range r.Incomplete {
		said[analyze.Place{File: i.File, Line: i.Line}] = true
	}
	var list []string
	for i, e := range r.Errors {
		if len(list) == maxErrors {
			return append(list, fmt.Sprintf("and %d more", len(r.Errors)-i))
		}
		if said[analyze.Place{File: e.File, Line: e.Line}] {
			continue
		}
		at := place(e.File, e.Line)
		if e.Column > 0 {
			at += ":" + strconv.Itoa(e.Column)
		}
		list = append(list, strings.TrimPrefix(at+": "+oneLine(e.Message), ": "))
	}
	return list
}

// facts turns the report into what questions depend on.
func facts(r *analyze.Report) wizard.Facts {
	f := wizard.Facts{Module: moduleName(r)}
	for _, s := range r.Servers {
		sf := wizard.ServerFact{ID: s.ID, SDK: s.SDK, SDKVersion: s.SDKVersion, Place: place(s.File, s.Line)}
		for _, t := range s.Transports {
			sf.Transports = append(sf.Transports, wizard.TransportFact{Kind: t.Kind, Verdict: t.Verdict, Checks: checkFacts(t)})
		}
		for _, t := range s.Tools {
			sf.Tools = append(sf.Tools, wizard.ToolFact{Name: t.Name, Dynamic: t.Dynamic, ReadOnly: t.ReadOnly,
				Destructive: t.Destructive, Place: place(t.File, t.Line), Checks: toolCheckFacts(t)})
		}
		f.Servers = append(f.Servers, sf)
	}
	return f
}

// toolCheckFacts returns the checks in a tool's handler and around it.
func toolCheckFacts(t analyze.ItemReport) []wizard.CheckFact {
	var list []wizard.CheckFact
	for _, c := range t.Checks {
		list = append(list, wizard.CheckFact{Name: c.Name, Place: place(c.File, c.Line)})
	}
	return list
}

// checkFacts returns the checks in front of a transport that refuse somebody.
func checkFacts(t analyze.TransportReport) []wizard.CheckFact {
	var list []wizard.CheckFact
	for _, c := range t.Checks {
		if c.Verdict != string(analyze.Unprotected) {
			list = append(list, wizard.CheckFact{Name: c.Name, Place: place(c.File, c.Line)})
		}
	}
	return list
}
