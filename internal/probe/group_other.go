//go:build !unix

package probe

import "os/exec"

// ownGroup does nothing: without Unix process groups only the program itself
// is ended, not what it started.
func ownGroup(*exec.Cmd) {}

// askGroup ends cmd: there is no signal to ask with.
func askGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

// killGroup ends cmd.
func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
