package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// What a program lists when it runs, held against what was read in its source.

// mustStart is the flag without which nothing is started.
const mustStart = "-start-them"

const refusal = "-running builds and starts the programs of the repositories in " +
	"-dir: code of others, with the rights of the user who runs this. Their environment is " +
	"empty but for the dummy values in the table, and their home and working folder are new and " +
	"thrown away; the network and other files are within their reach. Do it in a container or on a machine " +
	"that holds nothing of worth, and say so: " + mustStart

// An outcome is what came of one program.
type outcome struct {
	Repo    string       `json:"repo"`
	Program string       `json:"program"`
	Failed  string       `json:"failed,omitempty"` // why there is nothing to compare
	Listed  *probe.Lists `json:"listed,omitempty"`
	Dynamic int          `json:"dynamic"` // entries of the report that have no name
	Found   int          `json:"found"`   // names that are listed and were read

	Missed    []string          `json:"missed"`    // listed, and neither read nor covered by a dynamic entry
	Unnamed   []string          `json:"unnamed"`   // listed, and covered by a dynamic entry
	Unlisted  []string          `json:"unlisted"`  // read, and not listed by this run
	Explained map[string]string `json:"explained"` // those of Missed and Unlisted that the table has a reason for
}

// running starts what the table says about the repositories in o.dir, one after the other.
func running(ctx context.Context, o options, stdout, stderr io.Writer) error {
	table, err := readTable(o.table)
	if err != nil {
		return err
	}
	outcomes := []*outcome{}
	for _, p := range table {
		dir := p.folder(o.dir)
		if _, err := os.Stat(dir); err != nil || !strings.Contains(p.Repo, o.only) {
			continue
		}
		fmt.Fprintf(stderr, "%s %s\n", p.Repo, p.name())
		outcomes = append(outcomes, o.runOne(ctx, p, dir))
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if len(outcomes) == 0 {
		return errors.New(o.dir + " holds no repository of the table")
	}
	printOutcomes(stdout, outcomes)
	if err := saveOutcomes(o.json, outcomes); err != nil {
		return err
	}
	return differences(outcomes)
}

// runOne looks at one program, builds it in a copy, runs it there, and compares.
func (o options) runOne(ctx context.Context, p program, dir string) *outcome {
	out := &outcome{Repo: p.Repo, Program: p.name(), Explained: map[string]string{}}
	m := inspect(ctx, o, dir, p.Module)
	if m.Report == nil {
		out.Failed = "inspect: " + m.Stderr
		return out
	}
	lists, err := o.listed(ctx, p, dir)
	if err != nil {
		out.Failed = err.Error()
		return out
	}
	out.compare(p, lists, m.Report)
	return out
}

// listed builds a program and asks it.
func (o options) listed(ctx context.Context, p program, dir string) (*probe.Lists, error) {
	scratch, err := os.MkdirTemp("", "corpus-running-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	work := filepath.Join(scratch, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		return nil, err
	}
	if err := p.furnish(work); err != nil {
		return nil, err
	}
	bin, err := buildProgram(ctx, o.timeout, p, dir, scratch)
	if err != nil {
		return nil, err
	}
	options := probe.Options{Dir: work, Bin: bin, Args: p.Args, Env: p.environment(), Bare: true, Wait: 30 * time.Second}
	if p.Path == "" {
		return probe.ListStdio(ctx, options)
	}
	return overHTTP(ctx, p, options)
}

// overHTTP starts a program that listens, and asks it.
func overHTTP(ctx context.Context, p program, o probe.Options) (*probe.Lists, error) {
	port, err := probe.FreePort()
	if err != nil {
		return nil, err
	}
	o.Addr = fmt.Sprintf("127.0.0.1:%d", port)
	fill := strings.NewReplacer("{addr}", o.Addr, "{port}", fmt.Sprint(port))
	for _, list := range []*[]string{&o.Args, &o.Env} {
		*list = slices.Clone(*list)
		for i, s := range *list {
			(*list)[i] = fill.Replace(s)
		}
	}
	proc, err := probe.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	defer proc.Stop()
	lists, err := (&probe.Client{URL: "http://" + o.Addr + p.Path}).Lists(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, strings.TrimSpace(proc.Output()))
	}
	return lists, nil
}

func printOutcomes(w io.Writer, outcomes []*outcome) {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "repository\tprogram\tlisted\tread\tmissed\tunnamed\tdynamic\tnot listed\texplained")
	for _, o := range outcomes {
		if o.Failed != "" {
			fmt.Fprintf(tw, "%s\t%s\tfailed\n", o.Repo, o.Program)
			continue
		}
		fmt.Fprintf(tw, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", o.Repo, o.Program, entries(o.Listed), o.Found, len(o.Missed),
			len(o.Unnamed), o.Dynamic, len(o.Unlisted), len(o.Explained))
	}
	tw.Flush()
	for _, o := range outcomes {
		o.print(w)
	}
}

// maxShown is how many names of one kind are printed; all are in the JSON.
const maxShown = 25

// print says what a person has to look at.
func (o *outcome) print(w io.Writer) {
	var lines []string
	if o.Failed != "" {
		lines = append(lines, "failed: "+strings.ReplaceAll(tail(o.Failed, 12), "\n", "\n    "))
	}
	for _, of := range []struct {
		what  string
		names []string
	}{{"missed", o.Missed}, {"covered by a dynamic entry", o.Unnamed}, {"not listed by this run", o.Unlisted}} {
		for i, n := range of.names {
			if i == maxShown {
				lines = append(lines, fmt.Sprintf("%s: %d more", of.what, len(of.names)-i))
				break
			}
			line := of.what + ": " + n
			if why := o.Explained[n]; why != "" {
				line += " (" + why + ")"
			}
			lines = append(lines, line)
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(w, "\n%s %s\n  %s\n", o.Repo, o.Program, strings.Join(lines, "\n  "))
	}
}

func saveOutcomes(file string, outcomes []*outcome) error {
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(outcomes, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// differences is the error of a run in which something is wrong: a program that did
// not answer, or a difference without a reason.
func differences(outcomes []*outcome) error {
	failed, open := 0, 0
	for _, o := range outcomes {
		if o.Failed != "" {
			failed++
		}
		for _, n := range slices.Concat(o.Missed, o.Unlisted) {
			if o.Explained[n] == "" {
				open++
			}
		}
	}
	if failed+open == 0 {
		return nil
	}
	return fmt.Errorf("%d programs gave no list, %d differences are not explained", failed, open)
}

func entries(l *probe.Lists) int { return len(l.Tools) + len(l.Prompts) + len(l.Resources) }
