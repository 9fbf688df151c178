package oidc_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
)

// handled is a client whose requests one handler answers, whatever host and path of
// an issuer they are for.
func handled(h http.Handler) *http.Client { return &http.Client{Transport: answered{h}} }

type answered struct{ http.Handler }

func (a answered) RoundTrip(r *http.Request) (*http.Response, error) {
	if i := strings.Index(r.URL.Path, "/.well-known/"); i > 0 {
		r.URL.Path = r.URL.Path[i:]
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result(), nil
}
