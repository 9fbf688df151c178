package peers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
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

func (s Site) signIn(ctx context.Context, p Peer) (string, error) {
	if err := p.Connect(ctx); err != nil {
		return "", err
	}
	text, err := p.Call(ctx, s.Read, nil)
	if err == nil && (text == "" || p.SignIns() != 1) {
		err = fmt.Errorf("%d sign-ins, the tool answered %q", p.SignIns(), text)
	}
	return "", err
}

func (s Site) refresh(ctx context.Context, p Peer) (string, error) {
	if _, err := s.signIn(ctx, p); err != nil {
		return "", err
	}
	before, err := p.Tokens(ctx)
	if err != nil {
		return "", err
	}
	time.Sleep(s.Life + 100*time.Millisecond)
	if err := knows(ctx, s.Short, before.Access, false); err != nil {
		return "", err
	}
	if _, err := p.Call(ctx, s.Read, nil); err != nil {
		return "", err
	}
	after, err := p.Tokens(ctx)
	if err == nil && (after.Access == before.Access || p.SignIns() != 1) {
		err = fmt.Errorf("no refresh: another token: %v, %d sign-ins", after.Access != before.Access, p.SignIns())
	}
	return "", err
}

func (s Site) stepUp(ctx context.Context, p Peer) (cannot string, err error) {
	if _, err := s.signIn(ctx, p); err != nil {
		return "", err
	}
	_, err = p.Call(ctx, s.Write, s.Args)
	if err != nil {
		if cannot, err = s.ask(ctx, p, err); err != nil {
			return "", err
		}
	}
	if p.SignIns() != 2 {
		err = fmt.Errorf("%d sign-ins, want 2", p.SignIns())
	}
	return cannot, err
}

// ask is the program's part where its client shows it a refusal and does no more.
func (s Site) ask(ctx context.Context, p Peer, refusal error) (cannot string, err error) {
	if !strings.Contains(refusal.Error(), "insufficient scope") {
		return "", refusal
	}
	if err := p.Ask(ctx, s.Scopes...); err != nil {
		return "", errors.Join(refusal, err)
	}
	_, err = p.Call(ctx, s.Write, s.Args)
	return `its program is told "insufficient scope", and signs in again for more`, err
}

func (s Site) revoke(ctx context.Context, p Peer) (string, error) {
	return "", s.ends(ctx, p, func(t Tokens) error { return revoke(ctx, s.URL, t) })
}

func (s Site) signOut(ctx context.Context, p Peer) (string, error) {
	return "", s.ends(ctx, p, func(Tokens) error { return p.SignOut(ctx) })
}

// ends makes sure that end takes the client's access away, that the server takes
// neither token any more, and that signing in again gives it back.
func (s Site) ends(ctx context.Context, p Peer, end func(Tokens) error) error {
	if _, err := s.signIn(ctx, p); err != nil {
		return err
	}
	t, err := p.Tokens(ctx)
	if err != nil {
		return err
	}
	if err := knows(ctx, s.URL, t.Access, true); err != nil {
		return err
	}
	if err := end(t); err != nil {
		return err
	}
	if err := errors.Join(knows(ctx, s.URL, t.Access, false), refreshRefused(ctx, s.URL, t)); err != nil {
		return err
	}
	if _, err := p.Call(ctx, s.Read, nil); err != nil {
		return fmt.Errorf("after another sign-in: %w", err)
	}
	if p.SignIns() != 2 {
		return fmt.Errorf("%d sign-ins, want 2: the client was let in with tokens that have ended", p.SignIns())
	}
	return nil
}

// knows makes sure that the server takes an access token, or refuses it by name.
func knows(ctx context.Context, url, token string, want bool) error {
	a, err := (&probe.Client{URL: url, Token: token}).Initialize(ctx)
	if err != nil {
		return err
	}
	refused := a.Status == http.StatusUnauthorized && strings.Contains(a.Header.Get("WWW-Authenticate"), `error="invalid_token"`)
	if (a.Result != nil) != want || refused == want {
		return fmt.Errorf("an access token that the server must know: %v; it answers %d, %q", want, a.Status, a.Header.Get("WWW-Authenticate"))
	}
	return nil
}

// revoke is RFC 7009, as a program does it that its user removes: none of the
// clients has it.
func revoke(ctx context.Context, resource string, t Tokens) error {
	status, body, err := postForm(ctx, resource, "/oauth/revoke", url.Values{"token": {t.Refresh}, "client_id": {t.ClientID}})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("revoke: %d %s", status, body)
	}
	return err
}

func refreshRefused(ctx context.Context, resource string, t Tokens) error {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.Refresh}, "client_id": {t.ClientID}}
	status, body, err := postForm(ctx, resource, "/oauth/token", form)
	if err == nil && (status != http.StatusBadRequest || !strings.Contains(body, `"invalid_grant"`)) {
		err = fmt.Errorf("a refresh token that has ended: %d %s", status, body)
	}
	return err
}
