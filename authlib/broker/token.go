package broker

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// tokenAnswer is RFC 6749 §5.1.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
}

func (b *Broker) answer(accessToken string, ends time.Time, scopes []string, refreshToken string) *tokenAnswer {
	return &tokenAnswer{
		AccessToken: accessToken, TokenType: "Bearer", ExpiresIn: int64(ends.Sub(b.now()) / time.Second),
		RefreshToken: refreshToken, Scope: strings.Join(scopes, " "),
	}
}

func (b *Broker) serveToken(w http.ResponseWriter, r *http.Request) {
	begun := b.now()
	form, err := readForm(w, r)
	var a *tokenAnswer
	if err == nil {
		a, err = b.token(r, form)
	}
	b.tellToken(r.Context(), form.Get("grant_type"), err, b.now().Sub(begun))
	if err != nil {
		b.countFailure(r, err)
		b.writeError(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, a)
}

// countFailure counts a refusal; an outage is nobody's fault.
func (b *Broker) countFailure(r *http.Request, err error) {
	var e *oauthError
	if errors.As(err, &e) && e.Status != http.StatusTooManyRequests {
		_ = b.limits.pass(doorFail, r) // it is the next one that is refused
	}
}

// mayFail refuses those who sent too much that nobody was given. Who sends a code
// or refresh token that was made here is never refused for others' failures.
func (b *Broker) mayFail(r *http.Request, form url.Values) error {
	if b.isOwnCode(form.Get("code")) || b.parseRefreshToken(form.Get("refresh_token")) != nil || b.parseRefreshToken(form.Get("token")) != nil {
		return nil
	}
	return b.limits.open(doorFail, r)
}

func (b *Broker) token(r *http.Request, form url.Values) (*tokenAnswer, error) {
	if err := b.mayFail(r, form); err != nil {
		return nil, err
	}
	c, err := b.authenticateClient(r.Context(), r, form)
	if err != nil {
		return nil, err
	}
	if form.Has("resource") && !sameResource(form.Get("resource"), b.resource.String()) {
		return nil, badRequest("invalid_target", "this server issues tokens for one resource only, and it is another") // RFC 8707 §2
	}
	return b.grant(r.Context(), c, form)
}

// grant answers a client that has authenticated.
func (b *Broker) grant(ctx context.Context, c *client, form url.Values) (*tokenAnswer, error) {
	kind := form.Get("grant_type")
	switch {
	case kind == "":
		return nil, missing("grant_type")
	case !slices.Contains(b.grantTypes(), kind):
		return nil, badRequest("unsupported_grant_type", "grant_type must be one of "+strings.Join(b.grantTypes(), ", "))
	case kind == grantMachine:
		return b.machineToken(ctx, c, form)
	case c.machine != nil:
		return nil, badRequest("unauthorized_client", "this client may use client_credentials only")
	case kind == grantAssertion:
		return b.enterpriseToken(ctx, c, form)
	case kind == "refresh_token":
		return b.refresh(ctx, c, form)
	}
	return b.redeem(ctx, c, form)
}

// redeem exchanges a code (RFC 6749 §4.1.3).
func (b *Broker) redeem(ctx context.Context, c *client, form url.Values) (*tokenAnswer, error) {
	invalid := badRequest("invalid_grant", "the code is unknown, ended, used or not meant for this request")
	value := form.Get("code")
	if value == "" {
		return nil, missing("code")
	}
	if !b.isOwnCode(value) {
		return nil, invalid
	}
	key := hashKey(value)
	rec, version, err := load[code](ctx, b.store, kindCode, key)
	if errors.Is(err, session.ErrNotFound) {
		return nil, invalid
	}
	if err != nil {
		return nil, err
	}
	if rec.UsedBy != "" {
		return nil, b.codeReplayed(ctx, c, rec, invalid)
	}
	req := rec.Request
	verifier := form.Get("code_verifier")
	if req.ClientID != c.ID || form.Get("redirect_uri") != req.Redirect ||
		!isVerifier(verifier) || !equal([]byte(s256(verifier)), []byte(req.Challenge)) {
		return nil, invalid
	}
	return b.redeemChecked(ctx, c, rec, key, version, invalid)
}

// redeemChecked makes the grant before it marks the code as used, so that a
// replay at any time afterwards finds what it has to revoke.
func (b *Broker) redeemChecked(ctx context.Context, c *client, rec *code, key string, version uint64, invalid error) (*tokenAnswer, error) {
	if err := b.keepClient(ctx, c); err != nil {
		return nil, err
	}
	g, a, err := b.newGrant(ctx, c, rec)
	if err != nil {
		return nil, err
	}
	rec.UsedBy, rec.Upstream = g.ID, upstreamToken{}
	err = save(ctx, b.store, kindCode, key, rec, b.now().Add(b.cfg.AccessTTL), version)
	if err == nil {
		return a, nil
	}
	if dropErr := b.dropGrant(ctx, g.ID); dropErr != nil {
		return nil, dropErr
	}
	if !errors.Is(err, session.ErrConflict) {
		return nil, err
	}
	used, _, err := load[code](ctx, b.store, kindCode, key)
	if err != nil {
		return nil, err
	}
	return nil, b.codeReplayed(ctx, c, used, invalid)
}

// codeReplayed revokes what the code gave the first time (RFC 6749 §4.1.2): one
// of the two who redeemed it is a thief.
func (b *Broker) codeReplayed(ctx context.Context, c *client, rec *code, invalid error) error {
	b.cfg.Logger.WarnContext(ctx, auditCodeReplayed, "client", c.ID, "issued_to", rec.Request.ClientID, "issuer", rec.SignIn.Identity.Issuer, "subject", rec.SignIn.Identity.Subject)
	if err := b.dropGrant(ctx, rec.UsedBy); err != nil {
		return err
	}
	return invalid
}
