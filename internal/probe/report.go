package probe

import (
	"fmt"
	"io"
)

// An Outcome says what became of one check.
type Outcome string

// The outcomes.
const (
	Refused  Outcome = "refused"   // the server refused, exactly as it should
	Allowed  Outcome = "allowed"   // the server served, as it should
	Failed   Outcome = "failed"    // anything else: Reason says what is wrong
	NotTried Outcome = "not-tried" // the request was not made: Reason says why
)

// A Check is one request and what was proven by it. Strings that come from the
// server are shortened and quoted.
type Check struct {
	Name     string  `json:"name"`     // who did what: "stranger: tools/list"
	Request  string  `json:"request"`  // "POST tools/list, no token"
	Expected string  `json:"expected"` // what the server must answer
	Got      string  `json:"got"`      // what it answered; "" when not tried
	Outcome  Outcome `json:"outcome"`
	Reason   string  `json:"reason"` // what was proven, what is wrong, or why it was not tried
}

// A Report is what VerifyURL found. Fields are only ever added.
type Report struct {
	Version int     `json:"version"` // 1
	URL     string  `json:"url"`
	Checks  []Check `json:"checks"`
	OK      bool    `json:"ok"` // no check failed; NotTried ones prove nothing and don't count against it
}

// marks are the first column of the text form.
var marks = map[Outcome]string{Refused: "refused", Allowed: "allowed", Failed: "FAILED", NotTried: "not tried"}

// Text writes the report for a person. It ends with a line that claims no more
// than what was tried.
func (r *Report) Text(w io.Writer) error {
	p := printer{w: w}
	p.line("%s", quote(r.URL))
	for _, c := range r.Checks {
		p.line("  %-9s  %s", marks[c.Outcome], c.Name)
		if c.Outcome == Failed {
			p.line("             expected: %s", c.Expected)
			p.line("             got:      %s", c.Got)
		}
		if c.Outcome == Failed || c.Outcome == NotTried {
			p.line("             %s", c.Reason)
		}
	}
	n := r.count()
	p.line("%d refused as they must be, %d served as they must be, %d failed, %d not tried",
		n[Refused], n[Allowed], n[Failed], n[NotTried])
	return p.err
}

func (r *Report) count() map[Outcome]int {
	n := map[Outcome]int{}
	for _, c := range r.Checks {
		n[c.Outcome]++
	}
	return n
}

// add appends a check and returns whether it went as it must.
func (r *Report) add(c Check) bool {
	r.Checks = append(r.Checks, c)
	return c.Outcome != Failed
}

// A printer keeps the first error of many writes.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
