package authlib

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A stranger's body is given up too, where nobody reads it but net/http, which
// does so before it sends the refusal.
func TestSlowBodiesOfStrangersAreGivenUp(t *testing.T) {
	g := newGuard(t, nil)
	for path, h := range map[string]http.Handler{"/mcp": g.Protect(record(&seen{})), g.MetadataPath(): g.MetadataHandler()} {
		for _, host := range []string{"mcp.example.com", "evil.test"} {
			w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
			r := httptest.NewRequest(http.MethodPost, "https://"+host+path, strings.NewReader("not all of it"))
			r.ContentLength = 100
			h.ServeHTTP(w, r)
			if len(w.set) != 1 || w.set[0].IsZero() || time.Until(w.set[0]) > bodyTimeout {
				t.Errorf("%s at %s: %d, deadlines %v", path, host, w.Code, w.set)
			}
		}
	}
}

// The body of a public endpoint has less time: it is small.
func TestSlowFormsAreGivenUp(t *testing.T) {
	w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
	r := httptest.NewRequest(http.MethodPost, "https://mcp.example.com/x", strings.NewReader("not all of it"))
	r.ContentLength = 100
	newGuard(t, nil).leaf(http.NotFoundHandler()).ServeHTTP(w, r)
	if len(w.set) != 1 || w.set[0].IsZero() || time.Until(w.set[0]) > formTimeout {
		t.Errorf("deadlines %v", w.set)
	}
}
