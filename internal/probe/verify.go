package probe

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// VerifyOptions say which server to look at and how far to go.
type VerifyOptions struct {
	URL      string       // the MCP endpoint, as clients configure it
	Token    string       // a valid bearer token for the positive control; "" for none
	Call     []string     // tools that may be called although they are not read-only
	Optional bool         // the server means to let strangers initialize and list
	Public   []string     // with Optional: the tools that it means to let strangers call
	Client   *http.Client // nil means one with sensible limits; redirects are never followed
}

// VerifyURL calls a running server as a stranger, as somebody with a malformed
// token and, with o.Token, as a user, and compares each answer with the exact
// one that a guarded server must give. A status of 4xx alone proves nothing.
//
// A tool is called only when o.Call names it or when the server lists it as
// read-only to o.Token, only without a valid token, and only as long as every
// refusal before was one: an open server would run it. The error is not nil
// when the URL can't be called at all; it never contains the token.
func VerifyURL(ctx context.Context, o VerifyOptions) (*Report, error) {
	target, err := endpoint(o.URL)
	if err != nil {
		return nil, err
	}
	v := &verifier{o: o, target: target, report: &Report{Version: 1, URL: o.URL}}
	first := v.as("", Protocol20251125)
	a, err := first.Initialize(ctx)
	if err != nil {
		return nil, err
	}
	v.stranger("initialize ("+Protocol20251125+")", "POST initialize, no token", a, nil, true)
	v.strangers(ctx)
	v.malformed(ctx)
	v.metadata(ctx)
	tools := v.user(ctx)
	v.calls(ctx, v.exposed(ctx), tools)
	v.report.OK = v.report.count()[Failed] == 0
	return v.report, nil
}

// endpoint parses the URL of an MCP endpoint.
func endpoint(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%s: %w", quote(s), ErrNotHTTP)
	}
	if u.User != nil || u.Fragment != "" {
		return nil, fmt.Errorf("%s: the URL of an MCP server has no user name and no fragment", quote(u.Redacted()))
	}
	return u, nil
}

// A verifier is one run of VerifyURL.
type verifier struct {
	o      VerifyOptions
	target *url.URL
	report *Report
	open   string // name of the first refusal that failed; "" while there is none
}

func (v *verifier) as(token, protocol string) *Client {
	return &Client{URL: v.o.URL, Token: token, Protocol: protocol, HTTP: v.o.Client}
}

// strangers makes every request that runs no tool, without a token.
func (v *verifier) strangers(ctx context.Context) {
	c := v.as("", Protocol20250618)
	a, err := c.Initialize(ctx)
	v.stranger("initialize ("+Protocol20250618+")", "POST initialize, no token", a, err, true)
	c = v.as("", Protocol20251125)
	if v.o.Optional {
		// What strangers may list, they list in a session.
		if _, err := c.Initialize(ctx); err == nil {
			defer v.end(ctx, c)
		}
	} // Otherwise without one: the check of the caller comes before any other.
	for _, m := range []string{"tools/list", "prompts/list", "resources/list", "resources/templates/list"} {
		a, err := c.Call(ctx, m, map[string]any{})
		v.stranger(m, "POST "+m+", no token", a, err, true)
	}
	c = v.as("", Protocol20251125)
	for _, m := range []string{http.MethodGet, http.MethodDelete} {
		a, err := c.Do(ctx, m)
		v.stranger(m, m+", no token", a, err, false)
	}
	v.sibling(ctx)
}

// sibling makes sure that the same endpoint with (or without) a trailing slash
// is no second way in.
func (v *verifier) sibling(ctx context.Context) {
	u := *v.target
	if u.Path == "" || u.Path == "/" {
		return // one and the same request
	}
	if path, cut := strings.CutSuffix(u.Path, "/"); cut {
		u.Path = path
	} else {
		u.Path += "/"
	}
	u.RawPath = ""
	other := v.as("", Protocol20251125)
	other.URL = u.String()
	c := Check{
		Name: "stranger: initialize at " + u.Path, Request: "POST initialize to " + quote(other.URL) + ", no token",
		Expected: expectChallenge + "; or 404, 405, 421 or a redirect, where nothing is served",
	}
	a, err := other.Initialize(ctx)
	if err == nil && nothingThere(a) {
		c.Got, c.Outcome, c.Reason = seen(a), Refused, "nothing is served there"
		v.report.add(c)
		return
	}
	v.refused(c, a, err, "")
}

// nothingThere reports whether a says that there is no endpoint at its URL.
func nothingThere(a *Answer) bool {
	if a.Result != nil {
		return false
	}
	switch a.Status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusMisdirectedRequest,
		http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// stranger records a request that must be refused for want of a token. It may
// be served when the server says that it is for everyone, and it may be listed.
func (v *verifier) stranger(name, request string, a *Answer, err error, listed bool) {
	c := Check{Name: "stranger: " + name, Request: request, Expected: expectChallenge}
	if err == nil && v.o.Optional && v.tolerated(&c, a, listed) {
		v.report.add(c)
		return
	}
	v.refused(c, a, err, "")
}

// tolerated judges what a server with public tools answers to strangers: it may
// serve lists, and it need not ask for a sign-in where it serves nothing.
func (v *verifier) tolerated(c *Check, a *Answer, listed bool) bool {
	c.Got = seen(a)
	switch {
	case listed && a.Result != nil:
		c.Expected, c.Outcome = "a result, or "+expectChallenge, Allowed
		c.Reason = "strangers may initialize and list here (optional); this proves nothing about calls"
	case listed && a.Status == http.StatusOK && a.Error != nil:
		c.Expected, c.Outcome, c.Reason = "a result or an error, or "+expectChallenge, Allowed, "answered with an error: nothing is listed"
	case !listed && (nothingThere(a) || a.Status == http.StatusBadRequest):
		c.Expected, c.Outcome, c.Reason = "nothing, or "+expectChallenge, Refused, "without a session nothing is served there"
	default:
		return false
	}
	return true
}

// refused records the outcome of a request that must be refused with the error
// code want.
func (v *verifier) refused(c Check, a *Answer, err error, want string) {
	switch {
	case err != nil:
		c.Outcome, c.Reason = Failed, err.Error()
	default:
		c.Got = seen(a)
		if c.Reason = refusal(a, want, v.target); c.Reason != "" {
			c.Outcome = Failed
			break
		}
		c.Outcome, c.Reason = Refused, "refused with the challenge that makes a client sign in"
	}
	if !v.report.add(c) && v.open == "" {
		v.open = c.Name
	}
}

// malformed makes requests with a token that no server can have issued.
func (v *verifier) malformed(ctx context.Context) {
	c := v.as("not-a-token", Protocol20251125)
	for _, m := range []string{"initialize", "tools/list"} {
		a, err := c.Call(ctx, m, map[string]any{})
		v.refused(Check{
			Name:     "malformed token: " + m,
			Request:  "POST " + m + ", Authorization: Bearer not-a-token",
			Expected: expectInvalid,
		}, a, err, "invalid_token")
	}
}

// calls asks for tools as a stranger, as long as nothing has been let through.
// exposed are the tools that were dealt with already.
func (v *verifier) calls(ctx context.Context, exposed, listed []Tool) {
	names := slices.Clone(v.o.Call)
	for _, t := range listed {
		if t.Annotations.ReadOnly && !slices.Contains(names, t.Name) {
			names = append(names, t.Name)
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return named(exposed, name) })
	if len(names) == 0 && len(exposed) > 0 {
		return
	}
	if len(names) == 0 {
		v.skip("stranger: tools/call", expectChallenge, "no tool is named to be called, and without a token the read-only ones are not known")
	}
	for _, name := range names[:min(len(names), maxCalls)] {
		v.call(ctx, name)
	}
	if more := len(names) - maxCalls; more > 0 {
		v.skip(fmt.Sprintf("stranger: tools/call of %d more tools", more), expectChallenge, fmt.Sprintf("only %d tools are tried", maxCalls))
	}
}

// maxCalls bounds how many tools are tried.
const maxCalls = 100

func (v *verifier) call(ctx context.Context, name string) {
	c := Check{Name: "stranger: tools/call " + quote(name), Request: "POST tools/call " + quote(name) + ", no token", Expected: expectChallenge}
	if v.open != "" {
		c.Outcome, c.Reason = NotTried, fmt.Sprintf("%q was not refused; this call might run the tool", v.open)
		v.report.add(c)
		return
	}
	a, err := v.as("", Protocol20251125).CallTool(ctx, name, nil)
	v.refused(c, a, err, "")
}

func (v *verifier) skip(name, expected, why string) {
	v.report.add(Check{Name: name, Expected: expected, Outcome: NotTried, Reason: why})
}
