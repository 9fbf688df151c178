package peers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

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
