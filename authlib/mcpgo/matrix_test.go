//go:build !authlib_no_init

package mcpgo_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/matrix"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// A gate counts what gets to the SDK.
type gate struct {
	next  http.Handler
	calls atomic.Int64
}

func (s *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.calls.Add(1)
	s.next.ServeHTTP(w, r)
}

// Every method of the protocol has the same outcome for each kind of caller on each
// transport of the SDK.
func TestEveryMethodForEveryCaller(t *testing.T) {
	for name, tt := range map[string]struct {
		transport func(*server.MCPServer) http.Handler
		session   bool
	}{
		"stateful": {func(s *server.MCPServer) http.Handler { return server.NewStreamableHTTPServer(s) }, true},
		"stateless": {func(s *server.MCPServer) http.Handler {
			return server.NewStreamableHTTPServer(s, server.WithStateLess(true))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			sdk := &gate{}
			url := serve(t, func(g *mcpgo.Guard) http.Handler {
				sdk.next = tt.transport(g.Server(newApp().s))
				return g.Handler("/mcp", sdk)
			}) + "/mcp"
			checkMatrix(t, sdk, tt.session, func(token, message string) answer {
				session := ""
				if tt.session && token != "mallory" {
					session = post(t, url, token, "", initialize).session
				}
				sdk.calls.Store(0)
				return post(t, url, token, session, message)
			})
		})
	}
}

func checkMatrix(t *testing.T, sdk *gate, session bool, send func(token, message string) answer) {
	t.Helper()
	for _, row := range append(matrix.Rows(), matrix.Listening()...) {
		for token, want := range map[string]matrix.Verdict{
			"": row.Stranger, "alice": row.Reader, "admin": row.Writer, "mallory": matrix.SignIn,
		} {
			got := send(token, row.Message())
			if v := verdict(got, sdk.calls.Load()); v != row.Want(want, session) {
				t.Errorf("%s of %q: %s, want %s: %d %s", row, token, v, row.Want(want, session), got.status, got.body)
			}
			if challenged := got.header.Get("WWW-Authenticate") != ""; challenged != (got.status == 401) && got.status != 403 {
				t.Errorf("%s of %q: %d, challenge %v", row, token, got.status, challenged)
			}
		}
	}
}

// verdict is what became of a message. What got to the SDK must not have been
// refused there.
func verdict(a answer, calls int64) matrix.Verdict {
	switch {
	case calls > 0 && (strings.Contains(a.body, "-32010") || strings.Contains(a.body, "-32011")):
		return "refused inside the SDK"
	case calls > 0:
		return matrix.Served
	case a.status == http.StatusAccepted:
		return matrix.Dropped
	}
	return matrix.Verdict(strconv.Itoa(a.status))
}

// Over HTTP+SSE the session is in the query.
func TestEveryMethodForEveryCallerOverSSE(t *testing.T) {
	sdk := &gate{}
	url := serve(t, func(g *mcpgo.Guard) http.Handler {
		sdk.next = server.NewSSEServer(g.Server(newApp().s))
		mux := http.NewServeMux()
		g.Mount(mux, "/sse", sdk)
		g.Mount(mux, "/message", sdk)
		return mux
	})
	endpoints := map[string]string{"": url + "/message", "mallory": url + "/message"} // strangers get no stream
	for _, token := range []string{"alice", "admin"} {
		endpoints[token] = url + openSSE(t, url+"/sse", token)
	}
	checkMatrix(t, sdk, true, func(token, message string) answer {
		sdk.calls.Store(0)
		return post(t, endpoints[token], token, "", message)
	})
}

// openSSE opens a stream, which it goes on reading, and returns where to post.
func openSSE(t *testing.T, url, token string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	r := httptest.NewRequest(http.MethodGet, url, nil).WithContext(ctx)
	r.RequestURI = ""
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	lines := bufio.NewReader(res.Body)
	endpoint := dataLine(t, lines)
	go io.Copy(io.Discard, lines)
	return endpoint
}

// What comes over stdio has the caller that the environment's credential belongs
// to, and the SDK's own hooks decide.
func TestEveryMethodForEveryCallerOverStdio(t *testing.T) {
	for token, want := range map[string]func(matrix.Row) matrix.Verdict{
		"alice": func(r matrix.Row) matrix.Verdict { return r.Reader },
		"admin": func(r matrix.Row) matrix.Verdict { return r.Writer },
	} {
		g, err := mcpgo.New(newCore(t, "http://localhost/mcp", true)).Stdio(context.Background(), token)
		if err != nil {
			t.Fatal(err)
		}
		s := g.Server(newApp().s)
		session := server.NewInProcessSession(s.GenerateInProcessSessionID(), nil)
		ctx := s.WithContext(context.Background(), session)
		for _, row := range append(matrix.Rows(), matrix.Listening()...) {
			if row.Notification() || row.Method == "initialize" {
				continue // nothing answers, so nothing can be seen
			}
			b, _ := json.Marshal(s.HandleMessage(ctx, json.RawMessage(row.Message())))
			refused := strings.Contains(string(b), "-32011") || strings.Contains(string(b), "forbidden") || strings.Contains(string(b), "insufficient scope")
			unknown := strings.Contains(string(b), "-32601") // as good as refused: nothing ran
			if v := want(row); refused != (v == matrix.Forbidden) && !(unknown && v == matrix.Forbidden) {
				t.Errorf("%s of %s: want %s, got %s", row, token, v, b)
			}
		}
	}
}
