package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
)

// tries is how often a ratio above its bound is measured again.
const tries = 3

// measured runs one side of a ratio once.
type measured func(context.Context) (sample, error)

// A gate is a ratio of CPU time, or without a base the peak of memory in MB, with what
// it should be and what it must not exceed. Aims are for a quiet machine; bounds leave
// room for other machines, and say that something got much worse.
type gate struct {
	name       string
	what, base measured
	once       *sample // the base, where to measure it more than once takes too long
	aim, bound float64

	low, lowBase sample // the least so far
}

func (g *gate) measure(ctx context.Context, rounds int) error {
	for range rounds {
		s, err := g.what(ctx)
		if err != nil {
			return err
		}
		g.low = s.least(g.low)
		if g.base != nil {
			if s, err = g.base(ctx); err != nil {
				return err
			}
			g.lowBase = s.least(g.lowBase)
		}
	}
	if g.once != nil {
		g.lowBase = *g.once
	}
	return nil
}

func (s sample) least(t sample) sample {
	if t.cpu == 0 && t.rss == 0 {
		return s
	}
	return sample{min(s.cpu, t.cpu), min(s.rss, t.rss)}
}

// memory reports whether the gate is about memory.
func (g *gate) memory() bool { return g.base == nil && g.once == nil }

func (g *gate) value() float64 {
	if g.memory() {
		return g.low.rss
	}
	return g.low.cpu / max(g.lowBase.cpu, 0.001)
}

// judge measures every gate and prints the table. The error names what is above its bound.
func (b *bench) judge(ctx context.Context, list []*gate, out io.Writer) error {
	tw := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "what\tvalue\taim\tbound\tCPU s\tof CPU s\tMB\t")
	var failed []error
	for _, g := range list {
		for range tries {
			if err := g.measure(ctx, b.rounds); err != nil {
				return err
			}
			if g.value() <= g.bound {
				break
			}
		}
		if g.value() > g.bound {
			failed = append(failed, fmt.Errorf("%s: %.4g is above %.4g", g.name, g.value(), g.bound))
		}
		fmt.Fprintf(tw, "%s\t%.4g%s\t%g\t%g\t%.3f\t%.3f\t%.0f\t\n", g.name, g.value(), g.missed(), g.aim, g.bound, g.low.cpu, g.lowBase.cpu, g.low.rss)
	}
	return errors.Join(append(failed, tw.Flush())...)
}

// missed marks what is above its aim and within its bound.
func (g *gate) missed() string {
	if g.value() > g.aim {
		return " (aim missed)"
	}
	return ""
}

// onGenerated are the gates that need nothing but the tool.
func (b *bench) onGenerated() ([]*gate, error) {
	dirs := map[string]shape{
		"thousand": {tools: 1000, packages: 100}, "tenthousand": {tools: 10000, packages: 100},
		"manypackages": {tools: 10000, packages: 1000}, "monorepo": {tools: 100, packages: 10, plain: 5000},
	}
	at := map[string]string{}
	for name, s := range dirs {
		at[name] = filepath.Join(b.work, name)
		if err := os.Mkdir(at[name], 0o755); err != nil {
			return nil, err
		}
		if err := generate(at[name], s); err != nil {
			return nil, err
		}
	}
	many := at["manypackages"]
	return []*gate{
		{name: "10,000 tools in 1,000 packages, against parsing them", what: b.lint(many), base: b.parsing(many), aim: 6, bound: 28},
		{name: "10,000 tools in 1,000 packages, MB", what: b.lint(many), aim: 600, bound: 640},
		{name: "10,000 tools against 1,000, in 100 packages", what: b.lint(at["tenthousand"]), base: b.lint(at["thousand"]), aim: 11, bound: 18},
		{name: "monorepo, 11 packages of 5,011, against reading it", what: b.lint(at["monorepo"]), base: b.reading(at["monorepo"]), aim: 1.5, bound: 3},
	}, nil
}
