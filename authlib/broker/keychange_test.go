package broker

import (
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
)

// Dex changes its keys while people sign in, and an issuer may drop the old key at
// once: whoever comes back with a code gets an ID token that is signed with a key
// that nobody has seen, and is let in all the same, and may refresh.
func TestTheIssuersKeysChangeWhileUsersSignIn(t *testing.T) {
	is := authtest.NewIssuer(t)
	be := newBench(t, withOIDC(t, is, "user:ada@example.com"))
	client := be.register("")["client_id"].(string)
	for range 5 {
		be.advance(time.Second)
		f := be.newFlow(client)
		code := be.code(f) // the ID token is issued here
		is.Rotate()
		tok := be.tokens(f.exchange(code))
		be.wantValid(tok.access)
		be.advance(2 * time.Hour)
		is.Rotate()
		be.wantValid(be.tokens(tok.refreshForm()).access)
		is.Rotate()
	}
	if n := is.Calls(authtest.IssuerKeys); n < 5 {
		t.Errorf("the keys were fetched %d times", n)
	}
	is.SetUser(map[string]any{"sub": "666", "email": "mallory@example.com", "email_verified": true})
	be.signInFails("access_denied")
}
