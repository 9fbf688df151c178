package discover

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// Options say which server to look at.
type Options struct {
	URL       string            // the MCP endpoint, as clients configure it
	Transport http.RoundTripper // nil means one with sensible limits
	Now       func() time.Time  // nil means time.Now
}

// The steps, in the order of a client.
const (
	stepURL      = "url"
	stepReach    = "reach"
	stepTLS      = "tls"
	stepClock    = "clock"
	stepRefusal  = "refusal"
	stepParse    = "challenge"
	stepPointer  = "resource_metadata"
	stepAt       = "metadata at the endpoint's path"
	stepRoot     = "metadata at the root"
	stepResource = "resource"
	stepIssuer   = "authorization server"
	stepPKCE     = "pkce"
	stepRegister = "registration"
	stepCORS     = "cors"
)

// afterReach are the steps that need an answer.
var afterReach = []string{stepTLS, stepClock, stepRefusal, stepParse, stepPointer, stepAt, stepRoot, stepResource, stepIssuer, stepPKCE, stepRegister, stepCORS}

// timeout bounds all requests together.
const timeout = time.Minute

// A walk is one run of URL.
type walk struct {
	*doctor.Report
	target *url.URL
	http   *wire
	now    func() time.Time
	cors   []corsNote
}

// URL looks at a server. The error is not nil for what is no URL of a server.
func URL(ctx context.Context, o Options) (*doctor.Report, error) {
	target, err := parse(o.URL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if o.Now == nil {
		o.Now = time.Now
	}
	w := &walk{Report: doctor.New("url", o.URL), target: target, http: newWire(o.Transport), now: o.Now}
	w.scheme()
	a, err := w.call(ctx, "")
	if err != nil {
		w.unreachable(err)
		return w.Report, nil
	}
	w.reached(a)
	w.refusal(ctx, a)
	w.metadata(ctx)
	w.reportCORS()
	return w.Report, nil
}

func parse(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%s: %w", doctor.Quote(s), probe.ErrNotHTTP)
	}
	if u.User != nil || u.Fragment != "" {
		return nil, fmt.Errorf("the URL of an MCP server has no user name and no fragment")
	}
	return u, nil
}

// call initializes as a stranger, or with a token that is none.
func (w *walk) call(ctx context.Context, token string) (*probe.Answer, error) {
	c := &probe.Client{URL: w.target.String(), Token: token, HTTP: w.http.client()}
	a, err := c.Initialize(ctx)
	if err == nil && c.Session != "" {
		_, _ = c.Do(ctx, http.MethodDelete) // a session that is left open ends by itself
	}
	return a, err
}
