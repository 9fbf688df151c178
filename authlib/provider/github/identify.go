package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"golang.org/x/oauth2"
)

// checkedToken is GitHub's answer about a token of our app.
type checkedToken struct {
	Scopes []string `json:"scopes"`
	App    struct {
		ClientID string `json:"client_id"`
	} `json:"app"`
	User *struct {
		ID    int64  `json:"id"`
		Login string `json:"login"`
		Type  string `json:"type"`
	} `json:"user"`
}

// Identify asks GitHub whether our app issued tok, to whom and with which scopes
// (POST /applications/{client_id}/token). GET /user would take a token of any
// app, so that another app's operator could sign in as its users.
func (p *Provider) Identify(ctx context.Context, tok *oauth2.Token) (*provider.Identity, error) {
	if tok == nil || tok.AccessToken == "" {
		return nil, provider.ErrInvalidToken
	}
	c, err := p.check(ctx, tok.AccessToken)
	if err != nil {
		return nil, err
	}
	id := &provider.Identity{
		Issuer: p.base, Subject: strconv.FormatInt(c.User.ID, 10), Username: c.User.Login,
		Scopes: c.Scopes, Claims: map[string]any{"login": c.User.Login},
	}
	has := ExpandScopes(c.Scopes)
	if p.wants("read:org") && slices.Contains(has, "read:org") {
		if id.Orgs, err = p.orgs(ctx, tok.AccessToken); err != nil {
			return nil, err
		}
	}
	if p.wants("user:email") && slices.Contains(has, "user:email") {
		if id.Email, err = p.email(ctx, tok.AccessToken); err != nil {
			return nil, err
		}
		id.EmailVerified = id.Email != ""
	}
	return id, nil
}

func (p *Provider) wants(scope string) bool { return slices.Contains(ExpandScopes(p.scopes), scope) }

func (p *Provider) check(ctx context.Context, token string) (*checkedToken, error) {
	body, err := json.Marshal(map[string]string{"access_token": token})
	if err != nil {
		return nil, fmt.Errorf("github: %w", err)
	}
	target := p.api + "/applications/" + url.PathEscape(p.id) + "/token"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("github: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth(p.id, p.secret)
	c := &checkedToken{}
	status, err := p.do(req, c)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusNotFound || status == http.StatusUnprocessableEntity:
		return nil, fmt.Errorf("%w: github does not know the token as one of this app", provider.ErrInvalidToken)
	case status == http.StatusUnauthorized:
		return nil, fmt.Errorf("github: the token check refused our credentials; check GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET")
	case status != http.StatusOK:
		return nil, fmt.Errorf("github: the token check answered %d", status)
	case c.App.ClientID != p.id:
		return nil, fmt.Errorf("%w: it was issued to another app", provider.ErrInvalidToken)
	case c.User == nil || c.User.ID <= 0 || c.User.Login == "":
		return nil, fmt.Errorf("github: the token check named no user")
	}
	return c, nil
}

const (
	perPage  = 100
	maxPages = 10
)

// A membership is an organisation, or a team of one.
type membership struct {
	Login        string `json:"login"` // of an organisation
	Slug         string `json:"slug"`  // of a team
	Organization struct {
		Login string `json:"login"`
	} `json:"organization"`
}

// orgs returns the user's organisations, and their teams as ORG/TEAM: no login has
// a slash. At most 1000 of each.
func (p *Provider) orgs(ctx context.Context, token string) ([]string, error) {
	orgs, err := p.memberships(ctx, "/user/orgs", token)
	if err != nil || len(orgs) == 0 {
		return []string{}, err
	}
	teams, err := p.memberships(ctx, "/user/teams", token)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, m := range slices.Concat(orgs, teams) {
		name := m.Login
		if m.Slug != "" {
			name = m.Organization.Login + "/" + m.Slug
		}
		names = append(names, name)
	}
	return names, nil
}

func (p *Provider) memberships(ctx context.Context, path, token string) ([]membership, error) {
	var all []membership
	for page := 1; page <= maxPages; page++ {
		var list []membership
		if err := p.get(ctx, fmt.Sprintf("%s?per_page=%d&page=%d", path, perPage, page), token, &list); err != nil {
			return nil, err
		}
		if all = append(all, list...); len(list) < perPage {
			break
		}
	}
	return all, nil
}

// email returns the primary address if GitHub verified it, and "" otherwise.
func (p *Provider) email(ctx context.Context, token string) (string, error) {
	var list []struct {
		Email    string `json:"email"`
		Primary  bool   `json:"primary"`
		Verified bool   `json:"verified"`
	}
	if err := p.get(ctx, "/user/emails?per_page=100", token, &list); err != nil {
		return "", err
	}
	for _, e := range list {
		if e.Primary && e.Verified {
			return e.Email, nil
		}
	}
	return "", nil
}

func (p *Provider) get(ctx context.Context, path, token string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.api+path, nil)
	if err != nil {
		return fmt.Errorf("github: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	status, err := p.do(req, out)
	switch {
	case err != nil:
		return err
	case status == http.StatusUnauthorized:
		return fmt.Errorf("%w: github refused the token", provider.ErrInvalidToken)
	case status != http.StatusOK:
		return fmt.Errorf("github: %s answered %d", req.URL.Path, status)
	}
	return nil
}
