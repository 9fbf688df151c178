package peers

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// editing changes the headers of answers.
type editing func(http.Header)

func (e editing) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && res.Header.Get("WWW-Authenticate") != "" {
		e(res.Header)
	}
	return res, err
}

// refreshes counts how often each refresh token is sent, over a network that takes
// long enough for several to be under way.
type refreshes struct {
	mu    sync.Mutex
	count map[string]int
}

func (f *refreshes) most() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.count {
		n = max(n, c)
	}
	return n
}

func (f *refreshes) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/oauth/token") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		if form.Get("grant_type") == "refresh_token" {
			f.mu.Lock()
			f.count[form.Get("refresh_token")]++
			f.mu.Unlock()
			time.Sleep(20 * time.Millisecond)
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return http.DefaultTransport.RoundTrip(r)
}

// answersTo is told of each body that comes back.
type answersTo func(body []byte)

func (f answersTo) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	f(body)
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, err
}

// ways are how the token endpoint was asked.
type ways struct {
	mu   sync.Mutex
	list []string
}

func (w *ways) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.list
}

func (w *ways) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/oauth/token") {
		dump, err := httputil.DumpRequestOut(r, true) // gives the body back
		if err != nil {
			return nil, err
		}
		way := "none"
		if _, _, ok := r.BasicAuth(); ok {
			way = "client_secret_basic"
		} else if bytes.Contains(dump, []byte("client_secret=")) {
			way = "client_secret_post"
		}
		w.mu.Lock()
		w.list = append(w.list, way)
		w.mu.Unlock()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// withAuthorization sends one header instead of a client's own.
type withAuthorization string

func (v withAuthorization) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", string(v))
	return http.DefaultTransport.RoundTrip(r)
}
