package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// The bounds in µs are for the machine that docs/performance.md names. How much slower
// another one is, or this one today, is measured in the same run with work of the same
// sort as a guard's that no change here makes quicker or slower: the standard library
// checks a body of 4 KB, and a MAC is made and compared.

// referenceNs is what a tenth of the runs of the work take at most on that machine, in ns.
const referenceNs = 9_200

// mostFactor is the most by which bounds grow: what is slower still says nothing about
// the guard.
const mostFactor = 4

// machine is the key of the figure among those of benchmarks.
var machine = key{"benchgate", "Machine", "call-ns"}

// factor is how many times the bounds of times are what they are on the machine that
// they were made for; never less.
func factor(ns float64) float64 { return math.Max(1, math.Min(mostFactor, ns/referenceNs)) }

// measureMachine does the work n times and prints, as a benchmark would, what a tenth of
// the runs take at most.
func measureMachine(out io.Writer, n int) error {
	work, took := newWork(), make([]float64, n)
	for i := range took {
		start := time.Now()
		if !work() {
			return fmt.Errorf("the reference work went wrong")
		}
		took[i] = float64(time.Since(start))
	}
	slices.Sort(took)
	_, err := fmt.Fprintf(out, "pkg: %s\nBenchmark%s\t%d\t%.0f %s\n", machine.pkg, machine.bench, n, took[n/10], machine.unit)
	return err
}

// newWork returns the work, which reports whether it went well.
func newWork() func() bool {
	body := []byte(`{"items":[` + strings.Repeat(`{"id":12345,"name":"item","on":true},`, 108) + `{}]}`)
	mac := hmac.New(sha256.New, make([]byte, 32))
	session := []byte("mcp-session-4f6c1c62-8a0e-4b3c-9d0a-7a1d1e2f3a4b")
	sum := func() []byte {
		mac.Reset()
		mac.Write(session)
		return mac.Sum(nil)
	}
	want := sum()
	return func() bool { return json.Valid(body) && hmac.Equal(sum(), want) }
}
