package authlib

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// nullWriter is what net/http's own writer is, as far as the guard uses it.
type nullWriter struct{ h http.Header }

func (w *nullWriter) Header() http.Header         { return w.h }
func (w *nullWriter) Write(b []byte) (int, error) { return len(b), nil }
func (w *nullWriter) WriteHeader(int)             {}

func (w *nullWriter) SetReadDeadline(time.Time) error { return nil }

// calls are the bodies of usual calls: little to read, 4 KiB in one string, 4 KiB in
// many small values, and the same as some clients write it.
var calls = map[string]string{
	"small":  call("tools/call", `{"name":"echo","arguments":{"text":"hello"}}`),
	"text":   call("tools/call", `{"name":"echo","arguments":{"text":"`+strings.Repeat("The quick brown fox. ", 195)+`"}}`),
	"dense":  call("tools/call", `{"name":"echo","arguments":{"items":[`+strings.Repeat(`{"id":12345,"name":"item","on":true},`, 108)+`{}]}}`),
	"spaced": call("tools/call", `{"name":"echo","arguments":{"items":[`+strings.Repeat(`{"id": 12345, "name": "item", "on": true}, `, 93)+`{}]}}`),
}

// BenchmarkProtect is the warm path: what the guard does for a signed-in caller's call.
func BenchmarkProtect(b *testing.B) {
	for name, body := range calls {
		b.Run(name, func(b *testing.B) { benchmarkProtect(b, body) })
	}
}

func benchmarkProtect(b *testing.B, body string) {
	serve := warm(b, body)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		serve()
	}
}

// warm returns what sends a signed-in caller's call with that body once.
func warm(t testing.TB, body string) (serve func()) {
	t.Helper()
	g := newGuard(t, func(c *Config) { c.Now = nil })
	p := &Principal{Issuer: "https://id.example.com", Subject: "alice", Scopes: []string{"read"}, Expiry: time.Now().Add(time.Hour)}
	g.cfg.Verifier = fixed{p}
	served := 0
	h := g.Protect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { served++; w.WriteHeader(200) }))
	r := httptest.NewRequest(http.MethodPost, resourceURL, nil)
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "Authorization": {"Bearer alice"}, "Accept": {"application/json, text/event-stream"},
		"Mcp-Protocol-Version": {"2025-11-25"}, "Mcp-Session-Id": {g.sealSession("sdk-1", p)}, "User-Agent": {"client/1"},
	}
	r.ContentLength = int64(len(body))
	raw := []byte(body)
	rd := bytes.NewReader(raw)
	r.Body = io.NopCloser(rd)
	w := &nullWriter{http.Header{}}
	serve = func() {
		rd.Reset(raw)
		h.ServeHTTP(w, r)
	}
	if serve(); served != 1 {
		t.Fatal("the call was refused")
	}
	return serve
}

type fixed struct{ p *Principal }

func (f fixed) Verify(_ context.Context, _ string) (*Principal, error) { return f.p, nil }

// words is a policy that uses every kind of demand, and who satisfies all of them.
func words(tb testing.TB) (*Guard, *Principal) {
	g := newGuard(tb, func(c *Config) {
		c.Policy = Policy{
			Base: Rule{AllScopes: []string{"read"}},
			Tools: map[string]Rule{"echo": {
				AllScopes: []string{"write"}, AnyScope: []string{"x", "admin"}, AnyRole: []string{"ops", "keeper"},
				AnyPermission: []string{"users:read", "notes:purge:all"}, AnyIssuer: []string{"https://other.example.com", "https://id.example.com"},
			}},
			Implies:         map[string][]string{"admin": {"write"}, "write": {"read"}},
			RolePermissions: map[string][]string{"ops": {"users:*"}, "keeper": {"notes:*"}},
		}
	})
	return g, g.admit(&Principal{Issuer: "https://id.example.com", Subject: "alice", Scopes: []string{"openid", "admin"}, Roles: []string{"staff", "keeper"}})
}

// BenchmarkAuthorize is one decision by every kind of demand.
func BenchmarkAuthorize(b *testing.B) {
	g, p := words(b)
	op := Operation{"tools/call", "echo"}
	b.ReportAllocs()
	for range b.N {
		if err := g.Authorize(context.Background(), p, op); err != nil {
			b.Fatal(err)
		}
	}
}

// What a policy's words mean was worked out at start: to decide by them takes no
// memory.
func TestDecidingTakesNoMemory(t *testing.T) {
	g, p := words(t)
	op := Operation{"tools/call", "echo"}
	n := testing.AllocsPerRun(100, func() {
		if err := g.Authorize(context.Background(), p, op); err != nil {
			t.Fatal(err)
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}
