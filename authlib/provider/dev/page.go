package dev

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

const (
	maxWrongPerLogin = 5
	maxWrong         = 20 // in wrongWindow, over all logins
	wrongWindow      = 5 * time.Minute
	maxUser          = 64
)

// style is the like of the broker's pages: large enough for fingers, readable in
// both colours, and no wider than a small screen.
const style = `:root{color-scheme:light dark}
body{font:100%/1.5 system-ui,sans-serif;max-width:26rem;margin:1.5rem auto;padding:0 1rem;color:#1a1a1a;background:#fff;overflow-wrap:anywhere}
h1{font-size:1.3rem}label{display:block;margin-top:1rem}
input{font:inherit;width:100%;min-height:44px;padding:.4rem;box-sizing:border-box;color:inherit;background:#fff;border:1px solid #767676;border-radius:.3rem}
button{font:inherit;min-height:44px;margin-top:1.5rem;padding:.5rem 1.5rem;cursor:pointer;color:inherit;background:#f0f0f0;border:1px solid #767676;border-radius:.4rem}
[role=alert]{color:#b00020;font-weight:bold}:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}
@media (prefers-color-scheme:dark){body{background:#111;color:#eee}input{background:#1c1c1c;border-color:#8c8c8c}button{background:#2b2b2b;border-color:#8c8c8c}[role=alert]{color:#ff8a80}:focus-visible{outline-color:#8ab4f8}}`

func newPage() *template.Template {
	return template.Must(template.New("dev").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{if .Error}}{{.Error}} {{end}}Sign in (development)</title><style>` + style + `</style></head><body><main>
<h1>Sign in (development)</h1>
{{if .Error}}<p role="alert" id="error">{{.Error}}</p>{{end}}
{{if .State}}<p id="hint">The code was printed in the server's terminal when it started.</p>
<form method="post" action="{{.Action}}">
<input type="hidden" name="state" value="{{.State}}">
<label for="user">User name</label><input id="user" name="user" value="{{.User}}" maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false" required>
<label for="code">Code</label><input id="code" name="code" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="{{if .Error}}error {{end}}hint" required autofocus>
<button type="submit">Sign in</button></form>{{end}}</main></body></html>
`))
}

type pageData struct{ Action, State, User, Error string }

// Paths is the sign-in page's path.
func (p *Provider) Paths() []string { return []string{p.path} }

// ServeHTTP serves the sign-in page, to people at this machine only.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w.Header())
	if err := provider.CheckLocal(r, p.base); err != nil {
		p.say(w, http.StatusForbidden, "The development sign-in works only straight on this machine: "+err.Error()+".")
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		p.show(w, r.URL.Query().Get("state"))
	case http.MethodPost:
		p.submit(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

func setHeaders(h http.Header) {
	sum := sha256.Sum256([]byte(style))
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

func (p *Provider) show(w http.ResponseWriter, state string) {
	p.mu.Lock()
	l := p.live(state)
	p.mu.Unlock()
	if l == nil {
		p.say(w, http.StatusBadRequest, "This sign-in has ended. Start again from your MCP client.")
		return
	}
	p.render(w, http.StatusOK, pageData{Action: p.path, State: state, User: "dev"})
}

// say shows a page without a form.
func (p *Provider) say(w http.ResponseWriter, status int, problem string) {
	p.render(w, status, pageData{Error: problem})
}

func (p *Provider) render(w http.ResponseWriter, status int, d pageData) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = p.page.Execute(w, d) // the browser went away
}

// live returns a login that has not ended. p.mu is held.
func (p *Provider) live(state string) *login {
	l := p.logins[state]
	if l == nil || !p.now().Before(l.ends) {
		return nil
	}
	return l
}

func (p *Provider) submit(w http.ResponseWriter, r *http.Request) {
	if !provider.SameOrigin(r, &url.URL{Scheme: p.base.Scheme, Host: r.Host}) {
		p.say(w, http.StatusForbidden, "This form was sent by another site.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	if err := r.ParseForm(); err != nil {
		p.say(w, http.StatusBadRequest, "The form cannot be read.")
		return
	}
	state, user := r.PostForm.Get("state"), strings.TrimSpace(r.PostForm.Get("user"))
	if !validUser(user) {
		p.render(w, http.StatusBadRequest, pageData{Action: p.path, State: state, User: "dev", Error: "The user name must have 1 to 64 printable characters."})
		return
	}
	target, problem, status := p.check(state, user, r.PostForm.Get("code"))
	if problem != "" {
		p.render(w, status, pageData{Action: p.path, State: state, User: user, Error: problem})
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

func validUser(s string) bool {
	if s == "" || len(s) > maxUser {
		return false
	}
	return strings.IndexFunc(s, func(c rune) bool { return !unicode.IsPrint(c) || c == unicode.ReplacementChar }) < 0
}

// check compares the code and returns where to go next, or what is wrong.
func (p *Provider) check(state, user, code string) (target, problem string, status int) {
	sum := sha256.Sum256([]byte(strings.TrimSpace(code)))
	right := hmac.Equal(sum[:], p.code[:])
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.live(state)
	if l == nil {
		return "", "This sign-in has ended. Start again from your MCP client.", http.StatusBadRequest
	}
	if p.tooManyWrong() {
		return "", "Too many wrong codes. Wait five minutes.", http.StatusTooManyRequests
	}
	if !right {
		p.wrong = append(p.wrong, p.now())
		if l.wrong++; l.wrong >= maxWrongPerLogin {
			delete(p.logins, state)
		}
		return "", "That is not the code.", http.StatusForbidden
	}
	delete(p.logins, state)
	auth, err := randomToken()
	if err != nil {
		return "", "No randomness.", http.StatusInternalServerError
	}
	p.keep(auth, l, user)
	q := url.Values{"code": {auth}, "state": {state}}
	return l.redirect + "?" + q.Encode(), "", 0
}

// tooManyWrong forgets wrong codes older than wrongWindow. p.mu is held.
func (p *Provider) tooManyWrong() bool {
	since := p.now().Add(-wrongWindow)
	for len(p.wrong) > 0 && p.wrong[0].Before(since) {
		p.wrong = p.wrong[1:]
	}
	return len(p.wrong) >= maxWrong
}

// keep remembers a code until it is redeemed or ends. p.mu is held.
func (p *Provider) keep(auth string, l *login, user string) {
	now := p.now()
	for c, s := range p.codes {
		if !now.Before(s.ends) {
			delete(p.codes, c)
		}
	}
	s := &signed{login: *l, user: user}
	s.ends = now.Add(codeTTL)
	p.codes[auth] = s
}
