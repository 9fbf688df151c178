package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// The exit codes, the same for every command and format.
const (
	exitOK        = 0   // done, or clean
	exitFindings  = 1   // findings, changes pending, or a server that stays open
	exitUsage     = 2   // the caller can fix the call
	exitTree      = 3   // the tree can't be handled; nothing was changed
	exitInterrupt = 130 // Ctrl-C
)

// An exitError is an error that knows its exit code. One without a cause says
// nothing on stderr: everything was said before.
type exitError struct {
	code  int
	cause error
}

func (e *exitError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.cause.Error()
}

func (e *exitError) Unwrap() error { return e.cause }

func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

func treef(format string, args ...any) error {
	return &exitError{exitTree, fmt.Errorf(format, args...)}
}

// silent ends the program with a code after everything was said.
func silent(code int) error { return &exitError{code: code} }

// exitCode maps an error to its code. What nobody classified is a tree that
// can't be handled, never success.
func exitCode(err error) int {
	var ee *exitError
	var missing *wizard.MissingError
	var flag *wizard.FlagError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, wizard.ErrAborted), errors.Is(err, context.Canceled):
		return exitInterrupt
	case errors.As(err, &ee):
		return ee.code
	case errors.As(err, &missing), errors.As(err, &flag), errors.Is(err, wizard.ErrNoMoreInput):
		return exitUsage
	}
	return exitTree
}

// message returns what stderr gets for an error, "" for nothing.
func message(err error) string {
	var ee *exitError
	if errors.As(err, &ee) && ee.cause == nil {
		return ""
	}
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return err.Error()
}
