package discover

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// documentLimit bounds a document, in bytes.
const documentLimit = 64 << 10

// oneRequest bounds a request with its answer.
const oneRequest = 10 * time.Second

// origin is that of a client in a browser, for servers that say who may read.
const origin = "https://client.invalid"

// A wire makes requests and remembers how the first connection was secured. It follows
// no redirect and sends no cookie.
type wire struct {
	next http.RoundTripper

	mu  sync.Mutex
	tls *tls.ConnectionState
}

func newWire(next http.RoundTripper) *wire {
	if next == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxResponseHeaderBytes, t.ResponseHeaderTimeout = 64<<10, oneRequest
		next = t
	}
	return &wire{next: next}
}

// RoundTrip is http.RoundTripper's.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tls == nil {
		w.tls = res.TLS
	}
	return res, nil
}

func (w *wire) client() *http.Client {
	return &http.Client{Transport: w, Timeout: oneRequest, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// A document is what stands at a well-known place.
type document struct {
	status int
	header http.Header
	err    error // it is no JSON object, or could not be had; nil with status 200 only
}

// get reads a JSON document into into.
func (w *wire) get(ctx context.Context, u string, into any) document {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return document{err: err}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Origin", origin)
	res, err := w.client().Do(req)
	if err != nil {
		return document{err: plainly(err)}
	}
	defer res.Body.Close()
	d := document{status: res.StatusCode, header: res.Header}
	if res.StatusCode != http.StatusOK {
		d.err = fmt.Errorf("status %d instead of the document", res.StatusCode)
		return d
	}
	d.err = decode(res.Body, into)
	return d
}

func decode(r io.Reader, into any) error {
	body, err := io.ReadAll(io.LimitReader(r, documentLimit+1))
	switch {
	case err != nil:
		return errors.New("the document broke off")
	case len(body) > documentLimit:
		return fmt.Errorf("it is longer than %d bytes", documentLimit)
	case json.Unmarshal(body, into) != nil:
		return errors.New("it is no JSON document of the right form; a page of HTML, perhaps")
	}
	return nil
}
