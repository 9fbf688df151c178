package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// working runs f, which may take a while, and tells somebody who watches what is
// going on and for how long. note is said as soon as it takes longer than patience.
// A terminal that draws gets one line that counts; one that doesn't (TERM=dumb,
// --accessible) whole lines; logs get nothing.
func (a *app) working(what, note string, f func() error) error {
	if a.quiet || !a.watched(a.stderr) {
		return f()
	}
	w := &counter{out: a.stderr, what: clip(what), note: note, begun: a.now(), now: a.now, draws: a.draws()}
	w.begin()
	stop, done := make(chan struct{}), sync.WaitGroup{}
	done.Go(func() { w.count(stop, a.beat) })
	defer func() {
		close(stop)
		done.Wait()
		w.end()
	}()
	return f()
}

// draws reports whether a line may be drawn anew: not for a screen reader, which
// would read it out again and again.
func (a *app) draws() bool {
	switch strings.ToLower(a.getenv("ACCESSIBLE")) {
	case "", "0", "false", "no", "off":
		return !a.accessible && a.getenv("TERM") != "dumb"
	}
	return false
}

// clip keeps a line that is drawn anew from filling more than one of the window.
func clip(what string) string {
	const widest = 64
	if r := []rune(what); len(r) > widest {
		return string(r[:widest/2]) + "…" + string(r[len(r)-widest/2:])
	}
	return what
}

// patience is how long a step may take before its note is said.
const patience = 5 * time.Second

// A counter is the line of one step. Only one goroutine uses it at a time.
type counter struct {
	out   io.Writer
	what  string
	note  string
	begun time.Time
	now   func() time.Time
	draws bool
	noted bool
}

func (c *counter) elapsed() time.Duration { return c.now().Sub(c.begun).Truncate(time.Second) }

func (c *counter) begin() {
	if c.draws {
		fmt.Fprintf(c.out, "%s …", c.what)
		return
	}
	fmt.Fprintf(c.out, "%s …\n", c.what)
}

// count counts until stop is closed.
func (c *counter) count(stop <-chan struct{}, beat time.Duration) {
	t := time.NewTicker(beat)
	defer t.Stop()
	for {
		select {
		case <-stop:
			return
		case <-t.C:
			c.tick()
		}
	}
}

func (c *counter) tick() {
	late := c.note != "" && !c.noted && c.elapsed() >= patience
	if late {
		c.noted = true
	}
	switch {
	case c.draws && late:
		fmt.Fprintf(c.out, "\r\x1b[K%s\n%s … %s", c.note, c.what, c.elapsed())
	case c.draws:
		fmt.Fprintf(c.out, "\r\x1b[K%s … %s", c.what, c.elapsed())
	case late:
		fmt.Fprintf(c.out, "%s\n", c.note)
	}
}

func (c *counter) end() {
	switch d := c.elapsed(); {
	case c.draws && d > 0:
		fmt.Fprintf(c.out, "\r\x1b[K%s … %s\n", c.what, d)
	case c.draws:
		fmt.Fprintln(c.out)
	case d > 0:
		fmt.Fprintf(c.out, "… took %s\n", d)
	}
}
