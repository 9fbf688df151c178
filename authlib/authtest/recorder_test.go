package authtest_test

import (
	"fmt"
	"testing"
)

// A recorder is a test that may fail without failing the test that runs it.
type recorder struct {
	testing.TB
	errors []string
	fatal  string
}

type stopped struct{}

func (r *recorder) Helper()                   {}
func (r *recorder) Logf(string, ...any)       {}
func (r *recorder) Errorf(f string, v ...any) { r.errors = append(r.errors, fmt.Sprintf(f, v...)) }
func (r *recorder) Fatalf(f string, v ...any) {
	r.fatal = fmt.Sprintf(f, v...)
	panic(stopped{})
}

// run runs f until it ends or fails fatally.
func (r *recorder) run(f func()) {
	defer func() {
		if v := recover(); v != nil && v != (stopped{}) {
			panic(v)
		}
	}()
	f()
}
