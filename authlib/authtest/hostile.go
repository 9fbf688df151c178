package authtest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// An Attempt is a request that a guarded server must refuse: a good one with one
// thing wrong.
type Attempt struct {
	Name string // what is wrong, unique among attempts
	Why  string // what a server that takes it gives away
	Want []int  // the statuses that refuse it; 401 needs a challenge as well

	rpcError bool                           // an answer that is a JSON-RPC error refuses it too
	slow     bool                           // it takes its time
	closes   bool                           // so does a connection that is closed
	needs    func(*attacker) string         // why it cannot be tried, or ""
	change   func(*attacker, *http.Request) // makes it of a good request
}

// Hostile returns what [Attack] tries: credentials that are none or not where they
// belong, tokens that are right but for one thing, messages that two readers could
// read differently, other people's sessions, and requests that are shaped to pass by
// a guard.
func Hostile() []Attempt {
	return slices.Concat(badCredentials(), badTokens(), badMessages(), badRequests(), badPaths(), badSessions())
}

// request is a good call of the target's tool.
func (a *attacker) request(ctx context.Context) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.endpoint, nil)
	if err != nil {
		a.t.Fatalf("authtest: %v", err)
	}
	a.Caller.dress(r, a.Caller.Token(), a.session)
	setBody(r, a.call(a.Tool))
	return r
}

// call is a message that calls a tool.
func (a *attacker) call(tool string) string {
	args := a.Args
	if args == nil || tool != a.Tool {
		args = map[string]any{}
	}
	return request(1000, "tools/call", map[string]any{"name": tool, "arguments": args})
}

// quoted is a JSON string of s.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func setBody(r *http.Request, body string) {
	r.Body = io.NopCloser(strings.NewReader(body))
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
}

// setQuery adds to the query of the endpoint.
func setQuery(r *http.Request, name, value string) {
	q := r.URL.Query()
	q.Set(name, value)
	r.URL.RawQuery = q.Encode()
}

func isRPCError(body []byte) bool {
	var m struct{ Error *RPCError }
	return json.Unmarshal(body, &m) == nil && m.Error != nil
}

// header returns a change that sets one header.
func setHeader(name string, values ...string) func(*attacker, *http.Request) {
	return func(_ *attacker, r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
}

// stranger makes a change to a request without a credential.
func stranger(change func(*attacker, *http.Request)) func(*attacker, *http.Request) {
	return func(a *attacker, r *http.Request) {
		r.Header.Del("Authorization")
		r.Header.Del("Mcp-Session-Id")
		change(a, r)
	}
}

func unchanged(*attacker, *http.Request) {}

func hexByte(b byte) string { return hex.EncodeToString([]byte{b}) }

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
