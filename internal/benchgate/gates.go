package main

import (
	"fmt"
	"strings"
)

// A gate bounds one figure of one benchmark.
type gate struct {
	pkg, bench string // last element of the package, name without "Benchmark"
	unit       string // "call-ns", "own-ns", "allocs/op" or "ratio"
	aim, bound float64
}

// A guard and its verifier, and what is added to an SDK, cost a call 10 µs and 25
// allocations in process at most, but for dense JSON (docs/decisions/0026). Over
// loopback 1.10 times the bare mcp-go call and 1.02 times the bare go-sdk call are aimed
// at; the bounds beside those aims only say that something got much worse. Read only.
var gates = func() (all []gate) {
	for _, body := range []string{"small", "text", "dense"} {
		guarded := own("jwtauth", "Guarded/body/"+body)
		added := []gate{{"mcpgo", "Own/" + body, "own-ns", 10_000, 10_000}, {"gosdk", "Own/" + body, "own-ns", 10_000, 10_000}}
		if body == "dense" {
			guarded[0].bound, added[0].bound, added[1].bound = 12_000, 15_000, 25_000
		}
		all = append(append(all, guarded...), added...)
	}
	for _, alg := range []string{"RS256", "ES256", "EdDSA"} {
		all = append(all, own("jwtauth", "Guarded/"+alg+"/warm")...)
	}
	for _, store := range []string{"memory", "files-cached", "redis-cached"} {
		all = append(all, own("broker", "Guarded/"+store)...)
	}
	for _, kind := range []string{"stateful", "stateless"} {
		all = append(all, gate{"mcpgo", "Call/" + kind, "ratio", 1.10, 1.25}, gate{"gosdk", "Call/" + kind, "ratio", 1.02, 1.10})
	}
	return all
}()

func own(pkg, bench string) []gate {
	return []gate{{pkg, bench, "call-ns", 10_000, 10_000}, {pkg, bench, "allocs/op", 25, 25}}
}

// isTime reports whether the bound is in ns, and so depends on the machine.
func (g gate) isTime() bool { return strings.HasSuffix(g.unit, "-ns") }

func (g gate) name() string { return g.pkg + " " + g.bench + " " + g.unit }

// value returns the figure. A difference is that of the least times, not the least
// difference: where noise is in the bare server, guarding would look free. A ratio is
// what a bare call takes, garbage collection included, and that difference, to the bare
// call. Whole blocks of guarded calls can't be compared with bare ones unless the
// machine does nothing else.
func (g gate) value(figures map[key]float64) (float64, bool) {
	at := func(unit string) (float64, bool) {
		v, ok := figures[key{g.pkg, g.bench, unit}]
		return v, ok
	}
	if g.unit != "ratio" && g.unit != "own-ns" {
		return at(g.unit)
	}
	bare, ok1 := at("bare-call-ns")
	guarded, ok2 := at("guarded-call-ns")
	if g.unit == "own-ns" {
		return guarded - bare, ok1 && ok2
	}
	whole, ok3 := at("bare-ns")
	return 1 + (guarded-bare)/whole, ok1 && ok2 && ok3 && whole > 0
}

func (g gate) show(v float64) string {
	switch g.unit {
	case "ratio":
		return fmt.Sprintf("%.3f", v)
	case "allocs/op":
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f µs", v/1000)
}
