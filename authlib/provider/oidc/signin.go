package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/issuer"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// AuthCodeURL sends the user to the issuer, with PKCE S256 (RFC 7636) and a nonce
// (OpenID Connect Core §3.1.2.1).
func (p *Provider) AuthCodeURL(ctx context.Context, req provider.AuthRequest) (string, error) {
	if req.State == "" || req.Nonce == "" || req.Challenge == "" || req.RedirectURL == "" {
		return "", fmt.Errorf("%s: state, nonce, challenge and redirect URL are needed", p.cfg.Name)
	}
	m, err := p.metadata(ctx)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(m.Authorization)
	if err != nil {
		return "", fmt.Errorf("%s: authorization_endpoint: %w", p.cfg.Name, err)
	}
	q, scopes := u.Query(), p.ask(m, req.Scopes)
	for name, value := range map[string]string{
		"response_type": "code", "client_id": p.cfg.ClientID, "redirect_uri": req.RedirectURL, "state": req.State, "nonce": req.Nonce,
		"scope": strings.Join(scopes, " "), "code_challenge": req.Challenge, "code_challenge_method": "S256",
	} {
		q.Set(name, value)
	}
	if p.promptsConsent(scopes) {
		q.Set("prompt", "consent")
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// promptsConsent reports whether the issuer has to ask the user for consent, so that
// offline_access gives a refresh token (OpenID Connect Core §11). Each sign-in needs
// one of its own, since it ends with that sign-in.
func (p *Provider) promptsConsent(scopes []string) bool {
	return slices.Contains(scopes, "offline_access") && !p.cfg.NoConsentPrompt && !isEntra(p.cfg.Issuer)
}

// isEntra reports whether the issuer is Microsoft Entra, in any of its clouds. It
// gives a refresh token without the prompt, and with it refuses everybody whose
// company lets administrators consent only, though they have.
func isEntra(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && slices.Contains([]string{
		"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn", "sts.windows.net",
	}, strings.ToLower(u.Hostname()))
}

// AskedScopes is [provider.ScopeAsker]'s. It needs the issuer's metadata.
func (p *Provider) AskedScopes(ctx context.Context, scopes []string) ([]string, error) {
	m, err := p.metadata(ctx)
	if err != nil {
		return nil, err
	}
	return p.ask(m, scopes), nil
}

// ask returns the scopes of one sign-in.
func (p *Provider) ask(m *issuer.Metadata, more []string) []string {
	out := slices.Clone(p.cfg.Scopes)
	if slices.Contains(m.Scopes, "offline_access") && !slices.Contains(out, "offline_access") {
		out = append(out, "offline_access")
	}
	for _, s := range more {
		if p.KnowsScope(s) && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// metadata returns the issuer's, or what a sign-in lacks in them.
func (p *Provider) metadata(ctx context.Context) (*issuer.Metadata, error) {
	m, err := p.issuer.Metadata(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.cfg.Name, err)
	}
	if m.Authorization == "" || m.Token == "" || m.UserInfo == "" {
		return nil, fmt.Errorf("%s: the metadata of %s lack authorization_endpoint, token_endpoint or userinfo_endpoint", p.cfg.Name, p.cfg.Issuer)
	}
	return m, nil
}

// Exchange redeems a code, and checks the ID token that comes for it. The token
// carries what is needed to identify the user later; see [provider.Kept].
func (p *Provider) Exchange(ctx context.Context, req provider.ExchangeRequest) (*oauth2.Token, error) {
	m, err := p.metadata(ctx)
	if err != nil {
		return nil, err
	}
	// RFC 9207 §2.4: an answer that came from another issuer is a mix-up attack.
	if req.Issuer != p.cfg.Issuer && (req.Issuer != "" || m.IssuerParam) {
		return nil, fmt.Errorf("%w: %s: the answer names another issuer, or none", provider.ErrInvalidToken, p.cfg.Name)
	}
	if req.Nonce == "" || req.Verifier == "" {
		return nil, fmt.Errorf("%s: nonce and code verifier are needed", p.cfg.Name)
	}
	a, err := p.token(ctx, m, url.Values{
		"grant_type": {"authorization_code"}, "code": {req.Code}, "redirect_uri": {req.RedirectURL}, "code_verifier": {req.Verifier},
	})
	if err != nil {
		return nil, err
	}
	if a.IDToken == "" {
		return nil, fmt.Errorf("%s: the token endpoint sent no ID token; the client may not be registered for OpenID Connect", p.cfg.Name)
	}
	claims, err := p.checkIDToken(ctx, a, &req.Nonce)
	if err != nil {
		return nil, p.mapError(err)
	}
	return p.keep(a.oauth(p.issuer.Now()), kept{Claims: claims, Scopes: a.scopes(p.ask(m, nil))})
}

// Refresh gets a new token (RFC 6749 §6). An ID token that comes with it must be
// the same user's (OpenID Connect Core §12.2); without one the old one holds.
func (p *Provider) Refresh(ctx context.Context, tok *oauth2.Token) (*oauth2.Token, error) {
	if tok == nil || tok.RefreshToken == "" {
		return nil, provider.ErrNoRefresh
	}
	old, err := p.kept(tok)
	if err != nil {
		return nil, err
	}
	m, err := p.metadata(ctx)
	if err != nil {
		return nil, err
	}
	a, err := p.token(ctx, m, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tok.RefreshToken}})
	if err != nil {
		return nil, err
	}
	if a.RefreshToken == "" {
		a.RefreshToken = tok.RefreshToken
	}
	if a.IDToken != "" {
		claims, err := p.checkIDToken(ctx, a, nil)
		if err == nil && claims.String("sub") != old.Claims.String("sub") {
			err = fmt.Errorf("%w: it is now another user's", issuer.ErrInvalid)
		}
		if errors.Is(err, issuer.ErrInvalid) {
			return nil, p.mapError(err)
		}
		if err == nil { // else its keys cannot be had: what was checked before still holds
			old.Claims = claims
		}
	}
	old.Scopes = a.scopes(old.Scopes)
	return p.keep(a.oauth(p.issuer.Now()), *old)
}
