package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
)

// answersOf is what user types: on the local page, or on the issuer's, which
// takes any password.
func answersOf(user string) map[string]string {
	return map[string]string{"user": user, "code": devCode, "login": user, "password": "any"}
}

// signIn is a browser that stops before it goes back to the client.
func signIn(ctx context.Context, authURL string) (*url.URL, error) {
	return robot.SignIn(ctx, nil, authURL, answersOf("ada"))
}

// browse is a browser that does go back, as $BROWSER does.
func browse(ctx context.Context, authURL string) error {
	callback, err := signIn(ctx, authURL)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, callback.String(), nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the client answers its callback with %s", res.Status)
	}
	return nil
}
