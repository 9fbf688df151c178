package limit

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// serve answers with what it read of the body.
func serve(t *testing.T, h http.HandlerFunc) net.Conn {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(w, Body(w, r, 100*time.Millisecond)) }))
	t.Cleanup(srv.Close)
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	// Only a server that waits for ever gets there.
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// A body that never comes ends the connection, whether the handler reads it or
// leaves it to net/http.
func TestBodyThatNeverComesIsGivenUp(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"read": func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.ReadAll(r.Body); err == nil {
				t.Error("the body was read to its end")
			}
			w.WriteHeader(http.StatusBadRequest)
		},
		"left": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) },
	} {
		for _, head := range []string{"Content-Length: 100\r\n\r\na", "Transfer-Encoding: chunked\r\n\r\n5\r\na"} {
			c := serve(t, h)
			fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\n%s", head)
			answer, err := io.ReadAll(c)
			if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
				t.Errorf("%s, %q: %q, %v; want an answer and the end", name, head, answer, err)
			}
		}
	}
}

// The deadline ends with the body, whether its length was announced or not, and there is
// none without a body: a handler may then take as long as it likes, and the connection
// serves the next request.
func TestDeadlineEndsWithTheBody(t *testing.T) {
	for name, request := range map[string]string{
		"announced": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
		"chunked":   "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"none":      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			read := func() error { _, err := io.ReadAll(r.Body); return err }
			switch name {
			case "announced":
				read = func() error { _, err := io.ReadFull(r.Body, make([]byte, r.ContentLength)); return err }
			case "none":
				read = func() error { return nil }
			}
			if err := read(); err != nil {
				t.Error(err)
			}
			select {
			case <-r.Context().Done():
				t.Errorf("%s: the request was cancelled by the deadline of its body", name)
			case <-time.After(300 * time.Millisecond):
			}
		})
		answers := bufio.NewReader(c)
		for range 2 {
			fmt.Fprint(c, request)
			res, err := http.ReadResponse(answers, nil)
			if err != nil || res.StatusCode != http.StatusOK {
				t.Fatal(name, res, err)
			}
		}
	}
}
