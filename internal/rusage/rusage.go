// Package rusage says what a process that has ended took of the machine.
package rusage

import "os"

// CPU is user and system time of a process and of those that it waited for, in seconds.
func CPU(s *os.ProcessState) float64 { return (s.UserTime() + s.SystemTime()).Seconds() }
