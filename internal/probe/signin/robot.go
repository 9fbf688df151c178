package signin

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// maxSteps bounds how many pages and redirects a Robot goes through.
const maxSteps = 20

// pageLimit bounds how much of a page is read, in bytes.
const pageLimit = 1 << 20

// Robot returns a [Browser] that behaves like a person who agrees to
// everything: it follows redirects, keeps cookies, fills the first form of each
// page with values (by field name; other fields keep what the page put there),
// and presses its first button. It stays on the host of the authorization URL,
// so that values reach nobody else, and ends where the browser would be sent to
// the client's redirect_uri. It runs no scripts.
func Robot(values map[string]string) Browser {
	return func(ctx context.Context, authURL string) (*url.URL, error) {
		start, err := url.Parse(authURL)
		if err != nil {
			return nil, fmt.Errorf("authorization URL: %w", err)
		}
		callback, err := url.Parse(start.Query().Get("redirect_uri"))
		if err != nil || callback.Host == "" {
			return nil, errors.New("the authorization URL has no redirect_uri")
		}
		jar, err := cookiejar.New(nil)
		if err != nil {
			return nil, err
		}
		w := &walk{values: values, home: start, callback: callback, client: &http.Client{
			Jar: jar, Timeout: 15 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}}
		return w.from(ctx, start)
	}
}

// A walk is one way through the pages.
type walk struct {
	values         map[string]string
	home, callback *url.URL
	client         *http.Client
}

// from opens u and goes on until the callback.
func (w *walk) from(ctx context.Context, u *url.URL) (*url.URL, error) {
	var form url.Values // nil: GET
	referrer := u
	for range maxSteps {
		if w.arrived(u) {
			return u, nil
		}
		if u.Scheme != w.home.Scheme || u.Host != w.home.Host {
			return nil, fmt.Errorf("the sign-in leads to another host, %q", u.Host)
		}
		next, nextForm, err := w.step(ctx, u, form, referrer)
		if err != nil {
			return nil, err
		}
		referrer, u, form = u, next, nextForm
	}
	return nil, fmt.Errorf("no end after %d pages", maxSteps)
}

// arrived reports whether u is the client's redirect URI.
func (w *walk) arrived(u *url.URL) bool {
	return u.Scheme == w.callback.Scheme && u.Host == w.callback.Host && u.Path == w.callback.Path
}

// step makes one request and returns where it leads: the target of a redirect,
// or of the first form on the page with what to send there.
func (w *walk) step(ctx context.Context, u *url.URL, form url.Values, referrer *url.URL) (*url.URL, url.Values, error) {
	res, err := w.request(ctx, u, form, referrer)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	if to, err := res.Location(); err == nil && res.StatusCode >= 300 && res.StatusCode < 400 {
		return to, nil, nil
	}
	page, err := io.ReadAll(io.LimitReader(res.Body, pageLimit))
	if err != nil {
		return nil, nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("%s answers %d: %.300q", u.Path, res.StatusCode, page)
	}
	return w.form(u, string(page))
}

func (w *walk) request(ctx context.Context, u *url.URL, form url.Values, referrer *url.URL) (*http.Response, error) {
	if form == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, err
		}
		return w.client.Do(req)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// What a browser says of a form on the page itself.
	req.Header.Set("Origin", referrer.Scheme+"://"+referrer.Host)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Sec-Fetch-Mode", "navigate")
	return w.client.Do(req)
}

// Plain pages need no parser of HTML: a form, its tags, their attributes.
var (
	formTag   = regexp.MustCompile(`(?is)<form\b([^>]*)>(.*?)</form>`)
	fieldTag  = regexp.MustCompile(`(?is)<(input|button)\b([^>]*)>`)
	attribute = regexp.MustCompile(`(?s)([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)
)

// form returns where the first form of page goes, and its values.
func (w *walk) form(at *url.URL, page string) (*url.URL, url.Values, error) {
	m := formTag.FindStringSubmatch(page)
	if m == nil {
		return nil, nil, fmt.Errorf("%s shows a page without a form: %.300q", at.Path, page)
	}
	attrs := attributes(m[1])
	if !strings.EqualFold(attrs["method"], "post") {
		return nil, nil, fmt.Errorf("%s shows a form that is not sent by POST", at.Path)
	}
	to, err := at.Parse(attrs["action"])
	if err != nil {
		return nil, nil, fmt.Errorf("action of the form at %s: %w", at.Path, err)
	}
	return to, w.fill(m[2]), nil
}

// fill returns the values of a form's fields. Of its buttons the first is pressed.
func (w *walk) fill(body string) url.Values {
	form, pressed := url.Values{}, false
	for _, m := range fieldTag.FindAllStringSubmatch(body, -1) {
		a := attributes(m[2])
		if strings.EqualFold(m[1], "button") || strings.EqualFold(a["type"], "submit") {
			if !pressed && a["name"] != "" {
				form.Set(a["name"], a["value"])
			}
			pressed = true
			continue
		}
		if a["name"] == "" {
			continue
		}
		value, given := w.values[a["name"]]
		if !given {
			value = a["value"]
		}
		form.Add(a["name"], value)
	}
	return form
}

func attributes(tag string) map[string]string {
	all := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
		all[strings.ToLower(m[1])] = html.UnescapeString(m[2] + m[3] + m[4])
	}
	return all
}
