package authlib

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// records reads what a JSON handler wrote.
func records(t *testing.T, log *bytes.Buffer) (out []map[string]any) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(log.String()), "\n") {
		m := map[string]any{}
		if line == "" {
			continue
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err, line)
		}
		delete(m, "time")
		out = append(out, m)
	}
	return out
}

// What is more than everybody may do is written down when it is done and when it is
// refused: who, what, why and in which request. What everybody may do is not.
func TestElevationIsWrittenDown(t *testing.T) {
	for name, tt := range map[string]struct {
		token, body string
		want        map[string]any // nil: nothing
	}{
		"an elevated call": {"admin", call("resources/read", `{"uri":"secret://x"}`), map[string]any{"level": "INFO", "msg": "access_allowed",
			"caller": "https%3A%2F%2Fid.example.com|admin", "method": `"resources/read"`, "name": `"secret://x"`, "client": ""}},
		"a step-up": {"alice", call("resources/read", `{"uri":"secret://x"}`), map[string]any{"level": "WARN", "msg": "scope_challenge",
			"caller": "https%3A%2F%2Fid.example.com|alice", "method": `"resources/read"`, "name": `"secret://x"`, "missing": []any{"write"}}},
		"a refusal": {"alice", call("tools/call", `{"name":"no\nsuch"}`), map[string]any{"level": "WARN", "msg": "access_denied",
			"caller": "https%3A%2F%2Fid.example.com|alice", "method": `"tools/call"`, "name": `"no\nsuch"`, "reason": "authlib: forbidden"}},
		"everybody's":       {"alice", call("tools/call", `{"name":"echo"}`), nil},
		"a stranger's":      {"", call("tools/call", `{"name":"hello"}`), nil},
		"the first contact": {"", call("tools/call", `{"name":"echo"}`), nil},
	} {
		var log bytes.Buffer
		g := newGuard(t, func(c *Config) { withPublic(c); c.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
		headers := as(tt.token)
		if tt.token == "" {
			headers = nil
		}
		inside := ""
		h := g.Protect(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { inside = RequestID(r.Context()) }))
		h.ServeHTTP(httptest.NewRecorder(), post(tt.body, headers...))
		got := records(t, &log)
		if tt.want == nil {
			if len(got) > 0 {
				t.Errorf("%s: %v", name, got)
			}
			continue
		}
		if len(got) != 1 {
			t.Errorf("%s: %d records: %v", name, len(got), got)
			continue
		}
		request, _ := got[0]["request"].(string)
		if len(request) != 16 || inside != "" && inside != request {
			t.Errorf("%s: request %q, inside it is %q", name, request, inside)
		}
		delete(got[0], "request")
		if a, _ := json.Marshal(got[0]); string(a) != mustJSON(tt.want) {
			t.Errorf("%s:\n got %s\nwant %s", name, a, mustJSON(tt.want))
		}
	}
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// What was allowed is written down every time, however often: it is no stranger's.
func TestAllowedElevationIsNeverLeftOut(t *testing.T) {
	var log bytes.Buffer
	g := newGuard(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	for range 1000 {
		ask(g, post(call("resources/read", `{"uri":"secret://x"}`), as("admin")...))
	}
	if n := strings.Count(log.String(), "access_allowed"); n != 1000 {
		t.Errorf("%d records of 1000", n)
	}
}

// Requests have names of their own, which callers can't choose.
func TestRequestIDs(t *testing.T) {
	ctx := WithRequestID(context.Background())
	id := RequestID(ctx)
	if len(id) != 16 || RequestID(WithRequestID(ctx)) != id || RequestID(WithRequestID(context.Background())) == id || RequestID(context.Background()) != "" {
		t.Errorf("id %q", id)
	}
}

// A refusal inside an SDK, behind the guard, is written down as well.
func TestRefusalsInsideAnSDK(t *testing.T) {
	var log bytes.Buffer
	g := newGuard(t, func(c *Config) { c.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
	op := Operation{"tools/call", "echo"}
	g.AuditRefusal(context.Background(), nil, g.Check(context.Background(), nil, op))
	d := &Decision{g, &Principal{Issuer: "i", Subject: "bob"}, nil, 7}
	g.AuditRefusal(context.Background(), d, g.Check(context.Background(), d, op))
	g.AuditRefusal(context.Background(), d, nil)
	(*Guard)(nil).AuditRefusal(context.Background(), d, &DeniedError{Err: ErrForbidden})
	got := records(t, &log)
	if len(got) != 2 || got[0]["caller"] != "anonymous" || got[0]["by"] != "sdk" || got[1]["caller"] != "i|bob" || got[1]["request"] != "0000000000000007" {
		t.Errorf("%v", got)
	}
}
