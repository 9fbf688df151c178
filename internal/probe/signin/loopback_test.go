package signin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func listen(t *testing.T) *Loopback {
	t.Helper()
	l, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func get(t *testing.T, address, host string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

// Only the answer to its own request is taken: another state, path or host is not, and
// does not end the wait.
func TestLoopbackTakesItsOwnAnswerOnly(t *testing.T) {
	l := listen(t)
	at, err := l.Browser(func(authURL string) {
		for _, c := range []struct {
			path, host string
			status     int
		}{
			{"/callback?code=stolen&state=other", "", 400},
			{"/callback?code=stolen", "", 400},
			{"/else?code=stolen&state=s1", "", 404},
			{"/callback?code=stolen&state=s1", "evil.test", 404},
			{"/callback?code=c1&state=s1", "", 200},
		} {
			origin := strings.TrimSuffix(l.Redirect(), "/callback")
			if status, body := get(t, origin+c.path, c.host); status != c.status || strings.Contains(body, "c1") {
				t.Errorf("%s of %s: %d %s", c.path, c.host, status, body)
			}
		}
	})(t.Context(), "https://as.test/authorize?state=s1")
	if err != nil || at.Query().Get("code") != "c1" {
		t.Errorf("%v, %v", at, err)
	}
}

func TestLoopbackGivesUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := listen(t).Browser(func(string) {})(ctx, "https://as.test/authorize?state=s1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody came back: %v", err)
	}
	if _, err := listen(t).Browser(func(string) { t.Error("shown") })(t.Context(), "https://as.test/authorize"); err == nil {
		t.Error("a request without state was shown")
	}
}
