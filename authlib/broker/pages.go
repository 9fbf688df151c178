package broker

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// pageStyle respects the size of letters and the colours that a person has chosen.
// What a finger has to hit is 44 pixels high (WCAG 2.5.5), text has a contrast of
// 4.5 and edges one of 3 (1.4.3, 1.4.11), and nothing is wider than a screen of 320
// pixels (1.4.10).
const pageStyle = `:root{color-scheme:light dark}
body{font:100%/1.5 system-ui,sans-serif;max-width:34rem;margin:1.5rem auto;padding:0 1rem;color:#1a1a1a;background:#fff;overflow-wrap:anywhere}
h1{font-size:1.3rem}.host{font-size:min(2rem,7.5vw);font-weight:bold;line-height:1.25;margin:.5rem 0}
.note{border-left:4px solid #b36b00;padding-left:.8rem}dt{font-weight:bold;margin-top:.6rem}dd{margin:0}
fieldset{margin:1rem 0 0;padding:.2rem .8rem;border:1px solid #767676;min-width:0}label{display:flex;align-items:center;gap:.6rem;min-height:44px}
input{width:1.2rem;height:1.2rem;flex:none;margin:0}
button{font:inherit;min-height:44px;padding:.6rem 1.4rem;margin:.4rem .6rem .4rem 0;cursor:pointer;color:inherit;background:#f0f0f0;border:1px solid #767676;border-radius:.4rem}
code{font:1em ui-monospace,Menlo,monospace}a{color:#0b57d0}:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}
@media (prefers-color-scheme:dark){body{color:#eee;background:#111}button{background:#2b2b2b;border-color:#8c8c8c}fieldset{border-color:#8c8c8c}a{color:#8ab4f8}:focus-visible{outline-color:#8ab4f8}}`

const consentHTML = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Allow access to {{.Server}}?</title><style>` + pageStyle + `</style></head><body><main>
<h1>Allow access to {{.Server}}?</h1>
{{if .Publisher}}<p>The program is published by:</p>
<p class="host">{{.Publisher}}</p>{{end}}
<p>A program asks to use this server as you. If you allow it, you are sent to:</p>
<p class="host">{{.Host}}</p>
{{if .Note}}<p class="note">{{.Note}}</p>{{end}}
<dl><dt>The program calls itself</dt><dd>{{.Client}}</dd>
<dt>Address it gets the answer at</dt><dd>{{.Redirect}}</dd>
<dt>It asks for</dt>{{range .Scopes}}<dd><code>{{.}}</code></dd>{{else}}<dd>access as you, without further scopes{{if .Before}} than before{{end}}</dd>{{end}}
{{if .Before}}<dt>You allowed it before, and it keeps</dt>{{range .Before}}<dd><code>{{.}}</code></dd>{{end}}{{end}}
{{range .Asked}}<dt>{{$.Server}} itself asks {{.Provider}} for</dt>{{range .Scopes}}<dd><code>{{.}}</code></dd>{{else}}<dd>who you are{{if .Before}}, and no more than before{{end}}</dd>{{end}}
{{if .Before}}<dt>You gave {{$.Server}} before, from {{.Provider}}</dt>{{range .Before}}<dd><code>{{.}}</code></dd>{{end}}{{end}}{{end}}</dl>
<form method="post" action="{{.Action}}">
<input type="hidden" name="txn" value="{{.Txn}}"><input type="hidden" name="csrf" value="{{.CSRF}}">
{{if eq (len .Providers) 1}}{{range .Providers}}<input type="hidden" name="provider" value="{{.}}"><p>You sign in with {{.}}.</p>{{end}}
{{else}}<fieldset><legend>Sign in with</legend>{{range $i, $p := .Providers}}<label><input type="radio" name="provider" value="{{$p}}" required{{if eq $i 0}} checked{{end}}> {{$p}}</label>{{end}}</fieldset>{{end}}
<p>If you did not just start this yourself, do not allow it.</p>
<button type="submit" name="answer" value="approve">Allow</button>
<button type="submit" name="answer" value="deny">Do not allow</button>
</form><p>What you allowed before you can end: <a href="{{.SignOut}}">sign out of {{.Server}}</a>.</p></main></body></html>
`

const errorHTML = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Title}}</title><style>` + pageStyle + `</style></head><body><main><h1>{{.Title}}</h1><p role="status">{{.Message}}</p></main></body></html>
`

func newPages() *template.Template {
	t := template.Must(template.New("consent").Parse(consentHTML))
	template.Must(t.New("error").Parse(errorHTML))
	template.Must(t.New("signout").Parse(signOutHTML))
	return t
}

// pageCSP allows the one style sheet and nothing else. There is no form-action:
// browsers apply it to the redirects that follow the form, and would stop them.
func pageCSP() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; frame-ancestors 'none'; base-uri 'none'"
}

type consentData struct {
	Server, Client, Publisher, Host, Redirect, Note string
	Scopes, Before, Providers                       []string // Before: allowed earlier
	Asked                                           []asked
	Txn, CSRF                                       string
	Action, SignOut                                 string // where the answer goes, and the page to sign out
}

// asked is what a provider is asked for.
type asked struct {
	Provider       string
	Scopes, Before []string
}

// consentPage says what the user agrees to. The redirect host is largest, since
// it is the one thing that a client cannot make up.
func (b *Broker) consentPage(req *authRequest, c *client) (*consentData, error) {
	u, err := parseRedirect(req.Redirect)
	if err != nil {
		return nil, err
	}
	d := &consentData{Action: b.prefix + pathConsent, SignOut: b.prefix + pathSignOut, Server: printable(b.cfg.Name, 80), Client: c.Name, Redirect: req.Redirect, Host: u.Host}
	if id, err := url.Parse(c.ID); c.Document && err == nil {
		d.Publisher = id.Host
	}
	if d.Client == "" {
		d.Client = "(no name)"
	}
	switch {
	case isLoopbackRedirect(u):
		d.Host = "this computer (" + u.Host + ")"
		d.Note = "A program on this computer gets the access. Any program here can claim the name below, so allow it only if you just started it."
	case u.Scheme != "https":
		d.Host = "an app on this computer (" + u.Scheme + ":)"
		d.Note = "An app on this computer gets the access. Any app here can claim the name below, so allow it only if you just started it."
	case provider.IsLoopbackHost(u.Hostname()):
		d.Host = "this computer (" + u.Host + ")"
	}
	return d, nil
}

// showError shows err as a page; an error that is not meant for users becomes
// 503, and is logged.
func (b *Broker) showError(w http.ResponseWriter, r *http.Request, err error) {
	var pe *pageError
	var many *oauthError
	switch {
	case errors.As(err, &many) && many.Status == http.StatusTooManyRequests:
		b.tellLimit(r.Context(), many)
		w.Header().Set("Retry-After", limit.RetryAfter(many.after))
		pe = &pageError{many.Status, "Too many people are signing in right now", "Try again in a minute."}
	case !errors.As(err, &pe):
		b.cfg.Logger.ErrorContext(r.Context(), auditUnavailable, "path", r.URL.Path, "error", err)
		pe = &pageError{http.StatusServiceUnavailable, "Signing in is not possible right now", "Try again in a minute."}
	}
	if pe.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	b.render(w, pe.Status, "error", pe)
}

func (b *Broker) render(w http.ResponseWriter, status int, name string, data any) {
	var page strings.Builder
	if err := b.pages.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	if status == 0 {
		status = http.StatusOK
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", b.csp)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: with it browsers send "Origin: null" with the form.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page.String())) // the browser went away
}
