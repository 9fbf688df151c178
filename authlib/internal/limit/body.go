// Package limit bounds what strangers can cost: how long they may take to send
// a body, how often they may ask, and how many lines they may write into a log.
package limit

import (
	"io"
	"net/http"
	"time"
)

// Body returns r with the same body, which has to be there within d. The
// deadline is on the connection, so that it holds for whoever reads the body: the
// handler, or net/http itself, which reads what a handler left before it sends
// the answer. It is taken off once the body was read, so that a deadline of the
// body's is not taken for the client's leaving. A connection that knows no
// deadlines has its own limits.
func Body(w http.ResponseWriter, r *http.Request, d time.Duration) *http.Request {
	if r.Body == nil || r.Body == http.NoBody {
		return r
	}
	if SetReadDeadline(w, time.Now().Add(d)) != nil {
		return r
	}
	bounded := *r
	bounded.Body = &body{ReadCloser: r.Body, w: w, left: r.ContentLength}
	return &bounded
}

// SetReadDeadline is what [http.ResponseController] has, without one.
func SetReadDeadline(w http.ResponseWriter, t time.Time) error {
	if c, ok := w.(interface{ SetReadDeadline(time.Time) error }); ok {
		return c.SetReadDeadline(t)
	}
	return http.NewResponseController(w).SetReadDeadline(t)
}

type body struct {
	io.ReadCloser
	w    http.ResponseWriter
	left int64 // bytes that were announced and are still to come; negative: unknown
	done bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	known := b.left >= 0
	b.left -= int64(n)
	if !b.done && (err == io.EOF || known && b.left <= 0) {
		b.done = true
		_ = SetReadDeadline(b.w, time.Time{}) // it could be set, so it can be taken off
	}
	return n, err
}
