package broker

import (
	"context"
	"errors"
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/userdata"
)

// UserData is what the program keeps of each user, in the broker's store and sealed
// with its keys: it survives refreshes and further sign-ins, and ends when the user is
// signed out everywhere, by [Broker.Revoke] or on the sign-out page, or 180 days after
// it was last used. See [userdata.In].
func (b *Broker) UserData() *userdata.Store { return b.userData }

// stillSignedIn says whether the caller's sign-in, if it is one of ours, is still there.
func (b *Broker) stillSignedIn(ctx context.Context, p *authlib.Principal) error {
	id, _ := p.Claims[claimSession].(string)
	if !isGrantID(id) {
		return nil // came in by something else, such as an API key
	}
	g, _, err := load[grant](ctx, b.store, kindGrant, id)
	switch {
	case errors.Is(err, session.ErrNotFound):
		return fmt.Errorf("%w: it was revoked", authlib.ErrInvalidToken)
	case err != nil:
		return err
	case g.SignIn.Identity.Issuer != p.Issuer || g.SignIn.Identity.Subject != p.Subject:
		return authlib.ErrForbidden
	}
	return nil
}
