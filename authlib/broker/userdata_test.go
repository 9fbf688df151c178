package broker

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/userdata"
)

type visits struct{ N int }

// visit counts one more visit and returns how many there were.
func visit(b *Broker, ctx context.Context) (n int, err error) {
	err = userdata.In[visits](b.UserData(), "visits").Update(ctx, func(v *visits) error { v.N++; n = v.N; return nil })
	return n, err
}

func (be *bench) wantVisit(b *Broker, ctx context.Context, want int) {
	be.Helper()
	if n, err := visit(b, ctx); n != want || err != nil {
		be.Errorf("visit %d, %v; want %d", n, err, want)
	}
}

// What a program keeps of a user is the same after a refresh, in another client,
// after signing in again when everything has ended, after a restart with another key
// in front, and in another process.
func TestUserDataSurvives(t *testing.T) {
	dir := t.TempDir()
	be := newBench(t, files(dir, 1))
	tok := be.signIn()
	be.wantVisit(be.b, be.as(tok), 1)
	tok = be.tokens(tok.refreshForm())
	be.wantVisit(be.b, be.as(tok), 2)
	be.wantVisit(be.b, be.as(be.signIn()), 3)
	res := be.post(pathRevoke, map[string][]string{"token": {tok.refresh}, "client_id": {tok.client}})
	res.Body.Close()
	be.wantInvalid(tok.access)
	be.advance(100 * 24 * time.Hour) // nothing of any sign-in is left
	again := be.signIn()
	be.wantVisit(be.b, be.as(again), 4)
	ctx := be.as(again)
	other := be.newBroker(files(dir, 2, 1))
	be.wantVisit(other, ctx, 5)
	be.b = be.newBroker(files(dir, 2, 1))
	be.wantVisit(be.b, ctx, 6)
}

// Signing a user out everywhere ends what is kept of them, also where no sign-in is
// left, and what a handler of theirs writes afterwards.
func TestUserDataEndsWithTheUser(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	ctx := be.as(tok)
	p, _ := authlib.FromContext(ctx)
	be.wantVisit(be.b, ctx, 1)
	if err := be.b.Revoke(ctx, p.Issuer, p.Subject); err != nil {
		t.Fatal(err)
	}
	if _, err := visit(be.b, ctx); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("a handler that goes on after the revocation: %v, want ErrInvalidToken", err)
	}
	ctx = be.as(be.signIn())
	be.wantVisit(be.b, ctx, 1)
	be.advance(100 * 24 * time.Hour)
	if err := be.b.Revoke(ctx, p.Issuer, p.Subject); err != nil {
		t.Fatal(err)
	}
	be.wantVisit(be.b, be.as(be.signIn()), 1)
}

// Callers that the broker did not sign in have data as well, and nobody else's.
func TestUserDataOfOtherCallers(t *testing.T) {
	be := newBench(t, nil)
	ctx := be.as(be.signIn())
	p, _ := authlib.FromContext(ctx)
	be.wantVisit(be.b, ctx, 1)
	key := authlib.NewContext(context.Background(), &authlib.Principal{Issuer: "urn:keys", Subject: p.Subject})
	be.wantVisit(be.b, key, 1)
	subject, issuer := p.Clone(), p.Clone() // with alice's sign-in
	subject.Subject, issuer.Issuer = "bob", "https://other.test"
	for _, forged := range []*authlib.Principal{subject, issuer} {
		if _, err := visit(be.b, authlib.NewContext(context.Background(), forged)); !errors.Is(err, authlib.ErrForbidden) {
			t.Errorf("%s: %v, want ErrForbidden", forged.ID(), err)
		}
	}
}

// A sign-in that ends alone, while its handler writes, takes nothing from the user's
// others: the user was not signed out everywhere.
func TestUserDataOutlivesOneSignIn(t *testing.T) {
	be := newBench(t, nil)
	one, other := be.signIn(), be.signIn()
	be.wantVisit(be.b, be.as(one), 1)
	err := userdata.In[visits](be.b.UserData(), "visits").Update(be.as(one), func(v *visits) error {
		res := be.post(pathRevoke, map[string][]string{"token": {one.refresh}, "client_id": {one.client}})
		v.N++
		return res.Body.Close()
	})
	if !errors.Is(err, authlib.ErrInvalidToken) && err != nil {
		t.Errorf("Update = %v", err)
	}
	be.wantVisit(be.b, be.as(other), 3)
}

// Somebody else's issuer names its sessions "sid" as well; those are not ours to end.
func TestUserDataOfACallerWithAForeignSession(t *testing.T) {
	be := newBench(t, nil)
	for _, sid := range []any{"1f6a3c88-3f0e-4c6f-9f8b-3b1d2c1a0e55", "0123456789", 7} {
		ctx := authlib.NewContext(context.Background(), &authlib.Principal{Issuer: "https://login.acme.test", Subject: "alice", Claims: map[string]any{claimSession: sid}})
		if _, err := visit(be.b, ctx); err != nil {
			t.Errorf("sid %v: %v", sid, err)
		}
	}
}
