package doctor

import (
	"bytes"
	"fmt"
	"text/tabwriter"
	"time"
)

var marks = map[Outcome]string{OK: "ok", Wrong: "WRONG", Warning: "warning", NotTried: "not tried"}

// Text is the report for a person, without colours. now is what ages are counted from.
func (r *Report) Text(now time.Time) []byte {
	var out bytes.Buffer
	fmt.Fprintln(&out, oneLine(r.Target))
	count := map[Outcome]int{}
	for _, s := range r.Steps {
		count[s.Outcome]++
		fmt.Fprintf(&out, "  %-9s  %s: %s\n", marks[s.Outcome], s.Name, s.Found)
		if s.Cure != "" {
			fmt.Fprintf(&out, "             → %s\n", s.Cure)
		}
	}
	fmt.Fprintf(&out, "%d ok, %d wrong, %d with a warning, %d not tried\n", count[OK], count[Wrong], count[Warning], count[NotTried])
	if r.Sessions != nil {
		r.Sessions.text(&out, now)
	}
	return out.Bytes()
}

func (l *SessionList) text(out *bytes.Buffer, now time.Time) {
	fmt.Fprintf(out, "\n%d signed in", l.Live)
	if len(l.Listed) < l.Live {
		fmt.Fprintf(out, ", of which the last %d follow", len(l.Listed))
	}
	fmt.Fprintf(out, "; %d ended and not swept yet\n", l.Ended)
	if len(l.Listed) == 0 {
		return
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  HANDLE\tPROVIDER\tAGE\tLAST USED\tENDS IN\tREFRESHABLE\tPROVIDER'S TOKEN")
	for _, s := range l.Listed {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s ago\t%s\t%s\t%s\n", s.Handle, s.by(), short(now.Sub(s.Began)),
			short(now.Sub(s.Used)), short(s.Ends.Sub(now)), yesNo(s.Refreshable), s.upstream(now))
	}
	_ = w.Flush() // a buffer takes everything
}

// by is who the user signed in at.
func (s Session) by() string {
	if s.Machine {
		return "(machine)"
	}
	return oneLine(s.Provider)
}

// upstream says what is known of the provider's token that is kept with a session.
func (s Session) upstream(now time.Time) string {
	switch {
	case s.Machine:
		return "none"
	case s.ProviderExpires == nil:
		return "has no end"
	case s.ProviderRefreshable:
		return "renews itself"
	case now.Before(*s.ProviderExpires):
		return "ends in " + short(s.ProviderExpires.Sub(now)) + ", cannot be renewed"
	}
	return "ended, cannot be renewed"
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// short is a duration in its largest unit.
func short(d time.Duration) string {
	switch {
	case d < 0:
		return "0s"
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}
