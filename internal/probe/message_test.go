package probe

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func response200(kind, body string) *http.Response {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body))}
}

func TestAnswer(t *testing.T) {
	const ok = `{"jsonrpc":"2.0","id":7,"result":{"x":1}}`
	for _, tt := range []struct {
		name, kind, body string
		result           bool
		fails            string
	}{
		{"json", "application/json; charset=utf-8", ok, true, ""},
		{"json of another request", "application/json", `{"jsonrpc":"2.0","id":8,"result":{}}`, false, ""},
		{"html", "text/html", ok, false, ""},
		{"stream", "text/event-stream", "event: message\nid: 1\ndata: " + ok + "\n\n", true, ""},
		{"stream with other messages first", "text/event-stream",
			"data: {\"method\":\"notifications/x\"}\n\n: keep\n\ndata: " + ok + "\n\n", true, ""},
		{"data in two lines", "text/event-stream", "data: {\"id\":7,\ndata: \"result\":{}}\n\n", true, ""},
		{"stream ends early", "text/event-stream", "data: {}\n\n", false, "ended without the response"},
		{"too large", "application/json", strings.Repeat(" ", bodyLimit+1), false, "larger than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := answer(response200(tt.kind, tt.body), 7)
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("error %v, want one with %q", err, tt.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := a.Result != nil; got != tt.result {
				t.Errorf("a result came: %v, want %v", got, tt.result)
			}
		})
	}
}

func TestQuoteIsOneShortLine(t *testing.T) {
	got := quote("a\n\x1b[31m" + strings.Repeat("é", 500))
	if strings.ContainsAny(got, "\n\x1b") || len(got) > 220 {
		t.Errorf("quote gives %s (%d bytes)", got, len(got))
	}
}
