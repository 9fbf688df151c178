package authtest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// badRequests are requests of a user who has signed in that are not as the transport
// wants them (MCP Streamable HTTP).
func badRequests() []Attempt {
	const read = "a guard may read one message and the server another"
	const page = "a page of somebody else's could use the browser's way to the server"
	const header = "somebody in front may have decided by the header"
	list := []Attempt{
		{Name: "text/plain", Why: page, Want: []int{415}, change: setHeader("Content-Type", "text/plain")},
		{Name: "no Content-Type", Why: page, Want: []int{415}, change: func(_ *attacker, r *http.Request) { r.Header.Del("Content-Type") }},
		{Name: "a form", Why: page, Want: []int{415}, change: setHeader("Content-Type", "application/x-www-form-urlencoded")},
		{Name: "UTF-16", Why: read, Want: []int{415}, change: setHeader("Content-Type", "application/json; charset=utf-16")},
		{Name: "a compressed body", Why: "a few bytes could unpack to gigabytes", Want: []int{415}, change: setHeader("Content-Encoding", "gzip")},
		{Name: "two Content-Type headers", Why: read, Want: []int{400}, change: setHeader("Content-Type", "application/json", "text/plain")},
		{Name: "an offer to become a WebSocket", Why: "what follows is seen by no guard", Want: []int{400, 426}, change: func(_ *attacker, r *http.Request) {
			r.Header.Set("Connection", "Upgrade")
			r.Header.Set("Upgrade", "websocket")
		}},
		{Name: "a page of another origin", Why: page, Want: []int{403}, change: setHeader("Origin", "https://evil.example.com")},
		{Name: "a page of no origin", Why: page, Want: []int{403}, change: setHeader("Origin", "null")},
		{Name: "a page of an origin that begins the same", Why: page, Want: []int{403}, change: func(a *attacker, r *http.Request) {
			r.Header.Set("Origin", a.Caller.url.Scheme+"://"+a.Caller.url.Hostname()+".evil.example.com")
		}},
		{Name: "another host", Why: "a page whose name was bound to this machine could talk to the server (DNS rebinding)", Want: []int{421, 403}, change: func(_ *attacker, r *http.Request) { r.Host = "evil.example.com" }},
		{Name: "a method header that says something else", Why: header, Want: []int{400}, change: setHeader("Mcp-Method", "ping")},
		{Name: "a name header that says something else", Why: header, Want: []int{400}, change: func(_ *attacker, r *http.Request) {
			r.Header.Set("Mcp-Method", "tools/call")
			r.Header.Set("Mcp-Name", "another")
		}},
		{Name: "a version header that says something else", Why: header, Want: []int{400}, change: func(a *attacker, r *http.Request) {
			r.Header.Set("Mcp-Protocol-Version", "2026-07-28")
			r.Header.Set("Mcp-Method", "tools/call")
			r.Header.Set("Mcp-Name", a.Tool)
			setBody(r, strings.Replace(a.call(a.Tool), `"params":{`, `"params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2025-06-18"},`, 1))
		}},
		{Name: "events of a stream that is nobody's", Why: "event numbers are easy to guess", Want: []int{400, 404, 405}, change: func(a *attacker, r *http.Request) {
			bare(http.MethodGet, true)(a, r)
			r.Header.Del("Mcp-Session-Id")
			r.Header.Set("Last-Event-Id", "1")
		}},
		{Name: "a body that announces more than the server takes", Why: "memory is set aside for it", Want: []int{413}, closes: true, change: func(a *attacker, r *http.Request) { setBody(r, a.large()) }},
		{Name: "a body that turns out larger than the server takes", Why: "it fills the memory", Want: []int{413}, closes: true, change: func(a *attacker, r *http.Request) {
			setBody(r, a.large())
			r.ContentLength = -1
		}},
		slow("a body that never ends", unchanged),
		slow("a stranger's body that never ends", stranger(unchanged)),
	}
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodTrace, "TOOLS"} {
		list = append(list, Attempt{Name: "the method " + method, Why: "a guard that knows POST only passes it on", Want: []int{405, 501}, change: bare(method, true)})
	}
	return list
}

// large is a call that is one byte larger than the server takes.
func (a *attacker) large() string {
	call := a.call(a.Tool)
	return call + strings.Repeat(" ", a.MaxBody+1-len(call))
}

// slow is a body of which one byte comes, and the rest not before the server has
// given up.
func slow(name string, change func(*attacker, *http.Request)) Attempt {
	return Attempt{
		Name: name, Why: "a few callers could hold every connection", Want: []int{400, 401, 408}, slow: true, closes: true,
		needs: func(a *attacker) string {
			if a.Patience == 0 {
				return "the Target has no Patience for it"
			}
			return ""
		},
		change: func(a *attacker, r *http.Request) {
			change(a, r)
			r.Body, r.GetBody, r.ContentLength = &slowBody{ctx: r.Context()}, nil, 100
		},
	}
}

type slowBody struct {
	ctx  context.Context
	sent bool
}

func (b *slowBody) Read(p []byte) (int, error) {
	if !b.sent && len(p) > 0 {
		b.sent, p[0] = true, '{'
		return 1, nil
	}
	<-b.ctx.Done()
	return 0, io.ErrUnexpectedEOF
}

func (b *slowBody) Close() error { return nil }

// badPaths are other spellings of the endpoint's path, without a credential: a guard
// that goes by the path may not know them for what the server serves.
func badPaths() []Attempt {
	spell := map[string]func(path string) string{
		"a slash at the end":             func(p string) string { return p + "/" },
		"two slashes at the beginning":   func(p string) string { return "/" + p },
		"a dot segment":                  func(p string) string { return "/." + p },
		"a way up and back":              func(p string) string { return "/x/.." + p },
		"an encoded way up":              func(p string) string { return "/x/%2e%2e" + p },
		"an encoded slash at the end":    func(p string) string { return p + "%2f" },
		"an encoded letter":              func(p string) string { return p[:len(p)-1] + "%" + hexByte(p[len(p)-1]) },
		"capitals":                       strings.ToUpper,
		"a path parameter":               func(p string) string { return p + ";x=1" },
		"a null byte":                    func(p string) string { return p + "%00" },
		"the public metadata before it":  func(p string) string { return "/.well-known/oauth-protected-resource/.." + p },
		"the public metadata's own path": func(p string) string { return "/.well-known/oauth-protected-resource" + p },
	}
	var list []Attempt
	for _, name := range sorted(spell) {
		list = append(list, Attempt{
			Name: "a stranger at the path with " + name, Why: "a path that is open leads to the tool",
			Want: []int{301, 302, 307, 308, 400, 401, 404, 405, 421}, change: stranger(func(a *attacker, r *http.Request) {
				path := "/mcp"
				if p := r.URL.Path; len(p) > 1 {
					path = p
				}
				r.URL = &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Opaque: spell[name](path), RawQuery: r.URL.RawQuery}
				if strings.HasPrefix(r.URL.Opaque, "//") { // would be taken for a host
					r.URL.Opaque = "//" + r.URL.Host + r.URL.Opaque
				}
			}),
		})
	}
	return list
}
