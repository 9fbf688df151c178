package peers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// knows makes sure that the server takes an access token, or refuses it by name.
func knows(ctx context.Context, url, token string, want bool) error {
	a, err := (&probe.Client{URL: url, Token: token}).Initialize(ctx)
	if err != nil {
		return err
	}
	refused := a.Status == http.StatusUnauthorized && strings.Contains(a.Header.Get("WWW-Authenticate"), `error="invalid_token"`)
	if (a.Result != nil) != want || refused == want {
		return fmt.Errorf("an access token that the server must know: %v; it answers %d, %q", want, a.Status, a.Header.Get("WWW-Authenticate"))
	}
	return nil
}

// revoke is RFC 7009, as a program does it that its user removes: none of the
// clients has it.
func revoke(ctx context.Context, resource string, t Tokens) error {
	status, body, err := postForm(ctx, resource, "/oauth/revoke", url.Values{"token": {t.Refresh}, "client_id": {t.ClientID}})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("revoke: %d %s", status, body)
	}
	return err
}

func refreshRefused(ctx context.Context, resource string, t Tokens) error {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.Refresh}, "client_id": {t.ClientID}}
	status, body, err := postForm(ctx, resource, "/oauth/token", form)
	if err == nil && (status != http.StatusBadRequest || !strings.Contains(body, `"invalid_grant"`)) {
		err = fmt.Errorf("a refresh token that has ended: %d %s", status, body)
	}
	return err
}
