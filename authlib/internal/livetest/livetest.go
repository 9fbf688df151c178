// Package livetest is for tests that speak to the real services of providers. They
// have the build tag "live"; see docs/live-tests.md. Only tests import it.
package livetest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Need returns the values of variables of the environment, in the order of names.
// Where some are not set it skips the test, and says exactly which.
func Need(t testing.TB, getenv func(string) string, names ...string) []string {
	t.Helper()
	values, missing := find(getenv, names)
	if len(missing) > 0 {
		t.Skipf("not run: set %s (docs/live-tests.md says how to get them)", strings.Join(missing, " and "))
	}
	return values
}

func find(getenv func(string) string, names []string) (values, missing []string) {
	for _, name := range names {
		v := strings.TrimSpace(getenv(name))
		if values = append(values, v); v == "" {
			missing = append(missing, name)
		}
	}
	return values, missing
}

// AsksToSignIn gets the page that a user is sent to, and wants it to be one, of that
// very host, and none that reports an error. It follows no redirect.
func AsksToSignIn(client *http.Client, page string) error {
	u, err := url.Parse(page)
	if err != nil {
		return err
	}
	c := &http.Client{Transport: client.Transport, Timeout: client.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Get(page)
	if err != nil {
		return fmt.Errorf("%s can't be reached", u.Host) // the error has the whole address
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		return fmt.Errorf("the sign-in page of %s answers %d", u.Host, res.StatusCode)
	}
	loc, err := res.Location()
	switch {
	case err != nil: // it is the page itself
		return nil
	case strings.Contains(loc.Path, "error") || loc.Query().Has("error"):
		return fmt.Errorf("the sign-in page of %s reports an error: is the client ID right, and the callback URL registered?", u.Host)
	}
	return nil
}
