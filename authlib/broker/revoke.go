package broker

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// maxGrantsPerUser bounds what one user's index holds; the oldest sign-in ends
// when one more is made.
const maxGrantsPerUser = 100

// serveRevoke is RFC 7009: revoking either token ends its family. An unknown
// token is no error, so that nobody learns which exist.
func (b *Broker) serveRevoke(w http.ResponseWriter, r *http.Request) {
	if err := b.revoke(w, r); err != nil {
		b.countFailure(r, err)
		b.writeError(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
}

func (b *Broker) revoke(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := b.mayFail(r, form); err != nil {
		return err
	}
	c, err := b.authenticateClient(r.Context(), r, form)
	if err != nil {
		return err
	}
	if form.Get("token") == "" {
		return missing("token")
	}
	id, err := b.grantOf(r.Context(), form.Get("token"))
	if err != nil {
		return err
	}
	if id == "" {
		_ = b.limits.pass(doorFail, r) // it is the next one that is refused
		return nil
	}
	g, _, err := load[grant](r.Context(), b.store, kindGrant, id)
	if errors.Is(err, session.ErrNotFound) {
		return nil
	}
	if err != nil || g.ClientID != c.ID { // another client's token: nothing happens
		return err
	}
	b.cfg.Logger.InfoContext(r.Context(), auditRevoked, "client", c.ID, "issuer", g.SignIn.Identity.Issuer, "subject", g.SignIn.Identity.Subject, "reason", "the client asked")
	return b.dropGrant(r.Context(), id)
}

// grantOf returns the family of a token of either kind, or "".
func (b *Broker) grantOf(ctx context.Context, token string) (string, error) {
	if p := b.parseRefreshToken(token); p != nil {
		return p.grantID(), nil
	}
	if !strings.HasPrefix(token, accessPrefix) || len(token) > maxToken {
		return "", nil
	}
	a, _, err := load[access](ctx, b.store, kindAccess, hashKey(token))
	if errors.Is(err, session.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return a.Grant, nil
}

// Revoke signs a user out everywhere: all tokens of all clients that the user
// (issuer, subject) signed in with, and codes that are on their way. It removes the user's [Broker.UserData] as well. In other processes they may pass for
// [Config].CacheFor longer. An unknown user is no error.
func (b *Broker) Revoke(ctx context.Context, issuer, subject string) error {
	return b.revokeUser(ctx, issuer, subject, "sign-out")
}

func (b *Broker) revokeUser(ctx context.Context, issuer, subject, reason string) error {
	key, now := userKey(issuer, subject), b.now()
	if err := b.noteSince(ctx, issuer, subject, func(s *since) { s.SignedOut = now }); err != nil {
		return err
	}
	ids, _, err := load[[]string](ctx, b.store, kindUser, key)
	if errors.Is(err, session.ErrNotFound) {
		return b.userData.Forget(ctx, issuer, subject)
	}
	if err != nil {
		return err
	}
	if err := b.dropGrants(ctx, *ids); err != nil {
		return err
	}
	// After the grants, so that nobody who has one writes it anew.
	if err := b.userData.Forget(ctx, issuer, subject); err != nil {
		return err
	}
	// Gone last, so that what failed halfway can be repeated; a sign-in that is
	// just being finished misses it, and gives up.
	last, err := b.store.Take(ctx, kindUser, key)
	if err == nil {
		if ids, err = decode[[]string](last); err == nil {
			err = b.dropGrants(ctx, *ids)
		}
	}
	if err != nil && !errors.Is(err, session.ErrNotFound) {
		return err
	}
	b.cfg.Logger.InfoContext(ctx, auditRevoked, "issuer", issuer, "subject", subject, "reason", reason, "grants", len(*ids))
	return nil
}

func (b *Broker) dropGrants(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if err := b.dropGrant(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func userKey(issuer, subject string) string { return hashKey(hashKey(issuer) + hashKey(subject)) }

// stillIndexed reports whether nobody signed the user out since indexGrant.
func (b *Broker) stillIndexed(ctx context.Context, g *grant) (bool, error) {
	ids, _, err := load[[]string](ctx, b.store, kindUser, userKey(g.SignIn.Identity.Issuer, g.SignIn.Identity.Subject))
	if errors.Is(err, session.ErrNotFound) {
		return false, nil
	}
	return err == nil && slices.Contains(*ids, g.ID), err
}

// indexGrant notes a grant under its user before the grant exists, and
// stillIndexed looks after it does, so that Revoke misses none.
func (b *Broker) indexGrant(ctx context.Context, g *grant) error {
	key := userKey(g.SignIn.Identity.Issuer, g.SignIn.Identity.Subject)
	for range 20 {
		ids, version, err := load[[]string](ctx, b.store, kindUser, key)
		if errors.Is(err, session.ErrCorrupt) && !errors.Is(err, session.ErrUnknownKey) {
			err = b.dropIndex(ctx, g, key)
		}
		if errors.Is(err, session.ErrNotFound) {
			ids, err = &[]string{}, nil
		}
		if err != nil {
			return err
		}
		all := append(slices.Clone(*ids), g.ID)
		if len(all) > maxGrantsPerUser {
			if all, err = b.withoutEnded(ctx, all); err != nil {
				return err
			}
		}
		drop := all[:max(0, len(all)-maxGrantsPerUser)]
		// For as long as any family in it may live.
		err = save(ctx, b.store, kindUser, key, all[len(drop):], b.now().Add(b.cfg.FamilyTTL), version)
		if errors.Is(err, session.ErrConflict) {
			continue
		}
		for _, id := range drop {
			err = errors.Join(err, b.dropGrant(ctx, id))
		}
		return err
	}
	return errors.New("broker: too many sign-ins of one user at once")
}

// withoutEnded leaves out families that have ended, so that short ones do not push out
// one that lives. The last few may be about to be stored, and stay.
func (b *Broker) withoutEnded(ctx context.Context, ids []string) ([]string, error) {
	const making = 16
	old := max(0, len(ids)-making)
	var out []string
	for _, id := range ids[:old] {
		_, _, err := load[grant](ctx, b.store, kindGrant, id)
		switch {
		case errors.Is(err, session.ErrNotFound):
			continue
		case err != nil && !errors.Is(err, session.ErrCorrupt): // which another process may be able to read
			return nil, err
		}
		out = append(out, id)
	}
	return append(out, ids[old:]...), nil
}

// dropIndex removes a user's index that is damaged, or the user could never sign in
// again. Families that were in it end when they are refreshed, since they are not
// in the new one. It returns session.ErrNotFound when it is gone.
func (b *Broker) dropIndex(ctx context.Context, g *grant, key string) error {
	b.cfg.Logger.ErrorContext(ctx, auditIndexDamaged, "issuer", g.SignIn.Identity.Issuer, "subject", g.SignIn.Identity.Subject)
	if err := b.store.Delete(ctx, kindUser, key); err != nil {
		return err
	}
	return session.ErrNotFound
}
