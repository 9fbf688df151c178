package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"golang.org/x/oauth2"
)

const maxAnswer = 1 << 20

// tokenAnswer is what the token endpoint sends; with an error the status is 200
// all the same.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int64  `json:"expires_in"` // seconds; 0: does not end
	Error        string `json:"error"`
}

func (p *Provider) token(ctx context.Context, form url.Values, oldRefresh string) (*oauth2.Token, error) {
	form.Set("client_id", p.id)
	form.Set("client_secret", p.secret)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base+"/login/oauth/access_token", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("github: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var a tokenAnswer
	status, err := p.do(req, &a)
	if err != nil {
		return nil, err
	}
	if a.Error != "" || a.AccessToken == "" {
		return nil, tokenError(status, a.Error)
	}
	if !strings.EqualFold(a.TokenType, "bearer") {
		return nil, fmt.Errorf("github: the token endpoint sent a token of type %.20q", a.TokenType)
	}
	t := &oauth2.Token{AccessToken: a.AccessToken, TokenType: "Bearer", RefreshToken: a.RefreshToken}
	if t.RefreshToken == "" {
		t.RefreshToken = oldRefresh
	}
	if a.ExpiresIn > 0 {
		t.Expiry = p.now().Add(time.Duration(a.ExpiresIn) * time.Second)
	}
	return t, nil
}

// tokenError tells what ends the sign-in from what is our own fault or an outage.
func tokenError(status int, code string) error {
	switch code {
	case "bad_verification_code", "bad_refresh_token", "invalid_grant", "expired_token":
		return fmt.Errorf("%w: github answered %s", provider.ErrInvalidToken, code)
	case "access_denied":
		return fmt.Errorf("%w: github answered %s", provider.ErrDenied, code)
	case "incorrect_client_credentials", "redirect_uri_mismatch", "unverified_user_email", "application_suspended":
		return fmt.Errorf("github: the token endpoint answered %s; check GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET and the app's callback URL", code)
	}
	return fmt.Errorf("github: the token endpoint answered status %d, error %.60q", status, code)
}

// do sends req and decodes a JSON answer of at most 1 MiB, whatever the status
// below 500. Errors name the path and never the query, header or body.
func (p *Provider) do(req *http.Request, out any) (status int, err error) {
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "mcp-authlib")
	res, err := p.http.Do(req)
	if err != nil {
		if ue, ok := err.(*url.Error); ok {
			err = ue.Err
		}
		return 0, fmt.Errorf("github: %s cannot be reached: %w", pathOf(req), err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil || len(body) > maxAnswer {
		return 0, fmt.Errorf("github: %s: the answer cannot be read or is larger than 1 MiB", pathOf(req))
	}
	if res.StatusCode >= 500 || (res.StatusCode >= 300 && res.StatusCode < 400) {
		return 0, fmt.Errorf("github: %s answered %d", pathOf(req), res.StatusCode)
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(out); err != nil && res.StatusCode < 300 {
		return 0, fmt.Errorf("github: %s: the answer is not the JSON that was expected", pathOf(req))
	}
	return res.StatusCode, nil
}

// pathOf has no query and, for the token check, nothing secret.
func pathOf(req *http.Request) string { return req.URL.Path }
