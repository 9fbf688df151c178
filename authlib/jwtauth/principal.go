package jwtauth

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/internal/issuer"
)

// principal makes a caller of claims whose issuer, audience and times were
// checked.
func principal(c issuer.Claims, iss, rolesClaim string, ends time.Time) (*authlib.Principal, error) {
	sub := c.String("sub")
	switch {
	case sub == "":
		return nil, fmt.Errorf("%w: it names nobody (sub)", issuer.ErrInvalid)
	case c["cnf"] != nil:
		// RFC 8705 §3, RFC 9449 §7: without its key such a token is stolen goods.
		return nil, fmt.Errorf("%w: it is bound to a key, which a bearer does not show", issuer.ErrInvalid)
	}
	if rolesClaim == "" {
		rolesClaim = "roles"
	}
	return &authlib.Principal{
		Issuer: iss, Subject: sub, ClientID: clientID(c), Username: username(c),
		Scopes: c.Scopes(), Roles: c.At(rolesClaim), Expiry: ends, Claims: maps.Clone(c),
	}, nil
}

// clientID is client_id (RFC 9068 §2.2), or what older issuers say instead.
func clientID(c issuer.Claims) string {
	for _, name := range []string{"client_id", "azp", "cid", "appid"} {
		if s := c.String(name); s != "" {
			return s
		}
	}
	return ""
}

// username is for display only.
func username(c issuer.Claims) string {
	for _, name := range []string{"preferred_username", "username", "email", "name"} {
		if s := c.String(name); s != "" {
			return s
		}
	}
	return ""
}

// mapError says in authlib's words what is wrong with a token, and leaves
// outages as they are.
func mapError(err error) error {
	switch {
	case errors.Is(err, issuer.ErrExpired):
		return authlib.ErrTokenExpired
	case errors.Is(err, issuer.ErrAudience):
		return authlib.ErrWrongAudience
	case errors.Is(err, issuer.ErrInvalid):
		return fmt.Errorf("%w: %s", authlib.ErrInvalidToken, err)
	}
	return fmt.Errorf("jwtauth: %w", err)
}
