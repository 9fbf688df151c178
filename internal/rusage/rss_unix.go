//go:build unix

package rusage

import (
	"os"
	"runtime"
	"syscall"
)

// MaxRSS is the peak of memory of a process that has ended, in MB.
func MaxRSS(s *os.ProcessState) float64 {
	u, ok := s.SysUsage().(*syscall.Rusage)
	switch {
	case !ok:
		return 0
	case runtime.GOOS == "darwin": // bytes there, kilobytes elsewhere
		return float64(u.Maxrss) / (1 << 20)
	}
	return float64(u.Maxrss) / 1024
}
