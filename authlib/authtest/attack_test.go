package authtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
)

// wants says which attempts have to be found to get through.
func wants(t *testing.T, r *recorder, outcomes []authtest.Outcome, verdict authtest.Verdict, names ...string) {
	t.Helper()
	for _, name := range names {
		i := slices.IndexFunc(outcomes, func(o authtest.Outcome) bool { return o.Name == name })
		if i < 0 {
			t.Errorf("%q is no attempt", name)
		} else if outcomes[i].Verdict != verdict || !slices.ContainsFunc(r.errors, func(e string) bool { return strings.Contains(e, name) }) {
			t.Errorf("it is %v, want %s and an error of the test", outcomes[i], verdict)
		}
	}
}

// served is an MCP server that answers every message with a result.
func served(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"hello"}]}}`)
}

func attack(t *testing.T, h http.HandlerFunc, change func(*authtest.Target)) (*recorder, []authtest.Outcome) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	r := &recorder{TB: t}
	target := authtest.Target{Caller: authtest.NewClient(t, srv.URL+"/mcp").UseToken("good-token-of-alice"), Tool: "who", Denied: "wipe"}
	if change != nil {
		change(&target)
	}
	var outcomes []authtest.Outcome
	r.run(func() { outcomes = authtest.Attack(r, target) })
	return r, outcomes
}

// A server that asks nobody lets everything through, and every attempt says so.
func TestOpenServerIsFound(t *testing.T) {
	r, outcomes := attack(t, served, nil)
	if r.fatal != "" || len(outcomes) != len(authtest.Hostile()) {
		t.Fatalf("%d outcomes: %s", len(outcomes), r.fatal)
	}
	for _, o := range outcomes {
		if o.Verdict == authtest.Refused {
			t.Errorf("an open server refuses: %v", o)
		}
	}
	wants(t, r, outcomes, authtest.LetThrough, "no credential", "the key name twice", "a session that nobody opened", "another host", "a tool that is not the caller's")
}

// Usual mistakes of guards are found: one that finds the token anywhere in the
// header, decides on what encoding/json makes of the message, and goes by nothing
// else.
func TestSimpleGuardIsFound(t *testing.T) {
	guard := func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(strings.Join(r.Header["Authorization"], ","), "good-token-of-alice") {
			w.Header().Set("WWW-Authenticate", `Bearer resource_metadata="http://localhost/x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var m struct{ Params struct{ Name string } }
		_ = json.NewDecoder(r.Body).Decode(&m)
		if m.Params.Name == "wipe" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		served(w, r)
	}
	r, outcomes := attack(t, guard, nil)
	wants(t, r, outcomes, authtest.LetThrough, "a good token and one character more", "two Authorization headers, the second good", "two tokens in one header",
		"a good token in the header and in the query", "the key name twice", "the key name again in capitals", "a batch where the protocol has none",
		"two messages one after the other", "text/plain", "a page of another origin", "another host", "a method header that says something else",
		"a session that nobody opened", "two session ids", "the method PUT", "a body that announces more than the server takes",
		"a tool that is not the caller's, second in a batch")
	for _, o := range outcomes {
		if slices.Contains([]string{"no credential", "a tool that is not the caller's", `a token with the algorithm "none"`}, o.Name) && o.Verdict != authtest.Refused {
			t.Errorf("refused, and taken for %v", o)
		}
	}
}

// A refusal without a challenge, an outage, and a tool that runs all the same are not
// taken for refusals.
func TestWhatLooksLikeARefusalIsNone(t *testing.T) {
	ran := 0
	guard := func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") == "Bearer good-token-of-alice" && r.Host != "evil.example.com":
			ran++
			served(w, r)
		case r.Header.Get("Cookie") != "":
			w.WriteHeader(http.StatusInternalServerError)
		case r.Header.Get("X-Api-Key") != "":
			ran++
			w.Header().Set("WWW-Authenticate", `Bearer resource_metadata="http://localhost/x"`)
			w.WriteHeader(http.StatusUnauthorized)
		case r.Host == "evil.example.com":
			panic(http.ErrAbortHandler)
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
	r, outcomes := attack(t, guard, func(target *authtest.Target) { target.Ran = func() int { return ran } })
	wants(t, r, outcomes, authtest.Unclear, "no credential", "a good token in a cookie", "another host")
	wants(t, r, outcomes, authtest.LetThrough, "a good token in X-Api-Key")
}

// Where nothing works a refusal shows nothing, and nobody else's server is attacked.
func TestAttackNeedsAServerThatWorks(t *testing.T) {
	closed := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	failing := func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"jsonrpc":"2.0","id":1000,"error":{"code":-32601,"message":"no"}}`)
	}
	for what, tt := range map[string]struct {
		h      http.HandlerFunc
		change func(*authtest.Target)
		want   string
	}{
		"nobody is there":       {closed, func(x *authtest.Target) { x.Endpoint = "http://127.0.0.1:1/" }, "nothing is wrong fails"},
		"initialize is refused": {closed, nil, "initialize"},
		"the tool is an error":  {failing, nil, "-32601"},
		"no tool":               {served, func(x *authtest.Target) { x.Tool = "" }, "needs a Caller"},
		"no token":              {served, func(x *authtest.Target) { x.Caller.UseToken("") }, "needs a Caller"},
		"no caller":             {served, func(x *authtest.Target) { x.Caller = nil }, "needs a Caller"},
		"somewhere else": {served, func(x *authtest.Target) {
			x.Caller = authtest.NewClient(t, "https://mcp.example.com/mcp").UseToken("x")
		}, "not on this machine"},
	} {
		r, outcomes := attack(t, tt.h, tt.change)
		if !strings.Contains(r.fatal, tt.want) || outcomes != nil {
			t.Errorf("%s: %q, %d outcomes; want %q", what, r.fatal, len(outcomes), tt.want)
		}
	}
}

// The names of attempts are what people look for in a log.
func TestAttemptsAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, try := range authtest.Hostile() {
		if try.Name == "" || try.Why == "" || len(try.Want) == 0 || seen[try.Name] {
			t.Errorf("%+v: no name of its own, no reason or no status", try.Name)
		}
		seen[try.Name] = true
		for _, status := range try.Want {
			if status < 300 || status > 501 {
				t.Errorf("%s: %d is no refusal", try.Name, status)
			}
		}
	}
	if len(seen) < 100 {
		t.Errorf("only %d attempts", len(seen))
	}
}
