package github_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/internal/livetest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
)

// What is checked of the real GitHub. live_test.go runs it there, and the tests below
// against the stand-in, where each check is also seen to fail.

// checkClient needs the app's credentials only: its sign-in page is there, a code that
// was invented is the user's fault, and a wrong secret is the operator's.
func checkClient(ctx context.Context, cfg github.Config) error {
	p, err := github.New(cfg)
	if err != nil {
		return err
	}
	page, err := p.AuthCodeURL(ctx, provider.AuthRequest{State: "s", Challenge: challenge(), RedirectURL: p.CallbackURL()})
	if err != nil {
		return err
	}
	if err := livetest.AsksToSignIn(&http.Client{Timeout: 10 * time.Second}, page); err != nil {
		return err
	}
	invented := provider.ExchangeRequest{Code: "0123456789abcdef0123", Verifier: verifier, RedirectURL: p.CallbackURL()}
	if _, err := p.Exchange(ctx, invented); !errors.Is(err, provider.ErrInvalidToken) {
		return fmt.Errorf("an invented code: %v, want ErrInvalidToken; are GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET of the same app?", err)
	}
	cfg.ClientSecret = "0123456789abcdef0123456789abcdef01234567"
	other, err := github.New(cfg)
	if err != nil {
		return err
	}
	if _, err := other.Exchange(ctx, invented); err == nil || errors.Is(err, provider.ErrInvalidToken) || !strings.Contains(err.Error(), "GITHUB_CLIENT_SECRET") {
		return fmt.Errorf("a wrong secret: %v, want an error that names GITHUB_CLIENT_SECRET", err)
	}
	return nil
}

// checkToken needs a token that the app got: it is somebody's, and an invented one
// nobody's.
func checkToken(ctx context.Context, cfg github.Config, access string) error {
	p, err := github.New(cfg)
	if err != nil {
		return err
	}
	id, err := p.Identify(ctx, &oauth2.Token{AccessToken: access})
	if err != nil {
		return fmt.Errorf("GITHUB_ACCESS_TOKEN, which has to be a token of this very app: %w", err)
	}
	if id.Subject == "" || strings.Trim(id.Subject, "0123456789") != "" || id.Username == "" || id.Issuer == "" {
		return fmt.Errorf("who the token is of is not known in full: subject %q, issuer %q", id.Subject, id.Issuer)
	}
	if _, err := p.Identify(ctx, &oauth2.Token{AccessToken: "gho_0123456789abcdefghijklmnopqrstuvwxyz"}); !errors.Is(err, provider.ErrInvalidToken) {
		return fmt.Errorf("an invented token: %v, want ErrInvalidToken", err)
	}
	return nil
}

// checkRefresh needs a refresh token, which it uses up: the new token is of the same
// app, and the old one can't be used again.
func checkRefresh(ctx context.Context, cfg github.Config, refresh string) error {
	p, err := github.New(cfg)
	if err != nil {
		return err
	}
	tok, err := p.Refresh(ctx, &oauth2.Token{RefreshToken: refresh})
	if err != nil {
		return fmt.Errorf("GITHUB_REFRESH_TOKEN, which can be used once: %w", err)
	}
	if tok.Expiry.IsZero() || tok.RefreshToken == refresh {
		return errors.New("a refreshed token that does not end, or the same refresh token again")
	}
	if _, err := p.Refresh(ctx, &oauth2.Token{RefreshToken: refresh}); !errors.Is(err, provider.ErrInvalidToken) {
		return fmt.Errorf("a refresh token for the second time: %v, want ErrInvalidToken", err)
	}
	return checkToken(ctx, cfg, tok.AccessToken)
}

func TestTheLiveChecksPassAtTheStandIn(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(time.Hour)
	cfg := github.Config{ClientID: gh.ClientID, ClientSecret: gh.ClientSecret, BaseURL: gh.URL, Resource: "http://localhost/mcp"}
	tok := signIn(t, newProvider(t, gh, nil))
	ctx := context.Background()
	if err := errors.Join(checkClient(ctx, cfg), checkToken(ctx, cfg, tok.AccessToken), checkRefresh(ctx, cfg, tok.RefreshToken)); err != nil {
		t.Error(err)
	}
}

func TestTheLiveChecksCanFail(t *testing.T) {
	gh := authtest.NewGitHub(t)
	cfg := github.Config{ClientID: gh.ClientID, ClientSecret: gh.ClientSecret, BaseURL: gh.URL, Resource: "http://localhost/mcp"}
	wrong := cfg
	wrong.ClientSecret = "fedcba9876543210"
	ctx := context.Background()
	foreign := gh.ForeignToken(authtest.GitHubUser{ID: 1, Login: "victim"})
	tok := signIn(t, newProvider(t, gh, nil)) // it does not end
	for name, err := range map[string]error{
		"a wrong secret":                checkClient(ctx, wrong),
		"a token of another app":        checkToken(ctx, cfg, foreign),
		"no token":                      checkToken(ctx, cfg, ""),
		"an invented refresh token":     checkRefresh(ctx, cfg, "ghr_invented"),
		"a token that can't be renewed": checkRefresh(ctx, cfg, tok.RefreshToken),
	} {
		if err == nil {
			t.Errorf("%s passes", name)
		} else if strings.Contains(err.Error(), foreign) || strings.Contains(err.Error(), wrong.ClientSecret) {
			t.Errorf("%s: the error shows a secret: %v", name, err)
		}
	}
	gh.SetDown(true)
	if checkClient(ctx, cfg) == nil || checkToken(ctx, cfg, tok.AccessToken) == nil {
		t.Error("an outage passes")
	}
}
