package authtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// A Target is a guarded server to attack, and what is known of it. Caller and Tool
// are required; each further field lets more be tried.
type Target struct {
	// Caller is a user who has signed in, or has a token.
	Caller *Client
	// Tool is one that Caller may call and strangers may not, best one that does
	// nothing.
	Tool string
	// Args are Tool's arguments; nil is none.
	Args map[string]any
	// Denied is a tool that Caller may not call.
	Denied string
	// Other is another user. With one, sessions are taken for somebody else's.
	Other *Client
	// Issuer signs the tokens that the server takes, for Audience. With one, tokens
	// are tried that are right but for one thing.
	Issuer   *Issuer
	Audience string
	// Endpoint is where messages go, if that is not Caller's URL: the address that a
	// stream of HTTP+SSE began with.
	Endpoint string
	// MaxBody is how many bytes of a body the server takes; 0 is 4 MiB.
	MaxBody int
	// Patience is how long a body that does not end may keep a connection; a guard
	// gives up after 30 seconds. 0 does not try it, since it takes as long.
	Patience time.Duration
	// Ran returns how often Tool and Denied have run. With it, a request that is
	// answered as it should be but ran a tool is found too.
	Ran func() int
}

// A Verdict is what became of a hostile request.
type Verdict string

// Verdicts. Only Refused is good, and NotTried says nothing.
const (
	Refused    Verdict = "refused"
	LetThrough Verdict = "LET THROUGH" // the server, or what it serves, took it
	Unclear    Verdict = "UNCLEAR"     // an answer that is neither
	NotTried   Verdict = "not tried"
)

// An Outcome is what happened to one hostile request.
type Outcome struct {
	Name    string  // of the [Attempt]
	Verdict Verdict // what became of it
	Status  int     // of the answer; 0 without one
	Detail  string  // why, in a sentence
}

// String is the outcome in one line.
func (o Outcome) String() string {
	return fmt.Sprintf("%s: %s (%d): %s", o.Verdict, o.Name, o.Status, o.Detail)
}

// Attack sends every request of [Hostile] to the target, and fails the test for each
// that is let through or answered as no refusal is. What is not tried for want of
// something in target is logged with the reason. Before and after, a request of which
// nothing is wrong has to succeed: where nothing works, a refusal shows nothing. It
// refuses to attack a server that is not on this machine.
func Attack(t testing.TB, target Target) []Outcome {
	t.Helper()
	a := newAttacker(t, target)
	a.control("before")
	tries := Hostile()
	outcomes := a.tryAll(tries)
	for i, o := range outcomes {
		switch o.Verdict {
		case LetThrough, Unclear:
			t.Errorf("authtest: %s; %s", o, tries[i].Why)
		case NotTried:
			t.Logf("authtest: %s", o)
		}
	}
	a.control("after")
	return outcomes
}

// tryAll makes one attempt after the other, and then those together that take their
// time.
func (a *attacker) tryAll(tries []Attempt) []Outcome {
	outcomes := make([]Outcome, len(tries))
	var slow sync.WaitGroup
	for i, try := range tries {
		if !try.slow {
			outcomes[i] = a.try(try)
		}
	}
	for i, try := range tries {
		if try.slow {
			slow.Add(1)
			go func() {
				defer slow.Done()
				outcomes[i] = a.try(try)
			}()
		}
	}
	slow.Wait()
	return outcomes
}

// An attacker knows a target.
type attacker struct {
	Target
	t        testing.TB
	endpoint string
	session  string // Caller's
	other    string // Other's
	forged   *Issuer
}

func newAttacker(t testing.TB, target Target) *attacker {
	t.Helper()
	a := &attacker{Target: target, t: t}
	switch {
	case target.Caller == nil || target.Caller.Token() == "" || target.Tool == "":
		t.Fatalf("authtest: a Target needs a Caller with a token and a Tool that is theirs to call")
	case !loopback(target.Caller.url.Hostname()):
		t.Fatalf("authtest: %s is not on this machine; start the server here to attack it", target.Caller.url.Hostname())
	}
	if a.MaxBody == 0 {
		a.MaxBody = 4 << 20
	}
	ctx, cancel := timeout()
	defer cancel()
	if a.endpoint = target.Endpoint; a.endpoint == "" {
		a.endpoint = target.Caller.url.String()
		a.session, a.other = a.open(ctx, target.Caller), a.open(ctx, target.Other)
	}
	a.forged = a.forger()
	return a
}

// open begins a session of a user's, if there is one and the server has such.
func (a *attacker) open(ctx context.Context, c *Client) string {
	if c == nil {
		return ""
	}
	if err := c.initialize(ctx); err != nil {
		a.t.Fatalf("authtest: initialize: %v", err)
	}
	return c.session
}

// forger is an issuer that says it is the target's, and has other keys.
func (a *attacker) forger() *Issuer {
	issuer := "https://id.example.com"
	if a.Issuer != nil {
		issuer = a.Issuer.URL
	} else if app := a.Caller.app; app != nil {
		issuer = app.server.Issuer
	}
	return NewIssuerAs(a.t, issuer)
}

// control makes sure that the target serves what it should.
func (a *attacker) control(when string) {
	a.t.Helper()
	before := a.ran()
	ctx, cancel := timeout()
	defer cancel()
	r := a.request(ctx)
	res, body, err := a.Caller.send(r)
	if err != nil || res.StatusCode/100 != 2 || isRPCError(body) {
		a.t.Fatalf("authtest: %s the attack a request of which nothing is wrong fails, so that refusals would show nothing: %v %s", when, err, describe(res, body))
	}
	for a.Ran != nil && a.ran() == before {
		if ctx.Err() != nil {
			a.t.Fatalf("authtest: %s the attack %s was called and did not run", when, a.Tool)
		}
		time.Sleep(time.Millisecond)
	}
}

func (a *attacker) ran() int {
	if a.Ran == nil {
		return 0
	}
	return a.Ran()
}

// try makes one attempt.
func (a *attacker) try(try Attempt) Outcome {
	if try.needs != nil {
		if why := try.needs(a); why != "" {
			return Outcome{try.Name, NotTried, 0, why}
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second+a.Patience)
	defer cancel()
	r := a.request(ctx)
	try.change(a, r)
	before := a.ran()
	res, body, err := a.Caller.send(r)
	o := try.judge(res, body, err)
	if a.ran() != before {
		o.Verdict, o.Detail = LetThrough, "a tool ran; "+o.Detail
	}
	return o
}

// judge says what an answer means.
func (try Attempt) judge(res *http.Response, body []byte, err error) Outcome {
	o := Outcome{Name: try.Name, Detail: describe(res, body)}
	switch {
	case res == nil && try.closes && !errors.Is(err, context.DeadlineExceeded):
		o.Verdict, o.Detail = Refused, "the connection was closed"
		return o
	case res == nil:
		o.Verdict, o.Detail = Unclear, fmt.Sprintf("no answer: %v", err)
		return o
	}
	o.Status = res.StatusCode
	_, noChallenge := bearer(res.Header)
	switch {
	case o.Status == http.StatusUnauthorized && slices.Contains(try.Want, o.Status) && noChallenge != nil:
		o.Verdict, o.Detail = Unclear, "refused without a challenge, so that no client can sign in"
	case slices.Contains(try.Want, o.Status):
		o.Verdict = Refused
	case o.Status/100 == 2 && try.rpcError && isRPCError(body):
		o.Verdict = Refused
	case o.Status/100 == 2:
		o.Verdict = LetThrough
	default:
		o.Verdict, o.Detail = Unclear, fmt.Sprintf("want one of %v; %s", try.Want, o.Detail)
	}
	return o
}

func describe(res *http.Response, body []byte) string {
	if res == nil {
		return "no answer"
	}
	return fmt.Sprintf("answered %d: %s", res.StatusCode, excerpt(body))
}
