package main

import (
	"fmt"
	"strings"
	"testing"
)

// output is what go test would print with every figure at its bound, times factor.
func output(factor float64) string {
	var b strings.Builder
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
	if n := strings.Count(out.String(), "\n"); n != len(gates)+1 {
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
