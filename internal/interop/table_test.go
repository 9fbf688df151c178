package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/probe/peers"
)

// Whatever is not as it is known to be is a surprise: also what a client can do
// since yesterday.
func TestSurprises(t *testing.T) {
	inspector := clients[len(clients)-1]
	known := []peers.Outcome{
		{Step: peers.SignIn}, {Step: peers.Refresh},
		{Step: peers.StepUp, Cannot: inspector.cannot[peers.StepUp]}, {Step: peers.Revoke, Cannot: inspector.cannot[peers.Revoke]},
	}
	if got := (row{client: inspector, outcomes: known}).surprises(); got != nil {
		t.Errorf("what is known: %q", got)
	}
	for want, change := range map[string]func([]peers.Outcome) []peers.Outcome{
		"sign-in: it broke":            func(o []peers.Outcome) []peers.Outcome { o[0].Err = errors.New("it broke"); return o },
		"step-up: it can now":          func(o []peers.Outcome) []peers.Outcome { o[2].Cannot = ""; return o },
		`refresh: it can't: "no", `:    func(o []peers.Outcome) []peers.Outcome { o[1].Cannot = "no"; return o },
		`revoke: it can't: "another",`: func(o []peers.Outcome) []peers.Outcome { o[3].Cannot = "another"; return o },
		"revoke: did not happen":       func(o []peers.Outcome) []peers.Outcome { return o[:3] },
	} {
		got := (row{client: inspector, outcomes: change(append([]peers.Outcome(nil), known...))}).surprises()
		if len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTable(t *testing.T) {
	r := row{house: "a server", client: clients[3], outcomes: []peers.Outcome{
		{Step: peers.SignIn}, {Step: peers.Refresh, Err: errors.New("x")}, {Step: peers.StepUp, Cannot: "why"},
	}}
	got := strings.Join(strings.Fields(table([]row{r})), " ")
	if !strings.HasPrefix(got, "a server sign-in refresh step-up revoke sign-out TypeScript SDK 2 ok FAILED can't MISSING - ") {
		t.Error(got)
	}
}
