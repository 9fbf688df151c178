package jwtauth

import (
	"context"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// observe runs a verification and tells o of it, if there is one.
func observe(ctx context.Context, kind string, o authlib.Observer, now func() time.Time, verify func() (*authlib.Principal, bool, error)) (*authlib.Principal, error) {
	if o == nil {
		p, _, err := verify()
		return p, err
	}
	begun := now()
	p, cached, err := verify()
	authlib.Verification(kind, err, cached, now().Sub(begun)).Tell(ctx, o, nil)
	return p, err
}
