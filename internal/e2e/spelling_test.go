package e2e

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// spelled sends a stranger's requests for spellings of the endpoint's path that a
// client would tidy up first: none may be answered with a result or a session.
func (b *bed) spelled(t *testing.T) {
	t.Helper()
	const body = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}`
	p := b.Path
	for _, target := range []string{
		p, p + "/", "/" + p, "/." + p, "/%6d" + p[2:], strings.ToUpper(p), p + ";x", p + "?sessionId=1", p + "/.." + p, "/x/.." + p,
		"/oauth/.." + p, "/oauth/token/../.." + p, "/.well-known/oauth-protected-resource/../.." + p, "http://" + b.Addr(b.port) + p,
		"http://evil.example" + p,
	} {
		answer, err := b.wire("POST " + target + " HTTP/1.1\r\nHost: " + b.Addr(b.port) + "\r\nConnection: close\r\n" +
			"Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n" +
			fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
		if err != nil {
			t.Errorf("POST %s: %v", target, err)
		}
		if !strings.HasPrefix(answer, "HTTP/1.1 ") || strings.Contains(answer, `"result"`) || strings.Contains(answer, "Mcp-Session-Id") {
			t.Errorf("POST %s as a stranger: %.200s", target, answer)
		}
	}
}

// wire sends raw bytes to the server and returns what it answers.
func (b *bed) wire(raw string) (string, error) {
	conn, err := net.DialTimeout("tcp", b.Addr(b.port), 5*time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(conn, raw); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(io.LimitReader(conn, 64<<10))
	return string(answer), err
}
