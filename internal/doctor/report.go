package doctor

import (
	"fmt"
	"strings"
	"unicode"
)

// An Outcome says what became of one step.
type Outcome string

// The outcomes.
const (
	OK       Outcome = "ok"
	Wrong    Outcome = "wrong"     // it keeps somebody from working, or somebody out of what is theirs
	Warning  Outcome = "warning"   // it works, and somebody should know
	NotTried Outcome = "not-tried" // Found says why
)

// A Step is one thing that was looked at. Strings that come from outside are shortened
// and quoted.
type Step struct {
	Name    string  `json:"name"`
	Outcome Outcome `json:"outcome"`
	Found   string  `json:"found"`          // what was seen, or why it was not tried
	Cure    string  `json:"cure,omitempty"` // how to mend it; with Wrong always
}

// A Report is what one command found. Fields are only ever added.
type Report struct {
	Version int    `json:"version"` // 1
	Command string `json:"command"` // url, sessions, token
	Target  string `json:"target"`  // what was looked at
	Steps   []Step `json:"steps"`
	// Sessions is there for command sessions, where the store could be read.
	Sessions *SessionList `json:"sessions,omitempty"`
	OK       bool         `json:"ok"` // no step is wrong; what was not tried proves nothing
	// Unreachable says that what was to be looked at could not be: something is missing
	// in the call or its environment, or nobody answers.
	Unreachable bool `json:"unreachable,omitempty"`

	grants int // sign-ins that lie in the folder, of whatever resource
}

// New returns an empty report.
func New(command, target string) *Report {
	return &Report{Version: 1, Command: command, Target: target, OK: true}
}

// Good adds a step that went as it must.
func (r *Report) Good(name, format string, args ...any) {
	r.add(Step{name, OK, fmt.Sprintf(format, args...), ""})
}

// Bad adds a step that is wrong, with what mends it.
func (r *Report) Bad(name, found, cure string) { r.add(Step{name, Wrong, found, cure}) }

// Warn adds a step that somebody should know of.
func (r *Report) Warn(name, found, cure string) { r.add(Step{name, Warning, found, cure}) }

// Skip adds steps that were not tried.
func (r *Report) Skip(why string, names ...string) {
	for _, name := range names {
		r.add(Step{name, NotTried, why, ""})
	}
}

// Stop adds a step without which nothing else can be looked at.
func (r *Report) Stop(name, found, cure string) *Report {
	r.Bad(name, found, cure)
	r.Unreachable = true
	return r
}

func (r *Report) add(s Step) {
	s.Found, s.Cure = oneLine(s.Found), oneLine(s.Cure)
	r.Steps = append(r.Steps, s)
	if s.Outcome == Wrong {
		r.OK = false
	}
}

// oneLine keeps what came from outside from forging lines or colours.
func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
			return ' '
		}
		return c
	}, s)
}

// Quote makes a string from outside fit for a report: quoted, at most 200 bytes.
func Quote(s string) string {
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
