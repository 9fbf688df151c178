package gosdk_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
	"github.com/mcp-migrate/mcp-migrate/authlib/internal/matrix"
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

// Every method of the protocol has the same outcome for each kind of caller, with
// sessions and without.
func TestEveryMethodForEveryCaller(t *testing.T) {
	for name, stateless := range map[string]bool{"stateful": false, "stateless": true} {
		t.Run(name, func(t *testing.T) {
			sdk, a := &gate{}, newApp()
			url := serve(t, func(g *gosdk.Guard) http.Handler {
				sdk.next = a.transport(g, stateless)
				return g.Handler("/mcp", sdk)
			}) + "/mcp"
			for _, row := range append(matrix.Rows(), matrix.Listening()...) {
				for token, want := range map[string]matrix.Verdict{
					"": row.Stranger, "alice": row.Reader, "alice+write": row.Writer, "mallory": matrix.SignIn,
				} {
					if want == matrix.Served && row.Method == "subscriptions/listen" {
						continue // this SDK opens a stream, which TestListeningIsDecidedByWhatIsRegistered reads
					}
					session := ""
					if !stateless && token != "mallory" {
						session = start(t, url, token)
					}
					sdk.calls.Store(0)
					got := post(t, url, token, session, row.Message())
					if v := verdict(got, sdk.calls.Load()); v != row.Want(want, !stateless) {
						t.Errorf("%s of %q: %s, want %s: %d %s", row, token, v, row.Want(want, !stateless), got.status, got.body)
					}
					if challenged := got.header.Get("WWW-Authenticate") != ""; challenged != (got.status == 401) && got.status != 403 {
						t.Errorf("%s of %q: %d, challenge %v", row, token, got.status, challenged)
					}
				}
			}
		})
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

// What comes over stdio has the caller that the environment's credential belongs
// to, and the check inside the SDK decides.
func TestEveryMethodForEveryCallerOverStdio(t *testing.T) {
	for token, want := range map[string]func(matrix.Row) matrix.Verdict{
		"alice":       func(r matrix.Row) matrix.Verdict { return r.Reader },
		"alice+write": func(r matrix.Row) matrix.Verdict { return r.Writer },
	} {
		g, err := gosdk.New(newCore(t)).Stdio(context.Background(), token)
		if err != nil {
			t.Fatal(err)
		}
		client := wire(t, g.Server(newApp().s))
		for _, row := range matrix.Rows() {
			if row.Notification() || row.Method == "initialize" {
				continue // nothing answers, so nothing can be seen
			}
			got := client(row.Message())
			refused := strings.Contains(got, "-32011") || strings.Contains(got, "forbidden") || strings.Contains(got, "insufficient scope")
			unknown := strings.Contains(got, "-32601") || strings.Contains(got, "unsupported") // as good as refused: nothing ran
			if v := want(row); refused != (v == matrix.Forbidden) && !(unknown && v == matrix.Forbidden) {
				t.Errorf("%s of %s: want %s, got %s", row, token, v, got)
			}
		}
	}
}

// wire connects to s within the process and returns what sends a raw message and
// waits for its answer.
func wire(t *testing.T, s *mcp.Server) func(message string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	theirs, ours := mcp.NewInMemoryTransports()
	if _, err := s.Connect(ctx, theirs, nil); err != nil {
		t.Fatal(err)
	}
	c, err := ours.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	send := func(message string, answered bool) string {
		m, err := jsonrpc.DecodeMessage([]byte(message))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Write(ctx, m); err != nil {
			t.Fatal(err)
		}
		if !answered {
			return ""
		}
		for {
			res, err := c.Read(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, answer := res.(*jsonrpc.Response); !answer {
				continue // what the server tells everybody
			}
			b, err := jsonrpc.EncodeMessage(res)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
	}
	send(initialize, true)
	send(initialized, false)
	return func(message string) string { return send(message, true) }
}
