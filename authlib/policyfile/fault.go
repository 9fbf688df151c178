package policyfile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// An Error is one fault of a policy file. Its text is "FILE:LINE:COLUMN: what is
// wrong; what to do". It quotes keys and names, shortened, and no other values.
type Error struct {
	File    string // as it was named to Load or Parse
	Line    int    // from 1; 0 where the fault has no place
	Column  int    // from 1, in characters; 0 where it is not known
	Problem string // what is wrong
	Cure    string // what to do about it
}

// Error gives the place, the problem and the cure in one line.
func (e *Error) Error() string {
	at := e.File
	if e.Line > 0 {
		at += ":" + strconv.Itoa(e.Line)
	}
	if e.Column > 0 {
		at += ":" + strconv.Itoa(e.Column)
	}
	return at + ": " + e.Problem + "; " + e.Cure
}

// maxFaults is how many faults are reported at a time.
const maxFaults = 20

// A decoder turns a tree into a policy and collects what is wrong with it.
type decoder struct {
	file   string
	faults []error
	wanted []word // permissions that rules demand
}

// A word is one name in a list, with its place.
type word struct {
	text string
	at   *node
}

func (d *decoder) fault(line, col int, problem, cure string) {
	if len(d.faults) < maxFaults {
		d.faults = append(d.faults, &Error{d.file, line, col, problem, cure})
	}
}

func (d *decoder) at(n *node, problem, cure string) { d.fault(n.line, n.col, problem, cure) }

// err returns the faults by their places.
func (d *decoder) err() error {
	slices.SortStableFunc(d.faults, func(a, b error) int {
		x, y := a.(*Error), b.(*Error)
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
	return errors.Join(d.faults...)
}

// quote makes a name safe to print, and short.
func quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
