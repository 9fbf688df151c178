// Package robot signs in where a person would: it follows an authorization URL like a
// browser, fills in the forms it meets, and stops where the browser would be sent back
// to the MCP client. It checks that each page answers, and that the forms end. It does
// not check the answer: state and iss are the caller's to compare.
//
// # What it does not do
//
// It runs no scripts, renders nothing, and answers no CAPTCHA. It agrees to whatever a page
// asks, so that it is for tests only, and for pages that one trusts. It checks nothing of
// the answer that comes back: state and iss are the caller's to compare.
package robot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

const (
	maxSteps = 20
	maxPage  = 1 << 20
)

// SignIn opens authURL and returns the URL that the browser was sent to in the
// end, with its code, state and iss or its error: the first one at authURL's
// redirect_uri. It never opens that one.
//
// answers fills form fields by name, such as "user" and "code" of the dev
// provider's page; "answer" chooses a button ("approve" if not set) and
// "provider" a provider. A page that is no form, and a form that is shown again
// as refused, is an error with the page's text. client may be nil; its Transport
// is used, and its Jar if it has one.
func SignIn(ctx context.Context, client *http.Client, authURL string, answers map[string]string) (*url.URL, error) {
	start, err := url.Parse(authURL)
	if err != nil {
		return nil, fmt.Errorf("robot: %w", err)
	}
	stop, err := url.Parse(start.Query().Get("redirect_uri"))
	if err != nil || stop.Scheme == "" {
		return nil, errors.New("robot: the authorization URL has no redirect_uri")
	}
	b, err := newBrowser(client, stop, answers)
	if err != nil {
		return nil, err
	}
	return b.browse(ctx, start)
}

type browser struct {
	client  http.Client
	stop    *url.URL
	answers map[string]string
}

func newBrowser(client *http.Client, stop *url.URL, answers map[string]string) (*browser, error) {
	b := &browser{stop: stop, answers: answers}
	if client != nil {
		b.client = *client
	}
	if b.client.Jar == nil {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return nil, fmt.Errorf("robot: %w", err)
		}
		b.client.Jar = jar
	}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b, nil
}

func (b *browser) browse(ctx context.Context, at *url.URL) (*url.URL, error) {
	var form url.Values // nil: GET
	from := at
	for range maxSteps {
		status, next, body, err := b.open(ctx, from, at, form)
		if err != nil {
			return nil, err
		}
		if next != nil {
			if b.arrived(next) {
				return next, nil
			}
			from, at, form = at, next, nil
			continue
		}
		f := parseForm(body)
		if status >= 400 || f == nil {
			return nil, fmt.Errorf("robot: %s answered %d: %s", at.Redacted(), status, pageText(body))
		}
		target, err := at.Parse(f.action)
		if err != nil {
			return nil, fmt.Errorf("robot: form at %s: %w", at.Redacted(), err)
		}
		from, at, form = at, target, f.fill(b.answers)
	}
	return nil, fmt.Errorf("robot: not back at %s after %d pages", b.stop.Redacted(), maxSteps)
}

// arrived compares all but the query, which the answer is in.
func (b *browser) arrived(u *url.URL) bool {
	return u.Scheme == b.stop.Scheme && u.Host == b.stop.Host && u.EscapedPath() == b.stop.EscapedPath() && u.Opaque == b.stop.Opaque
}

// open does one step; next is where a redirect leads.
func (b *browser) open(ctx context.Context, from, at *url.URL, form url.Values) (status int, next *url.URL, body string, err error) {
	method, payload := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, payload = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, at.String(), payload)
	if err != nil {
		return 0, nil, "", fmt.Errorf("robot: %w", err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", from.Scheme+"://"+from.Host)
	}
	req.Header.Set("Sec-Fetch-Site", site(from, at))
	res, err := b.client.Do(req)
	if err != nil {
		return 0, nil, "", fmt.Errorf("robot: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 && res.StatusCode < 400 {
		next, err = at.Parse(res.Header.Get("Location"))
		return res.StatusCode, next, "", err
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, maxPage))
	return res.StatusCode, nil, string(data), err
}

// site is what a browser puts into Sec-Fetch-Site.
func site(from, at *url.URL) string {
	if from.Scheme == at.Scheme && from.Host == at.Host {
		return "same-origin"
	}
	return "cross-site"
}
