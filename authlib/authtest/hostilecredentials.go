package authtest

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// badCredentials are those of callers who have none, or put one where it does not
// belong (RFC 6750 §2, MCP authorization, Token Requirements).
func badCredentials() []Attempt {
	const open = "anybody could call the tool"
	const leak = "tokens in such a place end up in logs and histories, or are sent along by browsers"
	const twice = "somebody in front may check the one and the server use the other"
	// with sends the caller's token in a header, after format.
	with := func(header, before string) func(*attacker, *http.Request) {
		return stranger(func(a *attacker, r *http.Request) { r.Header.Set(header, before+a.Caller.Token()) })
	}
	return []Attempt{
		{Name: "no credential", Why: open, Want: []int{401}, change: stranger(unchanged)},
		{Name: "an empty Authorization header", Why: open, Want: []int{400, 401}, change: stranger(setHeader("Authorization", ""))},
		{Name: "the word Bearer alone", Why: open, Want: []int{400, 401}, change: stranger(setHeader("Authorization", "Bearer"))},
		{Name: "a token that nobody issued", Why: open, Want: []int{401}, change: stranger(setHeader("Authorization", "Bearer "+strings.Repeat("a", 43)))},
		{Name: "a good token and one character more", Why: "tokens could be made of others", Want: []int{401},
			change: func(a *attacker, r *http.Request) { r.Header.Set("Authorization", "Bearer "+a.Caller.Token()+"x") }},
		{Name: "a good token without its last characters", Why: "tokens could be made of others", Want: []int{401},
			change: func(a *attacker, r *http.Request) {
				token := a.Caller.Token()
				r.Header.Set("Authorization", "Bearer "+token[:len(token)-4])
			}},
		{Name: "a token of 64 KiB", Why: "whoever checks it can be kept busy", Want: []int{400, 401, 431}, change: setHeader("Authorization", "Bearer "+strings.Repeat("a", 64<<10))},
		{Name: "a good token in the query", Why: leak, Want: []int{400, 401},
			change: stranger(func(a *attacker, r *http.Request) { setQuery(r, "access_token", a.Caller.Token()) })},
		{Name: "a good token in the header and in the query", Why: twice, Want: []int{400},
			change: func(a *attacker, r *http.Request) { setQuery(r, "access_token", a.Caller.Token()) }},
		{Name: "a good token in a form", Why: leak, Want: []int{400, 401, 415},
			change: stranger(func(a *attacker, r *http.Request) {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				setBody(r, url.Values{"access_token": {a.Caller.Token()}}.Encode())
			})},
		{Name: "a good token in a cookie", Why: leak, Want: []int{401}, change: with("Cookie", "access_token=")},
		{Name: "a good token in Proxy-Authorization", Why: leak, Want: []int{400, 401}, change: with("Proxy-Authorization", "Bearer ")},
		{Name: "a good token in X-Api-Key", Why: leak, Want: []int{401}, change: with("X-Api-Key", "")},
		{Name: "a good token by Basic authentication", Why: leak, Want: []int{401},
			change: stranger(func(a *attacker, r *http.Request) {
				r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(a.Caller.Token()+":")))
			})},
		{Name: "two Authorization headers, both good", Why: twice, Want: []int{400},
			change: func(a *attacker, r *http.Request) {
				r.Header["Authorization"] = []string{"Bearer " + a.Caller.Token(), "Bearer " + a.Caller.Token()}
			}},
		{Name: "two Authorization headers, the second good", Why: twice, Want: []int{400},
			change: func(a *attacker, r *http.Request) {
				r.Header["Authorization"] = []string{"Bearer nobody", "Bearer " + a.Caller.Token()}
			}},
		{Name: "two tokens in one header", Why: twice, Want: []int{400, 401},
			change: func(a *attacker, r *http.Request) {
				r.Header.Set("Authorization", "Bearer nobody, Bearer "+a.Caller.Token())
			}},
		{Name: "headers in which a proxy would name the user", Why: "anybody could write them", Want: []int{401},
			change: stranger(func(_ *attacker, r *http.Request) {
				for _, name := range []string{"X-Forwarded-User", "X-Forwarded-Email", "X-Auth-Request-User", "X-Remote-User", "Remote-User", "X-User-Id", "X-Goog-Authenticated-User-Email"} {
					r.Header.Set(name, "admin")
				}
			})},
		{Name: "headers that say it comes from this machine", Why: "anybody could write them", Want: []int{401},
			change: stranger(func(_ *attacker, r *http.Request) {
				r.Header.Set("X-Forwarded-For", "127.0.0.1")
				r.Header.Set("X-Real-Ip", "127.0.0.1")
				r.Header.Set("Forwarded", "for=127.0.0.1;host=localhost;proto=https")
			})},
		{Name: "a header that changes the method", Why: "a check by method is passed by", Want: []int{401},
			change: stranger(func(_ *attacker, r *http.Request) {
				r.Header.Set("X-Http-Method-Override", "OPTIONS")
				setQuery(r, "_method", "OPTIONS")
			})},
		{Name: "a HEAD request without a credential", Why: "it may run what GET runs", Want: []int{401, 405}, change: bare(http.MethodHead, false)},
		{Name: "a stream without a credential", Why: "whatever the server tells its users goes down it", Want: []int{401, 405}, change: bare(http.MethodGet, false)},
		{Name: "an end of a session without a credential", Why: "anybody could end other people's sessions", Want: []int{401, 405}, change: bare(http.MethodDelete, false)},
	}
}

// bare is a request without a body.
func bare(method string, signedIn bool) func(*attacker, *http.Request) {
	change := func(_ *attacker, r *http.Request) {
		r.Method, r.Body, r.GetBody, r.ContentLength = method, nil, nil, 0
		r.Header.Del("Content-Type")
		r.Header.Set("Accept", "text/event-stream")
	}
	if signedIn {
		return change
	}
	return stranger(change)
}
