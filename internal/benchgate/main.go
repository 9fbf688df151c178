// Command benchgate holds figures of benchmarks against the bounds that the project
// promises. It reads what several runs of "go test -bench" printed, takes the least of
// each figure, prints a table and exits with 1 if a bound is exceeded or a figure is
// missing. The least is what the code takes; what is above it, other processes took.
// With -machine it measures instead how quick the machine is, and prints that as a
// benchmark would: bounds in µs grow by how much slower it is than the one that
// docs/performance.md names.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
)

func main() {
	do := func() error { return run(os.Stdin, os.Stdout) }
	if slices.Equal(os.Args[1:], []string{"-machine"}) {
		do = func() error { return measureMachine(os.Stdout, 2000) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run reads figures and writes the table. The error says which bounds are exceeded.
func run(in io.Reader, out io.Writer) error {
	figures, err := read(in)
	if err != nil {
		return err
	}
	ns, ok := figures[machine]
	if !ok {
		return errors.New("how quick the machine is was not measured: benchgate -machine")
	}
	slower := factor(ns)
	fmt.Fprintf(out, "reference work: %.1f µs, where bounds were made %.1f µs; bounds in µs are times %.2f\n\n", ns/1000, referenceNs/1000.0, slower)
	var errs []error
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\tfigure\taim\tbound\t")
	for _, g := range gates {
		value, ok := g.value(figures)
		if !ok {
			errs = append(errs, fmt.Errorf("%s: not measured", g.name()))
			continue
		}
		verdict := ""
		if g.isTime() {
			g.bound *= slower
		}
		if value > g.bound {
			verdict = "EXCEEDED"
			errs = append(errs, fmt.Errorf("%s is %s, at most %s", g.name(), g.show(value), g.show(g.bound)))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", g.name(), g.show(value), g.show(g.aim), g.show(g.bound), verdict)
	}
	return errors.Join(append(errs, w.Flush())...)
}
