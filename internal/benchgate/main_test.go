package main

import (
	"fmt"
	"strings"
	"testing"
)

// output is what go test would print with every figure at its bound, times factor, on
// the machine that the bounds were made for.
func output(factor float64) string {
	return outputOn(1, factor)
}

// outputOn is output on a machine that is slower by so much.
func outputOn(slower, factor float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "pkg: benchgate\nBenchmarkMachine\t 2000\t %f call-ns\n", slower*referenceNs)
	for _, g := range gates {
		fmt.Fprintf(&b, "pkg: example.com/x/%s\n", g.pkg)
		switch g.unit {
		case "own-ns":
			fmt.Fprintf(&b, "Benchmark%s-2 \t 1000\t 100 bare-call-ns\t %f guarded-call-ns\t 1 own-ns\n", g.bench, 100+g.bound*factor)
			continue
		case "ratio":
			fmt.Fprintf(&b, "Benchmark%s-2 \t 1000\t 100 bare-call-ns\t 100 bare-ns\t %f guarded-call-ns\t 9.9 ratio\n", g.bench, 100*g.bound*factor)
			continue
		}
		fmt.Fprintf(&b, "Benchmark%s-2 \t 1000\t %f %s\n", g.bench, g.bound*factor, g.unit)
	}
	return b.String()
}

func TestWhatIsWithinBoundsPasses(t *testing.T) {
	var out strings.Builder
	if err := run(strings.NewReader(output(0.999)), &out); err != nil || strings.Contains(out.String(), "EXCEEDED") {
		t.Errorf("%v\n%s", err, &out)
	}
	if n := strings.Count(out.String(), "\n"); n != len(gates)+3 {
		t.Errorf("%d lines for %d bounds", n, len(gates))
	}
}

// Each bound is able to fail, by itself, and so is each figure that is not there.
func TestEachBoundCanFail(t *testing.T) {
	for i, g := range gates {
		kept := gates
		gates = append(append([]gate{}, gates[:i]...), gates[i+1:]...)
		rest := output(0.999)
		gates = []gate{g}
		bad := output(1.001)
		gates = kept
		for name, in := range map[string]string{"exceeded": rest + bad, "missing": rest} {
			err := run(strings.NewReader(in), &strings.Builder{})
			if err == nil || !strings.Contains(err.Error(), g.name()) {
				t.Errorf("%s, %s: %v", g.name(), name, err)
			}
		}
	}
}

// The least of several runs counts, and a ratio is that of the least times: a bare
// server that was slowed down once makes no guard look cheap.
func TestTheLeastCounts(t *testing.T) {
	slow := strings.ReplaceAll(output(0.999), "\t 100 bare-", "\t 900 bare-")
	if err := run(strings.NewReader(output(0.999)+output(5)+slow), &strings.Builder{}); err != nil {
		t.Error(err)
	}
	if err := run(strings.NewReader(output(1.001)+strings.ReplaceAll(output(1.001), "\t 100 bare-", "\t 900 bare-")), &strings.Builder{}); err == nil {
		t.Error("noise in the bare server hid the guard's cost")
	}
}

func TestAFailedBenchmarkFails(t *testing.T) {
	for _, line := range []string{"FAIL\n", "--- FAIL: BenchmarkCall\n"} {
		if err := run(strings.NewReader(output(0.5)+line), &strings.Builder{}); err == nil {
			t.Errorf("%q passed", line)
		}
	}
}

// On a slower machine a guard may take longer, as much as that machine is slower, but
// make no more allocations. On a quicker one it may take as long as before.
func TestBoundsOfTimesGrowWithTheMachine(t *testing.T) {
	for name, c := range map[string]struct{ slower, factor, allowed float64 }{
		"as quick": {1, 0.999, 1}, "slower": {2, 1.999, 2}, "quicker": {0.3, 0.999, 1}, "far too slow": {50, 3.999, 4},
	} {
		for _, g := range gates {
			kept := gates
			gates = []gate{g}
			within, above := outputOn(c.slower, c.factor), outputOn(c.slower, c.allowed*1.001)
			if !g.isTime() {
				within, above = outputOn(c.slower, 0.999), outputOn(c.slower, 1.001)
			}
			ok, exceeded := run(strings.NewReader(within), &strings.Builder{}), run(strings.NewReader(above), &strings.Builder{})
			gates = kept
			if ok != nil || exceeded == nil {
				t.Errorf("%s, %s: %v, %v", name, g.name(), ok, exceeded)
			}
		}
	}
}

// A machine that was not measured is none that is quick enough, and none that is slow.
func TestTheMachineIsMeasured(t *testing.T) {
	without := strings.ReplaceAll(output(0.5), "BenchmarkMachine", "BenchmarkAnother")
	if err := run(strings.NewReader(without), &strings.Builder{}); err == nil || !strings.Contains(err.Error(), "machine") {
		t.Error(err)
	}
	var out strings.Builder
	if err := measureMachine(&out, 20); err != nil {
		t.Fatal(err)
	}
	figures, err := read(strings.NewReader(out.String()))
	if ns := figures[machine]; err != nil || ns <= 0 {
		t.Errorf("%q: %v, %v", &out, ns, err)
	}
}
