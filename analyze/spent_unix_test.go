//go:build unix

package analyze_test

import (
	"syscall"
	"testing"
	"time"
)

// spent is the processor's time that this process has used. Tests of this package don't
// run in parallel.
func spent(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
