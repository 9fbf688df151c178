package main

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// What a run with -migrate is held against.
const (
	gateWithoutManual = 0.80 // of the modules that count
	aimWithoutManual  = 0.95
	gateLines         = 8 // added and removed in existing files, for each server, in the median
)

// The gates are what a run with -migrate comes to, over the modules that count: those
// that serve something open with an SDK that can be guarded, and built before.
type gates struct {
	Modules  int `json:"modules"`
	Migrated int `json:"migrated"` // by one command, without a manual step
	Manual   int `json:"manual"`   // left to a person, at least in part; each step has its reason
	Refused  int `json:"refused"`  // nothing was changed, and why was said
	Wrong    int `json:"wrong"`    // no longer builds, breaks a test, is not repeatable or can't be undone

	NotBuilt int `json:"not_built"` // left out: did not build before
	Foreign  int `json:"foreign"`   // left out: of an SDK that is only read

	LinesMedian float64 `json:"lines_median"` // added and removed, for each server, of those migrated
	LinesMost   float64 `json:"lines_most"`
	KindsMedian float64 `json:"lines_median_each_transport"` // the same for each kind of transport of a server
}

// measure counts.
func (all *migrations) measure() *gates {
	g := &gates{}
	var perServer, perKind []float64
	for _, r := range all.Repositories {
		switch {
		case r.Built != "":
			g.NotBuilt++
			continue
		case r.Foreign:
			g.Foreign++
			continue
		}
		g.Modules++
		switch {
		case r.wrong() != "":
			g.Wrong++
		case r.complete():
			g.Migrated++
			changed := float64(r.Added + r.Removed)
			perServer = append(perServer, changed/float64(max(1, r.Servers)))
			perKind = append(perKind, changed/float64(max(1, r.Kinds)))
		case len(r.Manual) > 0:
			g.Manual++
		default:
			g.Refused++
		}
	}
	if len(perServer) > 0 {
		g.LinesMedian, g.LinesMost = median(perServer), slices.Max(perServer)
		g.KindsMedian = median(perKind)
	}
	return g
}

// median is the value in the middle, or the mean of the two there.
func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// missed lists the gates that are not met.
func (g *gates) missed() []string {
	var list []string
	if g.Wrong > 0 {
		list = append(list, "0 wrong edits")
	}
	if float64(g.Migrated) < gateWithoutManual*float64(g.Modules) {
		list = append(list, fmt.Sprintf("%.0f %% without a manual step", 100*gateWithoutManual))
	}
	if g.LinesMedian > gateLines {
		list = append(list, fmt.Sprintf("%d lines for each server in the median", gateLines))
	}
	return list
}

// print writes the figures next to what they are held against.
func (g *gates) print(w io.Writer) {
	fmt.Fprintf(w, "\nof %d modules that count (%d did not build before, %d are of SDKs that are only read):\n", g.Modules, g.NotBuilt, g.Foreign)
	share := math.NaN()
	if g.Modules > 0 {
		share = 100 * float64(g.Migrated) / float64(g.Modules)
	}
	fmt.Fprintf(w, "  %d migrated without a manual step: %.0f %% (gate %.0f, aim %.0f)\n", g.Migrated, share, 100*gateWithoutManual, 100*aimWithoutManual)
	fmt.Fprintf(w, "  %d left to a person in part, %d left unchanged, with the reasons above\n", g.Manual, g.Refused)
	fmt.Fprintf(w, "  %d wrong (gate 0)\n", g.Wrong)
	fmt.Fprintf(w, "  lines for each server: %.1f in the median (gate %d), %.0f at most; for each kind of transport %.1f in the median\n",
		g.LinesMedian, gateLines, g.LinesMost, g.KindsMedian)
	for _, m := range g.missed() {
		fmt.Fprintf(w, "  MISSED: %s\n", m)
	}
}
