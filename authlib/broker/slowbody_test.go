package broker

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// deadlined is a connection that shows its read deadline.
type deadlined struct {
	*httptest.ResponseRecorder
	at  time.Time
	set int
}

func (d *deadlined) SetReadDeadline(at time.Time) error {
	d.at, d.set = at, d.set+1
	return nil
}

// drip is a body that does not come while there is time.
type drip struct{ w *deadlined }

func (d drip) Read([]byte) (int, error) {
	if d.w.at.IsZero() || time.Until(d.w.at) > bodyTimeout {
		return 0, io.ErrNoProgress
	}
	return 0, os.ErrDeadlineExceeded
}

// No path waits for ever for a body, whoever reads it: an endpoint, or net/http,
// which reads what was left before it sends a refusal.
func TestSlowBodiesAreGivenUpOnEveryPath(t *testing.T) {
	be := newBench(t, nil)
	for _, path := range append(be.b.Paths(), "/nowhere") {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodOptions} {
			for _, contentType := range []string{"application/json", "application/x-www-form-urlencoded"} {
				w := &deadlined{ResponseRecorder: httptest.NewRecorder()}
				r := httptest.NewRequest(method, be.srv.URL+path, drip{w})
				r.ContentLength = 100
				r.Header.Set("Content-Type", contentType)
				r.Header.Set("Origin", be.srv.URL)
				be.b.ServeHTTP(w, r)
				if w.set != 1 || w.at.IsZero() || time.Until(w.at) > bodyTimeout {
					t.Errorf("%s %s %s: %d, deadline %v, set %d times", method, path, contentType, w.Code, w.at, w.set)
				}
			}
		}
	}
}

// A body of unknown length is read up to the limit, and not beyond.
func TestBodiesWithoutALengthAreLimited(t *testing.T) {
	be := newBench(t, nil)
	for path, contentType := range map[string]string{
		pathToken: "application/x-www-form-urlencoded", pathRevoke: "application/x-www-form-urlencoded",
		pathConsent: "application/x-www-form-urlencoded", pathRegister: "application/json",
	} {
		body := &counted{Reader: strings.NewReader(strings.Repeat("x", 1<<20))}
		r := httptest.NewRequest(http.MethodPost, be.srv.URL+path, body)
		r.ContentLength = -1
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Origin", be.srv.URL)
		w := httptest.NewRecorder()
		be.b.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || body.n == 0 || body.n > 2*maxRegistration {
			t.Errorf("%s: %d, %d bytes read", path, w.Code, body.n)
		}
	}
}

type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}
