package issuer

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func ask(t *testing.T, c *Client, url string) (int, map[string]any, error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url+"?q=in-the-query", strings.NewReader("token=secret"))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("id", "secret")
	out := map[string]any{}
	status, _, err := c.JSON(req, &out)
	if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "in-the-query")) {
		t.Errorf("the error says too much: %v", err)
	}
	return status, out, err
}

// Our credentials go nowhere else, whichever way an issuer sends us.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elsewhere.Add(1)
		_, _ = w.Write([]byte(`{"active":true}`))
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, status) }))
		for name, c := range map[string]*Client{"own": NewClient(nil), "given": NewClient(&http.Client{})} {
			if got, out, err := ask(t, c, srv.URL); err == nil || len(out) > 0 {
				t.Errorf("%d, %s client: %d %v", status, name, got, out)
			}
		}
		srv.Close()
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d requests elsewhere", n)
	}
}

// An answer is at most 1 MiB.
func TestAnswersAreLimited(t *testing.T) {
	size := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"a":"` + strings.Repeat("x", size-len(`{"a":""}`)) + `"}`))
	}))
	defer srv.Close()
	for n, good := range map[int]bool{maxAnswer: true, maxAnswer + 1: false} {
		size = n
		if _, out, err := ask(t, NewClient(nil), srv.URL); (err == nil) != good || good && len(out) != 1 {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// endless is an answer that never ends.
type endless struct{ read int }

func (e *endless) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: e}, nil
}

func (e *endless) Read(p []byte) (int, error) { e.read += len(p); return len(p), nil }
func (e *endless) Close() error               { return nil }

// No more than that is read.
func TestEndlessAnswersAreCutOff(t *testing.T) {
	e := &endless{}
	if _, _, err := ask(t, NewClient(&http.Client{Transport: e}), "https://login.test"); err == nil || e.read > 2*maxAnswer {
		t.Errorf("%d bytes read, %v", e.read, err)
	}
}

// Each question has an end, the caller's client's if that has one.
func TestQuestionsHaveAnEnd(t *testing.T) {
	for want, c := range map[time.Duration]*http.Client{timeout: nil, time.Second: {Timeout: time.Second}} {
		if got := NewClient(c).http.Timeout; got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	if got := NewClient(&http.Client{}).http.Timeout; got != timeout {
		t.Errorf("none given: %v", got)
	}
}

// An outage is an error; a refusal is an answer.
func TestOutagesAreNoAnswers(t *testing.T) {
	status := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"a":"b"}`))
	}))
	defer srv.Close()
	for code, outage := range map[int]bool{200: false, 400: false, 401: false, 403: false, 404: false, 429: true, 500: true, 502: true, 503: true} {
		status = code
		got, _, err := ask(t, NewClient(nil), srv.URL)
		if (err != nil) != outage || !outage && got != code {
			t.Errorf("%d: %d, %v", code, got, err)
		}
	}
}
