package authtest

import (
	"net/http"
	"strings"
)

// badSessions are sessions that are not the caller's, or nobody's (MCP Security Best
// Practices, Session Hijacking).
func badSessions() []Attempt {
	const guess = "who guesses or sees a session id could take the session over"
	const not = "to others a session does not exist"
	other := func(name string, change func(*attacker, *http.Request)) Attempt {
		return Attempt{Name: name, Why: guess + "; " + not, Want: []int{404}, needs: needsOther, change: func(a *attacker, r *http.Request) {
			r.Header.Set("Mcp-Session-Id", a.other)
			change(a, r)
		}}
	}
	body := func(message string) func(*attacker, *http.Request) {
		return func(_ *attacker, r *http.Request) { setBody(r, message) }
	}
	return []Attempt{
		{Name: "a session that nobody opened", Why: guess, Want: []int{404}, change: setHeader("Mcp-Session-Id", "00000000-0000-4000-8000-000000000000")},
		{Name: "two session ids", Why: guess, Want: []int{400}, change: setHeader("Mcp-Session-Id", "a", "b")},
		{Name: "the caller's session without a credential", Why: guess, Want: []int{401, 404}, needs: needsSession, change: func(_ *attacker, r *http.Request) { r.Header.Del("Authorization") }},
		{Name: "the caller's session with its id changed", Why: guess, Want: []int{404}, needs: needsSession, change: func(a *attacker, r *http.Request) {
			r.Header.Set("Mcp-Session-Id", changed(a.session))
		}},
		other("a call in another user's session", unchanged),
		other("another user's stream", bare(http.MethodGet, true)),
		other("the end of another user's session", bare(http.MethodDelete, true)),
		other("an answer to a question that another user was asked", body(`{"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{}}}`)),
		other("an error for a question that another user was asked", body(`{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}`)),
		other("a cancellation of another user's call", body(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)),
		other("a task of another user's", body(`{"jsonrpc":"2.0","id":1000,"method":"tasks/result","params":{"taskId":"1"}}`)),
	}
}

func needsSession(a *attacker) string {
	if a.session == "" {
		return "the server keeps no session for the caller"
	}
	return ""
}

func needsOther(a *attacker) string {
	if a.other == "" {
		return "the Target has no Other user, or the server keeps no session for them"
	}
	return ""
}

// changed is an id with another first character.
func changed(id string) string {
	if strings.HasPrefix(id, "a") {
		return "b" + id[1:]
	}
	return "a" + id[1:]
}
