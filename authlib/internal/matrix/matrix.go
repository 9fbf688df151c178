// Package matrix is the specification of who may do what: every method of the
// protocol, and for each kind of caller what becomes of it. The tests of the
// adapters hold each SDK's transports against it.
//
// It is written for this policy: the base demands the scope read. The tool hello is
// public; the tool who, the prompt greet and the resources doc://a and item://{id}
// demand nothing else; the tool delete, the prompt hidden and the resources doc://b
// and raw://{id} demand the scope write; everything else is unlisted.
package matrix

import "strings"

// A Verdict is what becomes of a message.
type Verdict string

// The verdicts. Each but Served means that the SDK never saw the message.
const (
	Served       Verdict = "served"
	SignIn       Verdict = "401"     // with a challenge
	Forbidden    Verdict = "403"     // with a challenge where a scope would help
	NeedsSession Verdict = "400"     // it acts on state that only a session says whose it is
	Dropped      Verdict = "dropped" // 202: its sender expects no answer
)

// A Row is one message and what becomes of it for callers who are nobody, who have
// the scope read, and who have write as well. A token that is not valid is SignIn
// for every message.
type Row struct {
	Method, Params           string
	Stranger, Reader, Writer Verdict
	// Bound messages act on the state of a session: without one of the caller's own,
	// what would be Served is NeedsSession, or Dropped where nobody waits.
	Bound bool
}

// Response is the Method of an answer to a request of the server's.
const Response = "response"

// Notification reports whether nobody waits for an answer to r.
func (r Row) Notification() bool {
	return r.Method == Response || strings.HasPrefix(r.Method, "notifications/")
}

// Message is r as JSON-RPC.
func (r Row) Message() string {
	switch {
	case r.Method == Response:
		return `{"jsonrpc":"2.0","id":7,"result":{}}`
	case r.Notification():
		return `{"jsonrpc":"2.0","method":"` + r.Method + `","params":` + r.Params + `}`
	}
	return `{"jsonrpc":"2.0","id":7,"method":"` + r.Method + `","params":` + r.Params + `}`
}

// String names r in a test.
func (r Row) String() string { return r.Method + " " + r.Params }

// Want is the verdict that a caller with these rights gets, with or without a
// session of their own.
func (r Row) Want(v Verdict, session bool) Verdict {
	switch {
	case v != Served || !r.Bound || session:
		return v
	case r.Notification():
		return Dropped
	}
	return NeedsSession
}

// Rows are all of it.
func Rows() (rows []Row) {
	add := func(stranger, reader, writer Verdict, bound bool, methods ...string) {
		for _, m := range methods {
			method, params, _ := strings.Cut(m, " ")
			if params == "" {
				params = "{}"
			}
			rows = append(rows, Row{method, params, stranger, reader, writer, bound})
		}
	}
	// What a client needs to find out what there is; the lists hold what the caller may use.
	add(Served, Served, Served, false, "ping", "server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list",
		"notifications/initialized",
		`initialize {"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}`,
		`tools/call {"name":"hello"}`)
	// What anybody does who has signed in.
	add(SignIn, Served, Served, false, "logging/setLevel {\"level\":\"info\"}",
		`tools/call {"name":"who"}`, `prompts/get {"name":"greet"}`, `resources/read {"uri":"doc://a"}`, `resources/read {"uri":"item://1"}`,
		`resources/subscribe {"uri":"doc://a"}`, `resources/unsubscribe {"uri":"doc://a"}`,
		`completion/complete {"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"x","value":"y"}}`,
		`completion/complete {"ref":{"type":"ref/resource","uri":"doc://a"},"argument":{"name":"x","value":"y"}}`,
		`notifications/progress {"progressToken":1,"progress":1}`, "notifications/roots/list_changed", `notifications/elicitation/complete {"elicitationId":"x"}`)
	// What needs more scope.
	add(SignIn, Forbidden, Served, false,
		`tools/call {"name":"delete"}`, `prompts/get {"name":"hidden"}`, `resources/read {"uri":"doc://b"}`, `resources/read {"uri":"raw://1"}`,
		`resources/subscribe {"uri":"doc://b"}`, `resources/unsubscribe {"uri":"doc://b"}`,
		`completion/complete {"ref":{"type":"ref/prompt","name":"hidden"},"argument":{"name":"x","value":"y"}}`,
		`completion/complete {"ref":{"type":"ref/resource","uri":"doc://b"},"argument":{"name":"x","value":"y"}}`)
	// What acts on the state of a session.
	add(SignIn, Served, Served, true, `tasks/get {"taskId":"x"}`, `tasks/result {"taskId":"x"}`, `tasks/cancel {"taskId":"x"}`, `tasks/update {"taskId":"x"}`,
		"tasks/list", `tools/call {"name":"who","task":{}}`, `notifications/cancelled {"requestId":99}`,
		`notifications/tasks/status {"taskId":"x","status":"working"}`, Response)
	// What the policy does not name, and what is no method for clients.
	add(SignIn, Forbidden, Forbidden, false,
		`tools/call {"name":"other"}`, `tools/call {"name":"none"}`, `prompts/get {"name":"none"}`, `resources/read {"uri":"doc://none"}`,
		`completion/complete {"ref":{"type":"ref/prompt","name":"none"},"argument":{"name":"x","value":"y"}}`,
		"sampling/createMessage", "elicitation/create", "roots/list", "notifications/message", "notifications/tools/list_changed",
		"notifications/resources/updated", "Tools/List", "tools/call/", "x/unknown", "rpc.discover")
	return rows
}

// Listening are the rows of subscriptions/listen, which opens a stream where the SDK
// knows it and it is served.
func Listening() []Row {
	return []Row{
		{"subscriptions/listen", `{"notifications":{"toolsListChanged":true}}`, SignIn, Served, Served, false},
		{"subscriptions/listen", `{"notifications":{"resourceSubscriptions":["doc://a"]}}`, SignIn, Served, Served, false},
		{"subscriptions/listen", `{"notifications":{"resourceSubscriptions":["doc://a","doc://b"]}}`, SignIn, Forbidden, Served, false},
	}
}
