package probe

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// bodyLimit bounds how much of an answer is read, in bytes.
const bodyLimit = 1 << 20

// An Answer is what a server said to one HTTP request.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte          // at most 1 MiB; nil for an event stream
	Result json.RawMessage // of the JSON-RPC response; nil if there is none
	Error  *RPCError       // of the JSON-RPC response; nil if there is none
}

// An RPCError is the error of a JSON-RPC response.
type RPCError struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// Error returns the code and the message, shortened and quoted.
func (e *RPCError) Error() string {
	return fmt.Sprintf("JSON-RPC error %d: %s", e.Code, quote(e.Message))
}

// response is a JSON-RPC response.
type response struct {
	ID     json.RawMessage `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *RPCError       `json:"error"`
}

// answer reads the response to request id. It returns an error only when the
// body can't be read; a body that is no JSON-RPC leaves Result and Error nil.
func answer(res *http.Response, id int64) (*Answer, error) {
	a := &Answer{Status: res.StatusCode, Header: res.Header}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if kind == "text/event-stream" {
		return a, a.fromStream(res.Body, id)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > bodyLimit {
		return nil, fmt.Errorf("the answer is larger than %d bytes", bodyLimit)
	}
	a.Body = body
	if kind == "application/json" {
		a.take(body, id)
	}
	return a, nil
}

// take fills Result and Error from data, if data is the response to id.
func (a *Answer) take(data []byte, id int64) bool {
	var r response
	if json.Unmarshal(data, &r) != nil || (r.Result == nil && r.Error == nil) {
		return false
	}
	// An error that was made before the request was understood has no id.
	if r.Error == nil && string(r.ID) != fmt.Sprint(id) {
		return false
	}
	a.Result, a.Error = r.Result, r.Error
	return true
}

// fromStream reads server-sent events until the response to id comes. id 0
// stands for a request that expects no response: then nothing is read, because
// such a stream stays open.
func (a *Answer) fromStream(body io.Reader, id int64) error {
	if id == 0 {
		return nil
	}
	lines := bufio.NewScanner(io.LimitReader(body, bodyLimit))
	lines.Buffer(nil, bodyLimit)
	var data bytes.Buffer
	for lines.Scan() {
		line := lines.Text()
		if line == "" {
			if a.take(data.Bytes(), id) {
				return nil
			}
			data.Reset()
			continue
		}
		if v, ok := strings.CutPrefix(line, "data:"); ok {
			data.WriteString(strings.TrimPrefix(v, " "))
			data.WriteByte('\n')
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the event stream: %w", err)
	}
	if a.take(data.Bytes(), id) {
		return nil
	}
	return errors.New("the event stream ended without the response")
}

// quote makes a string from outside fit for a terminal or a report: one line,
// escaped, at most 200 bytes.
func quote(s string) string {
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
