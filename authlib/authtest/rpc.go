package authtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// An RPCError is an error that a JSON-RPC answer holds: the server's SDK or a guard
// inside it refused.
type RPCError struct {
	Code    int    `json:"code"`    // such as -32602 (JSON-RPC 2.0 §5.1)
	Message string `json:"message"` // for people
}

// Error has the code and the message.
func (e *RPCError) Error() string { return fmt.Sprintf("JSON-RPC error %d: %s", e.Code, e.Message) }

// Call calls a tool and returns the text of its result. It opens a session first
// where there is none. The error is a [*Refusal] where the server refused the
// request, an [*RPCError] where its answer is an error, and any other where the tool
// failed or the server could not be asked.
func (c *Client) Call(ctx context.Context, tool string, args map[string]any) (string, error) {
	params := map[string]any{"name": tool}
	if args != nil {
		params["arguments"] = args
	}
	result, err := c.Do(ctx, "tools/call", params)
	if err != nil {
		return "", err
	}
	var answer struct {
		Content []struct{ Text string }
		IsError bool
	}
	if err := json.Unmarshal(result, &answer); err != nil {
		return "", err
	}
	var texts []string
	for _, part := range answer.Content {
		texts = append(texts, part.Text)
	}
	text := strings.Join(texts, "\n")
	if answer.IsError {
		return "", fmt.Errorf("tool %s failed: %s", tool, text)
	}
	return text, nil
}

// Tools are the names of the tools that the server lists for this caller, in the
// order of its list.
func (c *Client) Tools(ctx context.Context) (names []string, err error) {
	for cursor, params := "first", map[string]any(nil); cursor != ""; {
		result, err := c.Do(ctx, "tools/list", params)
		if err != nil {
			return nil, err
		}
		var page struct {
			Tools      []struct{ Name string }
			NextCursor string
		}
		if err := json.Unmarshal(result, &page); err != nil {
			return nil, err
		}
		for _, tool := range page.Tools {
			names = append(names, tool.Name)
		}
		cursor, params = page.NextCursor, map[string]any{"cursor": page.NextCursor}
	}
	return names, nil
}

// Do sends any request and returns its result; errors are as for Call. A session
// that the server has ended is opened once more.
func (c *Client) Do(ctx context.Context, method string, params map[string]any) (json.RawMessage, error) {
	result, err := c.do(ctx, method, params)
	var no *Refusal
	if c.session != "" && errors.As(err, &no) && no.Status == http.StatusNotFound {
		c.session, c.agreed = "", ""
		return c.do(ctx, method, params)
	}
	return result, err
}

func (c *Client) do(ctx context.Context, method string, params map[string]any) (json.RawMessage, error) {
	if err := c.initialize(ctx); err != nil {
		return nil, err
	}
	c.lastID++
	return c.result(ctx, request(c.lastID, method, params))
}

// initialize opens a session, if the server has such (MCP Lifecycle).
func (c *Client) initialize(ctx context.Context) error {
	if c.agreed != "" {
		return nil
	}
	c.lastID++
	result, err := c.result(ctx, request(c.lastID, "initialize", map[string]any{
		"protocolVersion": c.Version, "capabilities": map[string]any{}, "clientInfo": map[string]any{"name": "authtest", "version": "1"},
	}))
	if err != nil {
		return err
	}
	var answer struct{ ProtocolVersion string }
	if err := json.Unmarshal(result, &answer); err != nil {
		return err
	}
	c.agreed = answer.ProtocolVersion
	status, header, body, err := c.exchange(ctx, c.tokens.access, c.session, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	if err == nil && status/100 != 2 {
		return refusal(status, header, body)
	}
	return err
}

// result sends one request and returns what it answers.
func (c *Client) result(ctx context.Context, message string) (json.RawMessage, error) {
	status, header, body, err := c.exchange(ctx, c.tokens.access, c.session, message)
	if err != nil {
		return nil, err
	}
	if status/100 != 2 {
		return nil, refusal(status, header, body)
	}
	if id := header.Get("Mcp-Session-Id"); id != "" {
		c.session = id
	}
	var answer struct {
		Result json.RawMessage
		Error  *RPCError
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("the answer is no JSON-RPC message: %w", err)
	}
	if answer.Error != nil {
		return nil, answer.Error
	}
	return answer.Result, nil
}

// exchange posts one message with a token and in a session, "" for none.
func (c *Client) exchange(ctx context.Context, token, session, message string) (int, http.Header, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url.String(), strings.NewReader(message))
	if err != nil {
		return 0, nil, nil, err
	}
	c.dress(r, token, session)
	res, body, err := c.send(r)
	if err != nil {
		return 0, nil, nil, err
	}
	return res.StatusCode, res.Header, body, nil
}

// dress sets the headers of a message as clients do.
func (c *Client) dress(r *http.Request, token, session string) {
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if session != "" {
		r.Header.Set("Mcp-Session-Id", session)
	}
	if c.agreed != "" {
		r.Header.Set("MCP-Protocol-Version", c.agreed)
	}
}

// leave ends the session, as clients should; whether the server minds is not tested.
func (c *Client) leave() {
	if c.session == "" {
		return
	}
	ctx, cancel := timeout()
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodDelete, c.url.String(), nil)
	if err != nil {
		return
	}
	c.dress(r, c.tokens.access, c.session)
	_, _, _ = c.send(r)
	c.session = ""
}

// forget makes c begin anew, as somebody else.
func (c *Client) forget() {
	c.leave()
	c.agreed, c.app, c.tokens = "", nil, tokens{}
}

// request is a JSON-RPC request.
func request(id int, method string, params map[string]any) string {
	m := map[string]any{"jsonrpc": "2.0", "id": id, "method": method}
	if params != nil {
		m["params"] = params
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // only arguments that no JSON can hold
	}
	return string(b)
}

func isStream(res *http.Response) bool {
	media, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return err == nil && media == "text/event-stream"
}

// firstAnswer reads an event stream up to the first message that is an answer.
func firstAnswer(r io.Reader) ([]byte, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxAnswer)
	var data []string
	for lines.Scan() {
		line := lines.Text()
		if value, ok := strings.CutPrefix(line, "data:"); ok {
			data = append(data, strings.TrimPrefix(value, " "))
			continue
		}
		if line != "" || len(data) == 0 {
			continue
		}
		event := strings.Join(data, "\n")
		if data = nil; isAnswer(event) {
			return []byte(event), nil
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return nil, errors.New("the event stream ends without an answer")
}

func isAnswer(event string) bool {
	var m struct {
		Method        string
		Result, Error json.RawMessage
	}
	return json.Unmarshal([]byte(event), &m) == nil && m.Method == "" && (m.Result != nil || m.Error != nil)
}
