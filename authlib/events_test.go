package authlib

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func updated(uri string) string {
	return `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"` + uri + `"}}`
}

func event(data string) string { return "event: message\ndata: " + data + "\n\n" }

// Changes of a resource are told only to who may read it, however the SDK writes its
// events, on a stream and in the answer to a call.
func TestChangesAreToldToWhoMayRead(t *testing.T) {
	const other = `{"jsonrpc":"2.0","id":1,"result":{"text":"notifications/resources/updated secret://x"}}`
	mine, secret, unlisted := updated("file:///a"), updated("secret://x"), updated("other://x")
	for name, tt := range map[string]struct {
		writes []string
		want   string
	}{
		"allowed":             {[]string{event(mine)}, event(mine)},
		"refused":             {[]string{event(secret)}, ""},
		"below a template":    {[]string{event(updated("file:///static"))}, ""},
		"unlisted":            {[]string{event(unlisted)}, ""},
		"with an id":          {[]string{"id: 7\ndata: " + secret + "\n\n", event(mine)}, event(mine)},
		"between others":      {[]string{event(other) + event(secret) + event(mine)}, event(other) + event(mine)},
		"in parts":            {[]string{"data: " + secret[:40], secret[40:], "\n", "\n" + event(mine)}, event(mine)},
		"over several lines":  {[]string{"data: " + strings.Replace(secret, ",", ",\ndata: ", 1) + "\n\n"}, ""},
		"with carriage":       {[]string{"data:" + secret + "\r\n\r\n", "data:" + mine + "\r\n\r\n"}, "data:" + mine + "\r\n\r\n"},
		"in a batch":          {[]string{event("[" + mine + "," + secret + "]")}, ""},
		"an allowed batch":    {[]string{event("[" + mine + "]")}, event("[" + mine + "]")},
		"other key spellings": {[]string{event(strings.Replace(secret, `"uri"`, `"URI"`, 1))}, ""},
		"not readable":        {[]string{event(secret[:75])}, ""},
		"a comment":           {[]string{": still here\n"}, ": still here\n"},
		"an unfinished one":   {[]string{"data: " + other}, "data: " + other},
		"unfinished, refused": {[]string{"data: " + secret}, ""},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			g := newGuard(t, func(c *Config) {
				c.Registered = func(context.Context) (Registry, error) {
					return Registry{Resources: []string{"file:///static"}, Templates: []string{"file:///{name}"}}, nil
				}
			})
			r := post(call("ping", "{}"), as("alice")...)
			if r.Method = method; method == http.MethodGet {
				r = httptest.NewRequest(method, resourceURL, nil)
				r.Header.Set("Authorization", "Bearer alice")
			}
			w := httptest.NewRecorder()
			g.Protect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				for _, s := range tt.writes {
					if n, err := w.Write([]byte(s)); n != len(s) || err != nil {
						t.Errorf("%s: wrote %d of %d, %v", name, n, len(s), err)
					}
				}
			})).ServeHTTP(w, r)
			if w.Body.String() != tt.want {
				t.Errorf("%s, %s: %q, want %q", name, method, w.Body, tt.want)
			}
		}
	}
}

// Who loses the right to read while a stream is open hears no more of it, and one
// whose token becomes somebody else's hears nothing at all.
func TestAStreamFollowsWhatItsTokenIsWorth(t *testing.T) {
	var state atomic.Int32 // 0: may write, 1: may not, 2: is somebody else's
	g := newGuard(t, func(c *Config) {
		c.Verifier = VerifierFunc(func(context.Context, string) (*Principal, error) {
			p := &Principal{Issuer: "i", Subject: "alice", Scopes: []string{"read", "write"}}
			switch state.Load() {
			case 1:
				p.Scopes = []string{"read"}
			case 2:
				p.Subject = "bob"
			}
			return p, nil
		})
	})
	g.recheck = time.Millisecond
	r := httptest.NewRequest(http.MethodGet, resourceURL, nil)
	r.Header.Set("Authorization", "Bearer alice")
	w := httptest.NewRecorder()
	told := func() int { return strings.Count(w.Body.String(), "secret://x") }
	g.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte(event(updated("secret://x"))))
		if told() != 1 {
			t.Error("not told what may be read")
		}
		state.Store(1)
		for end, before := time.Now().Add(5*time.Second), told(); ; before = told() {
			time.Sleep(5 * time.Millisecond)
			if _, _ = w.Write([]byte(event(updated("secret://x")))); told() == before {
				break
			}
			if time.Now().After(end) {
				t.Fatal("still told after the right was lost")
			}
		}
		state.Store(2)
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
			t.Error("the stream goes on as somebody else's")
		}
	})).ServeHTTP(w, r)
}
