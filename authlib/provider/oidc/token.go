package oidc

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/issuer"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// tokenAnswer is what the token endpoint sends (RFC 6749 §5, OpenID Connect Core
// §3.1.3.3).
type tokenAnswer struct {
	AccessToken  string      `json:"access_token"`
	TokenType    string      `json:"token_type"`
	RefreshToken string      `json:"refresh_token"`
	IDToken      string      `json:"id_token"`
	Scope        *string     `json:"scope"`
	ExpiresIn    json.Number `json:"expires_in"` // seconds; some issuers send a string
	Error        string      `json:"error"`
}

func (p *Provider) token(ctx context.Context, m *issuer.Metadata, form url.Values) (*tokenAnswer, error) {
	post := slices.Contains(m.AuthMethods, "client_secret_post")
	if post {
		form.Set("client_id", p.cfg.ClientID)
		form.Set("client_secret", p.cfg.ClientSecret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.Token, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("%s: token_endpoint: %w", p.cfg.Name, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if !post {
		// RFC 6749 §2.3.1: both are form-encoded first.
		req.SetBasicAuth(url.QueryEscape(p.cfg.ClientID), url.QueryEscape(p.cfg.ClientSecret))
	}
	a := &tokenAnswer{}
	status, _, err := p.issuer.Client.JSON(req, a)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", p.cfg.Name, err)
	case status != http.StatusOK || a.Error != "" || a.AccessToken == "":
		return nil, p.tokenError(status, a.Error, form.Get("grant_type"))
	case !strings.EqualFold(a.TokenType, "bearer"):
		return nil, fmt.Errorf("%s: the token endpoint sent a token of type %.20q", p.cfg.Name, a.TokenType)
	}
	return a, nil
}

// tokenError tells what ends the sign-in from what is our own fault or an outage
// (RFC 6749 §5.2).
func (p *Provider) tokenError(status int, code, grant string) error {
	// Dex says so of a refresh token that it no longer knows: it keeps one for each
	// user, so that the next sign-in ends it. The rest of the request is the same
	// every time, and asking again is of no use.
	if grant == "refresh_token" && code == "invalid_request" && status == http.StatusBadRequest {
		code = "invalid_grant"
	}
	switch code {
	case "invalid_grant":
		return fmt.Errorf("%w: %s answered %s", provider.ErrInvalidToken, p.cfg.Name, code)
	case "access_denied", "consent_required", "interaction_required", "login_required":
		return fmt.Errorf("%w: %s answered %s", provider.ErrDenied, p.cfg.Name, code)
	case "invalid_client", "unauthorized_client":
		return fmt.Errorf("%s: the token endpoint answered %s; check %s and %s", p.cfg.Name, code, p.cfg.variable("CLIENT_ID"), p.cfg.variable("CLIENT_SECRET"))
	}
	return fmt.Errorf("%s: the token endpoint answered status %d, error %.60q", p.cfg.Name, status, code)
}

// scopes returns what was granted: as the answer says, or else as asked (RFC 6749
// §5.1).
func (a *tokenAnswer) scopes(asked []string) []string {
	if a.Scope == nil {
		return asked
	}
	return strings.Fields(*a.Scope)
}

func (a *tokenAnswer) oauth(now time.Time) *oauth2.Token {
	t := &oauth2.Token{AccessToken: a.AccessToken, TokenType: "Bearer", RefreshToken: a.RefreshToken}
	if n, err := a.ExpiresIn.Int64(); err == nil && n > 0 {
		t.Expiry = now.Add(time.Duration(min(n, 10*365*24*3600)) * time.Second)
	}
	return t
}
