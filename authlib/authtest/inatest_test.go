package authtest_test

import (
	"fmt"
	"io"
	"log/slog"
	"testing"
)

// quiet keeps the log of a program under test out of what an example prints.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// inATest runs an example as go test would run a test: what fails is printed, and so
// is not what the example expects.
func inATest(f func(testing.TB)) {
	t := &exampleTB{}
	defer func() {
		for i := len(t.cleanups) - 1; i >= 0; i-- {
			t.cleanups[i]()
		}
		if v := recover(); v != nil && v != (stopped{}) {
			panic(v)
		}
	}()
	f(t)
}

type exampleTB struct {
	testing.TB
	cleanups []func()
}

func (t *exampleTB) Helper()                   {}
func (t *exampleTB) Logf(string, ...any)       {}
func (t *exampleTB) Cleanup(f func())          { t.cleanups = append(t.cleanups, f) }
func (t *exampleTB) Errorf(f string, v ...any) { fmt.Printf("FAIL: "+f+"\n", v...) }
func (t *exampleTB) Fatalf(f string, v ...any) {
	t.Errorf(f, v...)
	panic(stopped{})
}
