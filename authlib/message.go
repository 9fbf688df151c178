package authlib

import "strings"

// A message is what the guard has to know of one JSON-RPC message.
type message struct {
	version2  bool   // jsonrpc is "2.0"
	id        []byte // canonical; nil when absent or null
	method    string // "" for a response
	hasMethod bool
	outcome   bool // result or error is there
	params    byte // first byte of params; 0 when absent

	name, uri, taskID string
	hasName, hasURI   bool
	task              bool // params.task is there and not null
	ref               reference
	metaVersion       string
	hasMetaVersion    bool
	subscriptions     []string // subscriptions/listen: resource URIs
}

type reference struct{ kind, name, uri string }

// methodResponse stands for a message without a method: the answer to a request
// of the server's. It is decided on like everything else (a response may carry
// what a user was asked for).
const methodResponse = "response"

// A scratch is the memory in which a usual message is read without asking for more.
// What is read from it is used while it is not used again.
type scratch struct {
	keys [24]span
	msgs [1]message
	ops  [1]Operation
}

// parseBody reads body, over which it writes the canonical encoding, and returns
// that and the messages in it. More than one needs batches to be allowed, which
// they are in MCP 2025-03-26 only.
func (mem *scratch) parseBody(body []byte, batches bool) (canonical []byte, msgs []message, err error) {
	s := scanner{buf: body, keys: mem.keys[:0]}
	i := s.space(0)
	switch {
	case s.tooLong():
		_, err = s.fail(i, "too long")
	case s.at(i) == '[' && batches:
		i, msgs, err = s.batch(i, mem.msgs[:0])
	default:
		msgs = append(mem.msgs[:0], message{})
		i, err = s.message(i, &msgs[0])
	}
	if i = s.space(i); err == nil && i < len(body) {
		_, err = s.fail(i, "data after the message")
	}
	return body[:s.w], msgs, err
}

func (s *scanner) batch(i int, msgs []message) (_ int, _ []message, err error) {
	for {
		msgs = append(msgs, message{})
		if i, err = s.message(s.space(i+1), &msgs[len(msgs)-1]); err != nil {
			return i, msgs, err
		}
		i = s.space(i)
		switch c := s.at(i); {
		case c == ',' && len(msgs) < maxBatch:
		case c == ']':
			return i + 1, msgs, nil
		default:
			_, err = s.fail(i, "no comma or end of batch, or too many messages")
			return i, msgs, err
		}
	}
}

func (s *scanner) message(i int, m *message) (_ int, err error) {
	switch s.at(i) {
	case '{':
	case '[':
		return s.fail(i, "a batch, which this protocol version does not have,")
	default:
		return s.fail(i, "no JSON object")
	}
	s.msg = m
	if i, err = s.object(i, inMessage); err != nil {
		return i, err
	}
	if why := m.check(); why != "" {
		return s.fail(i, why)
	}
	return i, nil
}

func (s *scanner) wrong(i int, why string) error { _, err := s.fail(i, why); return err }

// capture keeps what the decision needs of one member of an object, which ends at i.
func (s *scanner) capture(i int, where place, key, value []byte) error {
	switch where {
	case inMessage:
		return s.captureTop(i, string(key), value)
	case inParams:
		return s.captureParam(i, string(key), value)
	case inRef:
		return s.captureRef(i, string(key), value)
	case inMeta:
		if string(key) == metaVersion {
			s.msg.hasMetaVersion = true
			return s.text(i, &s.msg.metaVersion, value)
		}
	}
	return nil
}

func (s *scanner) captureTop(i int, key string, value []byte) error {
	switch key {
	case "jsonrpc":
		s.msg.version2 = string(value) == `"2.0"`
	case "method":
		s.msg.hasMethod = true
		if s.msg.method = knownMethod(value); s.msg.method != "" {
			return nil
		}
		return s.text(i, &s.msg.method, value)
	case "id":
		if c := value[0]; c != '"' && c != '-' && c != 'n' && (c < '0' || c > '9') {
			return s.wrong(i, "id is no string or number")
		}
		if value[0] != 'n' {
			s.msg.id = value
		}
	case "params":
		s.msg.params = value[0]
	case "result", "error":
		s.msg.outcome = true
	default:
		return s.wrong(i, "key that JSON-RPC does not define")
	}
	return nil
}

func (s *scanner) captureParam(i int, key string, value []byte) error {
	switch key {
	case "name":
		s.msg.hasName = value[0] == '"'
		return s.textOr(i, &s.msg.name, value)
	case "uri":
		s.msg.hasURI = value[0] == '"'
		return s.textOr(i, &s.msg.uri, value)
	case "taskId":
		return s.textOr(i, &s.msg.taskID, value)
	case "task":
		s.msg.task = value[0] != 'n'
	}
	return nil
}

func (s *scanner) captureRef(i int, key string, value []byte) error {
	switch key {
	case "type":
		return s.textOr(i, &s.msg.ref.kind, value)
	case "name":
		return s.textOr(i, &s.msg.ref.name, value)
	case "uri":
		return s.textOr(i, &s.msg.ref.uri, value)
	}
	return nil
}

// subscription keeps one URI of subscriptions/listen.
func (s *scanner) subscription(i int, value []byte) error {
	var uri string
	if err := s.text(i, &uri, value); err != nil {
		return err
	}
	s.msg.subscriptions = append(s.msg.subscriptions, uri)
	return nil
}

// text stores a value that has to be a string, of a length that a name may have.
func (s *scanner) text(i int, to *string, value []byte) error {
	if value[0] != '"' {
		return s.wrong(i, "no string where the protocol has one")
	}
	return s.textOr(i, to, value)
}

// textOr is text for a key that means something to some methods only: a value of
// another type is left to the method that reads it.
func (s *scanner) textOr(i int, to *string, value []byte) error {
	if value[0] != '"' {
		return nil
	}
	if len(value) > maxName {
		return s.wrong(i, "name too long")
	}
	*to = unquote(value[1 : len(value)-1])
	return nil
}

// check reports what is wrong with a complete message, or "".
func (m *message) check() string {
	switch {
	case !m.version2:
		return `no "jsonrpc":"2.0"`
	case m.hasMethod == m.outcome:
		return "neither a request nor a response"
	case m.hasMethod && m.method == "":
		return "empty method"
	case !m.hasMethod && m.id == nil:
		return "a response without an id"
	case m.params != 0 && m.params != '{' && m.params != 'n':
		return "params are no object"
	}
	return m.checkNames()
}

// checkNames refuses a message that does not name what its method needs.
func (m *message) checkNames() string {
	switch m.method {
	case "tools/call", "prompts/get":
		if !m.hasName {
			return "no name"
		}
	case "resources/read", "resources/subscribe", "resources/unsubscribe":
		if !m.hasURI {
			return "no uri"
		}
	case "completion/complete":
		if m.ref.kind != "ref/prompt" && m.ref.kind != "ref/resource" {
			return "no ref to a prompt or resource"
		}
	case "tasks/get", "tasks/result", "tasks/cancel":
		if m.taskID == "" {
			return "no taskId"
		}
	}
	return ""
}

// knownMethod returns the methods that are called all the time without making a
// string of each, and "" for others.
func knownMethod(value []byte) string {
	switch string(value) {
	case `"tools/call"`:
		return "tools/call"
	case `"tools/list"`:
		return "tools/list"
	case `"resources/read"`:
		return "resources/read"
	case `"prompts/get"`:
		return "prompts/get"
	case `"ping"`:
		return "ping"
	}
	return ""
}

// appendOperations appends to ops what m does. Completion is getting or reading what its ref
// names, and listening is subscribing to each URI.
func (m *message) appendOperations(ops []Operation) []Operation {
	if !m.hasMethod {
		return append(ops, Operation{Method: methodResponse})
	}
	switch m.method {
	case "tools/call", "prompts/get":
		return append(ops, Operation{m.method, m.name})
	case "resources/read", "resources/subscribe", "resources/unsubscribe":
		return append(ops, Operation{m.method, m.uri})
	case "completion/complete":
		if m.ref.kind == "ref/prompt" {
			return append(ops, Operation{"prompts/get", m.ref.name})
		}
		return append(ops, Operation{"resources/read", m.ref.uri})
	case "subscriptions/listen":
		ops = append(ops, Operation{Method: m.method})
		for _, uri := range m.subscriptions {
			ops = append(ops, Operation{"resources/subscribe", uri})
		}
		return ops
	}
	return append(ops, Operation{Method: m.method})
}

// headerName is what the Mcp-Name header of the message has to say; ok is false
// for a method that has none (MCP 2026-07-28, Standard Request Headers).
func (m *message) headerName() (name string, ok bool) {
	switch m.method {
	case "tools/call", "prompts/get":
		return m.name, true
	case "resources/read":
		return m.uri, true
	}
	return "", false
}

// needsSession reports whether m acts on state that SDKs keep by session id only,
// so that without a session it would reach another caller's: tasks, and the
// cancelling of requests by their ids.
func (m *message) needsSession() bool {
	return m.task || strings.HasPrefix(m.method, "tasks/") || !m.hasMethod || m.method == "notifications/cancelled" ||
		m.method == "notifications/tasks/status"
}
