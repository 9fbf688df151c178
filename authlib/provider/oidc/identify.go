package oidc

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/issuer"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// kept is what goes with a token: the claims of the ID token that came with it,
// after they were checked, and the scopes that were granted.
type kept struct {
	Claims issuer.Claims `json:"claims"`
	Scopes []string      `json:"scopes"`
}

func (p *Provider) keep(tok *oauth2.Token, k kept) (*oauth2.Token, error) {
	s, err := json.Marshal(k)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.cfg.Name, err)
	}
	return provider.Keep(tok, string(s)), nil
}

// kept reads what keep wrote. A token without it was not got by Exchange, and so
// maybe not issued to this client.
func (p *Provider) kept(tok *oauth2.Token) (*kept, error) {
	k := &kept{}
	if tok == nil || tok.AccessToken == "" || json.Unmarshal([]byte(provider.Kept(tok)), k) != nil ||
		k.Claims.String("sub") == "" || k.Claims.String("iss") != p.cfg.Issuer || p.checkAudience(k.Claims) != nil {
		return nil, fmt.Errorf("%w: it was not got from %s by this client", provider.ErrInvalidToken, p.cfg.Name)
	}
	return k, nil
}

// Identify says whose tok is. It asks the issuer's UserInfo endpoint, which shows
// that the token is valid now (OpenID Connect Core §5.3); that it was issued to
// this client is known from the ID token that came with it. Claims are those of
// both; where they differ UserInfo's are newer.
func (p *Provider) Identify(ctx context.Context, tok *oauth2.Token) (*provider.Identity, error) {
	k, err := p.kept(tok)
	if err != nil {
		return nil, err
	}
	info, err := p.userInfo(ctx, tok.AccessToken)
	if err != nil {
		return nil, err
	}
	// OpenID Connect Core §5.3.2: else the claims may be another user's.
	if info.String("sub") != k.Claims.String("sub") {
		return nil, fmt.Errorf("%w: %s says that the token is another user's", provider.ErrInvalidToken, p.cfg.Name)
	}
	claims := maps.Clone(k.Claims)
	maps.Copy(claims, info)
	for _, protocol := range []string{"iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "c_hash", "jti", "sid"} {
		delete(claims, protocol)
	}
	return p.identity(claims, k.Scopes), nil
}

func (p *Provider) identity(c issuer.Claims, scopes []string) *provider.Identity {
	id := &provider.Identity{Issuer: p.cfg.Issuer, Subject: c.String("sub"), Email: c.String("email"), Scopes: scopes, Claims: c}
	// Some issuers send a string.
	id.EmailVerified = id.Email != "" && (c["email_verified"] == true || c["email_verified"] == "true")
	switch {
	case p.cfg.UsernameClaim != "":
		id.Username = c.String(p.cfg.UsernameClaim)
	case id.EmailVerified:
		id.Username = id.Email
	}
	if p.cfg.OrgsClaim != "" {
		id.Orgs = append([]string{}, c.At(p.cfg.OrgsClaim)...)
	}
	id.Roles = c.At(p.rolesClaim())
	return id
}

func (p *Provider) userInfo(ctx context.Context, token string) (issuer.Claims, error) {
	m, err := p.metadata(ctx)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.UserInfo, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: userinfo_endpoint: %w", p.cfg.Name, err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	info := issuer.Claims{}
	status, _, err := p.issuer.Client.JSON(req, &info)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", p.cfg.Name, err)
	case status == http.StatusUnauthorized:
		return nil, fmt.Errorf("%w: %s refused the token", provider.ErrInvalidToken, p.cfg.Name)
	case status != http.StatusOK:
		return nil, fmt.Errorf("%s: the userinfo endpoint answered %d", p.cfg.Name, status)
	}
	return info, nil
}

// Roles returns the roles that id's claims hold; see Config.RolesClaim. It fits
// broker.Config.Roles.
func (p *Provider) Roles(_ context.Context, id *provider.Identity) ([]string, error) {
	return issuer.Claims(id.Claims).At(p.rolesClaim()), nil
}

func (p *Provider) rolesClaim() string {
	if p.cfg.RolesClaim == "" {
		return "roles"
	}
	return p.cfg.RolesClaim
}
