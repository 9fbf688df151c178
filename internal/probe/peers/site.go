package peers

import (
	"context"
	"time"
)

// A Site is a guarded server, and what clients find there.
type Site struct {
	URL     string            // the MCP endpoint; tokens last longer than a test
	Short   string            // the same server with tokens that last for Life
	Life    time.Duration     // more than a second
	Answers map[string]string // what a user types to sign in
	Read    string            // a tool that the scopes of the first challenge are enough for
	Write   string            // one that needs Scopes
	Args    map[string]any    // of Write
	Scopes  []string
}

// The steps that every client is taken through, in this order.
const (
	SignIn  = "sign-in"  // discovery from the challenge, registration, PKCE, a call
	Refresh = "refresh"  // a call after the access token's end, without the user
	StepUp  = "step-up"  // a call that needs more scopes than the user granted
	Revoke  = "revoke"   // RFC 7009; then calls are refused until the user signs in again
	SignOut = "sign-out" // the same by the user, on the sign-out page
)

// Steps are their names.
func Steps() []string { return []string{SignIn, Refresh, StepUp, Revoke, SignOut} }

// An Outcome is what became of a step. With Cannot, the client has no way to do it
// by itself, and did what Cannot says. Err is anything else than that or success.
type Outcome struct {
	Step, Cannot string
	Err          error
}

// A Maker makes a client.
type Maker func(Options) (Peer, error)

// Run takes a client through all steps. After an error it goes on with the next
// one, with a new client.
func (s Site) Run(ctx context.Context, make Maker) []Outcome {
	out := []Outcome{
		s.outcome(ctx, SignIn, make, s.URL, s.signIn),
		s.outcome(ctx, Refresh, make, s.Short, s.refresh),
		s.outcome(ctx, StepUp, make, s.URL, s.stepUp),
		s.outcome(ctx, Revoke, make, s.URL, s.revoke),
		s.outcome(ctx, SignOut, make, s.URL, s.signOut),
	}
	return out
}

// outcome takes a client that asks for no more than the first challenge through
// one step.
func (s Site) outcome(ctx context.Context, name string, make Maker, url string, step func(context.Context, Peer) (string, error)) Outcome {
	p, err := make(Options{URL: url, Answers: s.Answers, Scopes: s.Scopes[:1]})
	if err != nil {
		return Outcome{Step: name, Err: err}
	}
	defer p.Close()
	cannot, err := step(ctx, p)
	return Outcome{name, cannot, err}
}
