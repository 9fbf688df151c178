//go:build !unix

package analyze_test

import (
	"testing"
	"time"
)

// spent is the time on the wall where the processor's is not asked for.
func spent(*testing.T) time.Duration { return time.Duration(time.Now().UnixNano()) }
