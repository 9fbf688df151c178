package e2e

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

func (b *bed) sseURL() string {
	s := b.Server
	s.Path = b.SSE.Path
	return s.URL(b.port)
}

// sseAlone starts the migrated server with its older transport in place of
// streamable HTTP.
func (b *bed) sseAlone(t *testing.T) {
	t.Helper()
	p, err := probe.Start(t.Context(), probe.Options{
		Dir: b.dir, Bin: b.bin, Args: append(b.SSE.Args, "--addr", b.Addr(b.port)), Addr: b.Addr(b.port),
		Env: []string{b.SSE.Env + "=" + b.sseURL(), "MCP_DEV_CODE=" + devCode},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	b.sse(t, "")
}

// sse signs in at the older transport. A stranger opens no stream, nobody else
// posts to a user's, and a token for streamable HTTP, if there is one, is refused.
func (b *bed) sse(t *testing.T, foreign string) {
	t.Helper()
	token, other := b.sseToken(t, "ada"), b.sseToken(t, "bob")
	for _, bad := range []string{"", "made-up", foreign} {
		if s := openStream(t, b.sseURL(), bad); s.status != http.StatusUnauthorized {
			t.Errorf("a stream for the token %.8q: status %d, want 401", bad, s.status)
		}
	}
	s := openStream(t, b.sseURL(), token)
	if s.status != http.StatusOK {
		t.Fatalf("the user's stream: status %d", s.status)
	}
	post := s.endpoint(t, b.sseURL())
	for bad, want := range map[string]int{"": http.StatusUnauthorized, "made-up": http.StatusUnauthorized, other: http.StatusNotFound, token: http.StatusAccepted} {
		if got := postMessage(t, post, bad, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`); got != want {
			t.Errorf("a message to the user's stream with the token %.8q: status %d, want %d", bad, got, want)
		}
	}
	if got := s.message(t); !strings.Contains(got, `"serverInfo"`) {
		t.Fatalf("initialize: %s", got)
	}
	postMessage(t, post, token, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	postMessage(t, post, token, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"`+b.ReadOnly+`","arguments":{}}}`)
	if got := s.message(t); !strings.Contains(got, b.Want) {
		t.Errorf("the user calls %s over SSE: %s; want %q", b.ReadOnly, got, b.Want)
	}
	if got := postMessage(t, strings.Replace(post, "sessionId=", "sessionId=x", 1), token, `{"jsonrpc":"2.0","id":3,"method":"ping"}`); got != http.StatusNotFound {
		t.Errorf("a message to a stream that the server never gave out: status %d, want 404", got)
	}
}

func (b *bed) sseToken(t *testing.T, user string) string {
	t.Helper()
	token, err := signin.Token(t.Context(), signin.Options{
		URL: b.sseURL(), Browser: signin.Robot(map[string]string{"user": user, "code": devCode}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// A stream is what a GET of the older transport answers.
type stream struct {
	status int
	lines  *bufio.Reader
}

func openStream(t *testing.T, url, token string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	r := send(t, ctx, http.MethodGet, url, token, nil)
	t.Cleanup(func() { cancel(); r.Body.Close() })
	return &stream{r.StatusCode, bufio.NewReader(r.Body)}
}

// endpoint returns where the messages of the stream go, which is the first thing
// that it says.
func (s *stream) endpoint(t *testing.T, base string) string {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	to, err := u.Parse(s.message(t))
	if err != nil {
		t.Fatal(err)
	}
	return to.String()
}

// message returns the data of the next event that is no ping.
func (s *stream) message(t *testing.T) string {
	t.Helper()
	for {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := strings.CutPrefix(line, "data:"); ok && !strings.Contains(data, `"method":"ping"`) {
			return strings.TrimSpace(data)
		}
	}
}

func postMessage(t *testing.T, url, token, body string) int {
	t.Helper()
	r := send(t, t.Context(), http.MethodPost, url, token, strings.NewReader(body))
	defer r.Body.Close()
	return r.StatusCode
}

func send(t *testing.T, ctx context.Context, method, url, token string, body io.Reader) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
