package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Protocol versions that a [Client] can speak.
const (
	Protocol20251125 = "2025-11-25"
	Protocol20250618 = "2025-06-18"
)

// requestTimeout bounds one request with its answer.
const requestTimeout = 15 * time.Second

// A Client makes MCP requests over streamable HTTP and shows the plain answers:
// status, headers, JSON-RPC. It never follows a redirect and never retries. It
// is not safe for concurrent use.
type Client struct {
	URL      string       // the MCP endpoint
	Token    string       // bearer token; "" for a stranger
	Protocol string       // "" means Protocol20251125; Initialize sets what was agreed on
	Session  string       // Mcp-Session-Id; set by Initialize
	HTTP     *http.Client // nil means one with sensible limits

	id      int64
	opening bool // initialize is under way
}

// Initialize opens a session: initialize, and, when that is answered with a
// result, notifications/initialized. The session ID and the version that the server
// settled on are kept for later requests (MCP, Lifecycle, Version Negotiation).
func (c *Client) Initialize(ctx context.Context) (*Answer, error) {
	c.opening = true
	a, err := c.Call(ctx, "initialize", map[string]any{
		"protocolVersion": c.protocol(),
		"capabilities":    map[string]any{},
		"clientInfo":      map[string]any{"name": "mcp-migrate", "version": "1"},
	})
	c.opening = false
	if err != nil || a.Result == nil {
		return a, err
	}
	var agreed struct {
		Protocol string `json:"protocolVersion"`
	}
	if a.Decode(&agreed) == nil && agreed.Protocol != "" {
		c.Protocol = agreed.Protocol
	}
	c.Session = a.Header.Get("Mcp-Session-Id")
	if _, err := c.post(ctx, message{JSONRPC: "2.0", Method: "notifications/initialized"}, 0); err != nil {
		return nil, err
	}
	return a, nil
}

// message is a JSON-RPC request or, without an ID, a notification.
type message struct {
	JSONRPC string `json:"jsonrpc"`
	ID      int64  `json:"id,omitempty"`
	Method  string `json:"method"`
	Params  any    `json:"params,omitempty"`
}

// Call makes one JSON-RPC request. The error is nil whenever the server
// answered over HTTP, whatever it answered.
func (c *Client) Call(ctx context.Context, method string, params any) (*Answer, error) {
	c.id++
	return c.post(ctx, message{JSONRPC: "2.0", ID: c.id, Method: method, Params: params}, c.id)
}

// CallTool calls tool name.
func (c *Client) CallTool(ctx context.Context, name string, args map[string]any) (*Answer, error) {
	if args == nil {
		args = map[string]any{}
	}
	return c.Call(ctx, "tools/call", map[string]any{"name": name, "arguments": args})
}

// Do makes an HTTP request without a body, such as GET (listen) or DELETE (end
// the session). An event stream that it opens is closed at once.
func (c *Client) Do(ctx context.Context, method string) (*Answer, error) {
	return c.send(ctx, method, nil, 0)
}

// A Tool is one entry of tools/list.
type Tool struct {
	Name        string `json:"name"`
	Annotations struct {
		ReadOnly bool `json:"readOnlyHint"`
	} `json:"annotations"`
}

// maxPages and maxTools bound how much of a tool list is read.
const (
	maxPages = 50
	maxTools = 10_000
)

// Tools returns the tools that the server lists for this caller, all pages. An
// answer without a result is an error.
func (c *Client) Tools(ctx context.Context) ([]Tool, error) {
	var all []Tool
	cursor := ""
	for range maxPages {
		a, err := c.Call(ctx, "tools/list", page(cursor))
		if err != nil {
			return nil, err
		}
		var list struct {
			Tools      []Tool `json:"tools"`
			NextCursor string `json:"nextCursor"`
		}
		if err := a.Decode(&list); err != nil {
			return nil, fmt.Errorf("tools/list: %w", err)
		}
		all, cursor = append(all, list.Tools...), list.NextCursor
		if cursor == "" || len(all) > maxTools {
			return all, nil
		}
	}
	return all, nil
}

func page(cursor string) map[string]any {
	if cursor == "" {
		return map[string]any{}
	}
	return map[string]any{"cursor": cursor}
}

// Decode reads the result into v. An answer that has none is an error that says
// what came instead.
func (a *Answer) Decode(v any) error {
	switch {
	case a.Error != nil:
		return a.Error
	case a.Result == nil:
		return fmt.Errorf("status %d without a JSON-RPC result", a.Status)
	}
	return json.Unmarshal(a.Result, v)
}

func (c *Client) protocol() string {
	if c.Protocol == "" {
		return Protocol20251125
	}
	return c.Protocol
}

func (c *Client) post(ctx context.Context, m message, id int64) (*Answer, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return c.send(ctx, http.MethodPost, body, id)
}

func (c *Client) send(ctx context.Context, method string, body []byte, id int64) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	c.header(req, body != nil)
	res, err := plain(c.HTTP).Do(req)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", quote(c.URL), err)
	}
	defer res.Body.Close()
	return answer(res, id)
}

func (c *Client) header(req *http.Request, hasBody bool) {
	h := req.Header
	if hasBody {
		h.Set("Content-Type", "application/json")
	}
	h.Set("Accept", "application/json, text/event-stream")
	if req.Method == http.MethodGet {
		h.Set("Accept", "text/event-stream")
	}
	if !c.opening { // nothing is agreed on yet, and servers refuse versions that they don't know
		h.Set("MCP-Protocol-Version", c.protocol())
	}
	if c.Session != "" {
		h.Set("Mcp-Session-Id", c.Session)
	}
	if c.Token != "" {
		h.Set("Authorization", "Bearer "+c.Token)
	}
}

// plain returns a client like given that follows no redirect, so that a token
// reaches no other place than the one it was meant for.
func plain(given *http.Client) *http.Client {
	c := http.Client{Timeout: requestTimeout}
	if given != nil {
		c = *given
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.Jar = nil // a cookie must not turn a stranger into a user
	return &c
}

// ErrNotHTTP is returned for a URL that can't be called.
var ErrNotHTTP = errors.New("not an absolute http or https URL")
