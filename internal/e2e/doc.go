// Package e2e migrates every server of testdata/servers with the built command,
// runs the result and holds it against what a migration promises: strangers are
// refused, users are served, few lines change, a second run changes nothing and
// undo gives back every byte. It holds tests only.
package e2e
