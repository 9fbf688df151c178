package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// A visitor is a person with a browser and a registered client, at a migrated
// server.
type visitor struct {
	server  *running
	issuer  string
	client  string
	browser *http.Client // nil: any
}

const visitorRedirect = "http://127.0.0.1:43212/callback"

func newVisitor(ctx context.Context, r *running, browser *http.Client) (*visitor, error) {
	issuer, err := originOf(r.url)
	if err != nil {
		return nil, err
	}
	id, err := register(ctx, issuer, visitorRedirect)
	return &visitor{server: r, issuer: issuer, client: id, browser: browser}, err
}

// grantedTokens are a visitor's tokens.
type grantedTokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// signIn signs in with those answers to the forms that come.
func (v *visitor) signIn(ctx context.Context, answers map[string]string) (*grantedTokens, error) {
	verifier := rand.Text() + rand.Text()
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {v.client}, "redirect_uri": {visitorRedirect}, "response_type": {"code"}, "state": {"s"}, "resource": {v.server.url},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	back, err := robot.SignIn(ctx, v.browser, v.issuer+"/oauth/authorize?"+q.Encode(), answers)
	if err != nil {
		return nil, err
	}
	if e := back.Query().Get("error"); e != "" {
		return nil, fmt.Errorf("sign-in: %s: %s", e, back.Query().Get("error_description"))
	}
	return v.tokens(ctx, url.Values{
		"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}, "redirect_uri": {visitorRedirect}, "code_verifier": {verifier},
	})
}

func (v *visitor) refresh(ctx context.Context, refresh string) (*grantedTokens, error) {
	return v.tokens(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
}

func (v *visitor) tokens(ctx context.Context, form url.Values) (*grantedTokens, error) {
	form.Set("client_id", v.client)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.issuer+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: the token endpoint answered %d: %s", form.Get("grant_type"), res.StatusCode, body)
	}
	g := &grantedTokens{}
	return g, json.Unmarshal(body, g)
}

// call calls the server's tool that only reads, and wants its result; or, when
// refused is true, a 401.
func (v *visitor) call(ctx context.Context, token string, refused bool) error {
	c := &probe.Client{URL: v.server.url, Token: token}
	a, err := c.Initialize(ctx)
	if err != nil {
		return err
	}
	if refused {
		if a.Status != http.StatusUnauthorized {
			return fmt.Errorf("a token that is none of ours is answered %d", a.Status)
		}
		return nil
	}
	a, err = c.CallTool(ctx, v.server.ReadOnly, nil)
	if err != nil {
		return err
	}
	if a.Status != http.StatusOK || !strings.Contains(string(a.Result), v.server.Want) {
		return fmt.Errorf("the call is answered %d: %s", a.Status, a.Result)
	}
	return nil
}
