package limit

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Any number of questions cost one, and the answer holds for a while.
func TestAProbeAsksOnce(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	var asked atomic.Int64
	down := errors.New("down")
	answer := atomic.Pointer[error]{}
	answer.Store(&down)
	p := NewProbe(func(context.Context) error { asked.Add(1); time.Sleep(20 * time.Millisecond); return *answer.Load() }, 10*time.Second, time.Second, c.now)
	var wg sync.WaitGroup
	for range 50 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := p.Ask(context.Background()); !errors.Is(err, down) {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	up := error(nil)
	answer.Store(&up)
	if err := p.Ask(context.Background()); !errors.Is(err, down) {
		t.Error("asked again at once:", err)
	}
	c.at = c.at.Add(time.Second)
	if err := p.Ask(context.Background()); err != nil {
		t.Error("after a while:", err)
	}
}

// What never answers, and what panics, holds up nobody and is no good news.
func TestAProbeHasAnEnd(t *testing.T) {
	block := make(chan struct{})
	defer close(block)
	var asked atomic.Int64
	p := NewProbe(func(context.Context) error { asked.Add(1); <-block; return nil }, 20*time.Millisecond, time.Second, time.Now)
	for range 3 {
		begun := time.Now()
		if err := p.Ask(context.Background()); err == nil || time.Since(begun) > 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	}
	if asked.Load() != 1 {
		t.Errorf("%d questions wait", asked.Load())
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Ask(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who left: %v", err)
	}
	p = NewProbe(func(context.Context) error { panic("secret") }, time.Second, time.Second, time.Now)
	if err := p.Ask(context.Background()); err == nil || err.Error() != "the check panicked" {
		t.Error(err)
	}
}
