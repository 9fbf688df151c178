package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// A Loopback waits on this machine for the browser of a person to come back from a
// sign-in (RFC 8252 §7.3). It listens on a port of 127.0.0.1 that the system chooses,
// and takes the answer to its own request only. Close it after use.
type Loopback struct{ listener net.Listener }

// Listen opens the port.
func Listen() (*Loopback, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	return &Loopback{l}, nil
}

// Close gives the port back.
func (l *Loopback) Close() error { return l.listener.Close() }

// Redirect is the redirect URI, for [Options].
func (l *Loopback) Redirect() string { return "http://" + l.listener.Addr().String() + "/callback" }

// Browser shows a person the address to open, and waits until their browser comes back
// or ctx ends.
func (l *Loopback) Browser(show func(authURL string)) Browser {
	return func(ctx context.Context, authURL string) (*url.URL, error) {
		u, err := url.Parse(authURL)
		if err != nil || u.Query().Get("state") == "" {
			return nil, errors.New("the authorization request has no state")
		}
		back := make(chan *url.URL, 1)
		srv := &http.Server{Handler: l.callback(u.Query().Get("state"), back), ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10}
		go func() { _ = srv.Serve(l.listener) }() // ends with Close below
		defer srv.Close()
		show(authURL)
		select {
		case at := <-back:
			return at, nil
		case <-ctx.Done():
			return nil, fmt.Errorf("nobody came back from the sign-in: %w", ctx.Err())
		}
	}
}

// callback takes the one request that carries state, and no other: any page in a
// browser can call a port of this machine.
func (l *Loopback) callback(state string, back chan<- *url.URL) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		given := r.URL.Query().Get("state")
		switch {
		case r.Host != l.listener.Addr().String() || r.URL.Path != "/callback" || r.Method != http.MethodGet:
			w.WriteHeader(http.StatusNotFound)
		case subtle.ConstantTimeCompare([]byte(given), []byte(state)) != 1:
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "This is not the answer to the sign-in that is under way.\n")
		default:
			goodbye(w)
			select {
			case back <- r.URL:
			default: // it came twice
			}
		}
	})
}

// goodbye is sent whole before it returns: the server is closed as soon as the answer
// is passed on.
func goodbye(w http.ResponseWriter) {
	const text = "The terminal says whether you are signed in. You can close this window.\n"
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.Header().Set("Connection", "close")
	_, _ = io.WriteString(w, text)
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
}
