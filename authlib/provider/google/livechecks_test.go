package google_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/internal/livetest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/google"
)

// What is checked of the real Google. live_test.go runs it there, and the tests below
// against the stand-in, where each check is also seen to fail.

func liveClient(cfg google.Config) *http.Client {
	if cfg.HTTPClient != nil {
		return cfg.HTTPClient
	}
	return &http.Client{Timeout: 10 * time.Second}
}

// checkClient needs the client's credentials only: Google's metadata is as it is
// expected, the sign-in page takes client and callback URL, and an invented code is the
// user's fault.
func checkClient(ctx context.Context, cfg google.Config) error {
	p, err := google.New(cfg)
	if err != nil {
		return err
	}
	page, err := p.AuthCodeURL(ctx, provider.AuthRequest{State: "s", Nonce: "n", Challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", RedirectURL: p.CallbackURL()})
	if err != nil {
		return err
	}
	if err := livetest.AsksToSignIn(liveClient(cfg), page); err != nil {
		return err
	}
	invented := provider.ExchangeRequest{Code: "4/0AbCdEf", Verifier: "a-verifier-of-at-least-forty-three-characters-x", RedirectURL: p.CallbackURL(), Nonce: "n"}
	if _, err := p.Exchange(ctx, invented); !errors.Is(err, provider.ErrInvalidToken) {
		return fmt.Errorf("an invented code: %v, want ErrInvalidToken; are GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET of the same client?", err)
	}
	return nil
}

// checkUser needs a refresh token of the client: the answer to it is checked in full
// (signature, audience, at_hash, the same user as before), and UserInfo is of that user.
func checkUser(ctx context.Context, cfg google.Config, refresh string) error {
	p, err := google.New(cfg)
	if err != nil {
		return err
	}
	sub, refresh, err := subjectOf(cfg, refresh)
	if err != nil {
		return err
	}
	for _, who := range []string{sub, sub + "0"} {
		want := map[bool]error{false: provider.ErrInvalidToken}[who == sub]
		kept, err := json.Marshal(map[string]any{"claims": map[string]any{"iss": google.Issuer, "aud": cfg.ClientID, "sub": who}, "scopes": []string{"openid"}})
		if err != nil {
			return err
		}
		tok, err := p.Refresh(ctx, provider.Keep(&oauth2.Token{AccessToken: "none", RefreshToken: refresh}, string(kept)))
		if !errors.Is(err, want) {
			return fmt.Errorf("a refresh: %v, want %v", err, want)
		}
		if err != nil {
			continue
		}
		refresh = tok.RefreshToken
		id, err := p.Identify(ctx, tok)
		if err != nil {
			return err
		}
		if id.Issuer != google.Issuer || id.Subject != sub {
			return fmt.Errorf("the token is of another: issuer %q", id.Issuer)
		}
	}
	return nil
}

// subjectOf asks whom a refresh token is of, so that the checks know whom to expect.
// It believes the answer; they don't.
func subjectOf(cfg google.Config, refresh string) (sub, next string, err error) {
	var meta struct {
		Token string `json:"token_endpoint"`
	}
	if err := answer(liveClient(cfg).Get(google.Issuer + "/.well-known/openid-configuration"))(&meta); err != nil {
		return "", "", err
	}
	var a struct {
		IDToken string `json:"id_token"`
		Refresh string `json:"refresh_token"`
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {cfg.ClientID}, "client_secret": {cfg.ClientSecret}}
	req, err := http.NewRequest(http.MethodPost, meta.Token, strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := answer(liveClient(cfg).Do(req))(&a); err != nil {
		return "", "", fmt.Errorf("GOOGLE_REFRESH_TOKEN, which has to be of this very client: %w", err)
	}
	parts := strings.Split(a.IDToken, ".")
	var claims struct{ Sub string }
	if len(parts) != 3 {
		return "", "", errors.New("GOOGLE_REFRESH_TOKEN: Google sent no ID token; it needs the scope openid")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return "", "", errors.New("the ID token has no claims")
	}
	if a.Refresh == "" { // Google keeps the old one
		a.Refresh = refresh
	}
	return claims.Sub, a.Refresh, nil
}

// answer decodes a good answer of at most 1 MiB.
func answer(res *http.Response, err error) func(out any) error {
	return func(out any) error {
		if err != nil {
			return errors.New("Google can't be reached") // the error may have the request
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("Google answered %d", res.StatusCode)
		}
		return json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(out)
	}
}

// checkBareToken needs an access token: without the ID token that came along nobody
// knows which client it is for, and so it is no sign-in.
func checkBareToken(ctx context.Context, cfg google.Config, access string) error {
	p, err := google.New(cfg)
	if err != nil {
		return err
	}
	if _, err := p.Identify(ctx, &oauth2.Token{AccessToken: access}); !errors.Is(err, provider.ErrInvalidToken) {
		return fmt.Errorf("an access token by itself: %v, want ErrInvalidToken", err)
	}
	return nil
}

func standIn(t *testing.T) (google.Config, *authtest.Issuer, *oauth2.Token) {
	t.Helper()
	p, is, client := newGoogle(t, nil)
	is.SetUser(map[string]any{"sub": "42", "email": "ada@gmail.com", "email_verified": true})
	is.GiveRefreshTokens()
	cfg := google.Config{ClientID: clientID, ClientSecret: is.ClientSecret, Resource: "https://mcp.test/mcp", HTTPClient: client}
	return cfg, is, signIn(t, p, client)
}

func TestTheLiveChecksPassAtTheStandIn(t *testing.T) {
	cfg, _, tok := standIn(t)
	ctx := context.Background()
	if err := errors.Join(checkClient(ctx, cfg), checkBareToken(ctx, cfg, tok.AccessToken), checkUser(ctx, cfg, tok.RefreshToken)); err != nil {
		t.Error(err)
	}
}

func TestTheLiveChecksCanFail(t *testing.T) {
	cfg, is, tok := standIn(t)
	ctx := context.Background()
	wrong := cfg
	wrong.ClientSecret = "GOCSPX-fedcba9876543210"
	other := cfg
	other.ClientID = "other.apps.googleusercontent.com"
	for name, err := range map[string]error{
		"a wrong secret":            checkClient(ctx, wrong),
		"another client":            checkUser(ctx, other, tok.RefreshToken),
		"an invented refresh token": checkUser(ctx, cfg, "1//invented"),
	} {
		if err == nil {
			t.Errorf("%s passes", name)
		} else if strings.Contains(err.Error(), wrong.ClientSecret) || strings.Contains(err.Error(), tok.RefreshToken) {
			t.Errorf("%s: the error shows a secret: %v", name, err)
		}
	}
	is.Tamper(authtest.IssuerToken, func(m map[string]any) { m["id_token"] = "a.b.c" })
	if checkUser(ctx, cfg, tok.RefreshToken) == nil {
		t.Error("an ID token that nobody signed passes")
	}
	is.SetDown(true)
	if checkClient(ctx, cfg) == nil {
		t.Error("an outage passes")
	}
}
