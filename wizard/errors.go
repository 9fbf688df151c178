package wizard

import (
	"errors"
	"fmt"
	"strings"
)

// A FlagError says what is wrong with an answer and what to do about it. It
// names the flag also where the value came from the answers file or a page,
// since the flag is what mends it.
type FlagError struct {
	Flag  string // without the dashes
	Value string // "" when the flag is missing
	What  string // what is wrong, a sentence fragment that follows the value
	Cure  string
}

func (e *FlagError) Error() string {
	s := "--" + e.Flag
	if e.Value != "" {
		s += " " + Printable(e.Value)
	}
	return s + ": " + e.What + "; " + e.Cure
}

func flagError(flag, value, what, cure string) error {
	return &FlagError{Flag: flag, Value: value, What: what, Cure: cure}
}

// Printable returns s as one line without control characters, quoted where it
// has to be. Values reach terminals and logs of other people's CI.
func Printable(s string) string {
	if q := fmt.Sprintf("%q", s); q[1:len(q)-1] != s || strings.ContainsAny(s, " \t") {
		return q
	}
	return s
}

// A MissingError names every question that has no answer and that nobody could
// be asked.
type MissingError struct {
	Questions []Question
	Why       string // why nobody was asked, such as "there is no terminal to ask on"
}

func (e *MissingError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "answers are missing (%s):", e.Why)
	for _, q := range e.Questions {
		fmt.Fprintf(&b, "\n  --%-14s %s", q.Flag, q.hint())
	}
	return b.String()
}

// ErrAborted is returned by an [Asker] when the user ended the questions with
// Ctrl-C. Nothing was written.
var ErrAborted = errors.New("aborted by the user, nothing was written")

// ErrNoMoreInput is returned by an [Asker] when input ended before the last answer.
var ErrNoMoreInput = errors.New("input ended before the last answer, nothing was written")
