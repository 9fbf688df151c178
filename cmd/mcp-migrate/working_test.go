package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestCounter goes through a step of eight seconds.
func TestCounter(t *testing.T) {
	for _, c := range []struct {
		draws bool
		want  string
	}{
		{true, "building …\r\x1b[Kbuilding … 3s\r\x1b[K(once)\nbuilding … 6s\r\x1b[Kbuilding … 7s\r\x1b[Kbuilding … 8s\n"},
		{false, "building …\n(once)\n… took 8s\n"},
	} {
		var out bytes.Buffer
		at := time.Unix(0, 0)
		w := &counter{out: &out, what: "building", note: "(once)", begun: at, now: func() time.Time { return at }, draws: c.draws}
		w.begin()
		for _, s := range []int64{3, 6, 7} {
			at = time.Unix(s, 0)
			w.tick()
		}
		at = time.Unix(8, 100)
		w.end()
		if out.String() != c.want {
			t.Errorf("draws %v:\n%q\nwant\n%q", c.draws, out.String(), c.want)
		}
	}
}

// TestWorking: who watches sees the step and the time that it takes; a log sees
// nothing, and so does -q.
func TestWorking(t *testing.T) {
	failed := errors.New("failed")
	for _, c := range []struct {
		terminal, quiet bool
		want            string
	}{{false, false, ""}, {true, true, ""}, {true, false, "reading … 7s"}} {
		f := newFake(t)
		f.terminal = c.terminal
		var stderr bytes.Buffer
		a := f.app(nil, &stderr)
		a.quiet, a.beat = c.quiet, time.Millisecond
		ticks := make(chan bool, 100)
		start := time.Unix(0, 0)
		first := true
		a.now = func() time.Time {
			if first {
				first = false
				return start
			}
			select {
			case ticks <- true:
			default:
			}
			return start.Add(7 * time.Second)
		}
		err := a.working("reading", "(once)", func() error {
			if c.want != "" {
				<-ticks
			}
			return failed
		})
		if !errors.Is(err, failed) || (c.want == "") != (stderr.String() == "") || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%+v: %v, %q", c, err, stderr.String())
		}
	}
}

func TestClip(t *testing.T) {
	long := "reading the module in " + strings.Repeat("/folder", 20)
	if got := clip(long); len([]rune(got)) != 65 || !strings.HasSuffix(got, "/folder/folder") || clip("short") != "short" {
		t.Errorf("%d %q", len([]rune(got)), got)
	}
}
