package peers

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// signOutPath is where migrated servers let people sign out.
const signOutPath = "/oauth/signout"

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// signOut opens the page, and presses the button that it has for this browser.
func (u *user) signOut(ctx context.Context, resource string) error {
	page, err := url.Parse(resource)
	if err != nil {
		return err
	}
	page.Path = signOutPath
	text, err := u.open(ctx, page, nil)
	if err != nil {
		return err
	}
	m := csrfField.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("the sign-out page offers this browser nothing:\n%s", text)
	}
	text, err = u.open(ctx, page, url.Values{"csrf": {m[1]}})
	if err == nil && !strings.Contains(text, "You are signed out") {
		err = fmt.Errorf("the sign-out page does not say that it is done:\n%s", text)
	}
	return err
}

// open gets a page, or posts form to it as a browser does that was there before.
func (u *user) open(ctx context.Context, page *url.URL, form url.Values) (string, error) {
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, page.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", page.Scheme+"://"+page.Host)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := u.browser.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s", method, page, res.Status)
	}
	return string(body), err
}
