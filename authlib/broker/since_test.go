package broker

import (
	"context"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// A code that was on its way when its user was signed out everywhere gives nothing,
// also where the user had no sign-in yet; who signs in after that stays.
func TestCodeOnItsWayEndsWithTheUser(t *testing.T) {
	for name, before := range map[string]bool{"the first sign-in": false, "a further one": true} {
		t.Run(name, func(t *testing.T) {
			be := newBench(t, nil)
			if before {
				be.signIn()
			}
			f := be.newFlow(be.register("")["client_id"].(string))
			form := f.exchange(be.code(f))
			be.advance(time.Second)
			if err := be.b.Revoke(context.Background(), be.srv.URL+"/oauth/dev", "alice"); err != nil {
				t.Fatal(err)
			}
			be.advance(time.Second)
			be.refused(form, "invalid_grant")
			be.wantValid(be.signIn().access)
			if n := be.count(kindGrant); n != 1 {
				t.Errorf("%d grants are left, want that of the last sign-in", n)
			}
		})
	}
}

// Recheck holds for a code that was on its way: its first call asks again.
func TestRecheckHoldsForACodeOnItsWay(t *testing.T) {
	be, d, _ := withDirectory(t, nil)
	p := be.wantValid(be.signIn().access)
	f := be.newFlow(be.register("")["client_id"].(string))
	form := f.exchange(be.code(f))
	be.advance(time.Second)
	d.set(nil, "reader")
	if err := be.b.Recheck(context.Background(), p.Issuer, p.Subject); err != nil {
		t.Fatal(err)
	}
	be.advance(time.Second)
	be.wantRoles(be.tokens(form), "reader")
}

// Of another user nothing is said.
func TestSignOutIsOneUsersOwn(t *testing.T) {
	be := newBench(t, nil)
	f := be.newFlow(be.register("")["client_id"].(string))
	form := f.exchange(be.code(f))
	be.advance(time.Second)
	for _, who := range []authlib.Principal{{Issuer: be.srv.URL + "/oauth/dev", Subject: "bob"}, {Issuer: "https://other.test", Subject: "alice"}} {
		if err := be.b.Revoke(context.Background(), who.Issuer, who.Subject); err != nil {
			t.Fatal(err)
		}
	}
	be.wantValid(be.tokens(form).access)
}
