package broker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

const (
	// clientTimeout is how long one call of a handler at the provider may take, with
	// its redirects and its body.
	clientTimeout = 30 * time.Second
	// maxHops is how many redirects within the provider's API are followed.
	maxHops = 5
)

// ErrNotAPI says that a request was not sent, since it goes somewhere that is no API
// of the provider's, be it by a redirect.
var ErrNotAPI = errors.New("broker: the user's token is sent to the API of the provider only")

// Client returns a client that calls the provider's API as the caller whom ctx
// carries, with the token of [Broker.TokenSource], which is refreshed as needed. It is
// for the handler that ctx belongs to, and ends with ctx.
//
// The token goes to the provider's [provider.APIOwner].APIOrigins and nowhere else.
// A request for any other origin is not sent at all, with or without a token, and fails with [ErrNotAPI]. So does a
// redirect there; the response, with Location, comes with that error, so that a
// download elsewhere can be fetched with a client of one's own. A request that has
// credentials of its own, in the URL or in Authorization, or another Host than its
// URL, or the context of another caller, is not sent either. What the response names
// as its Request has no token.
//
// A call takes at most 30 seconds. Bodies have no limit of size: read them with one.
func (b *Broker) Client(ctx context.Context) *http.Client {
	t := &userTransport{b: b, ctx: ctx}
	return &http.Client{Transport: t, Timeout: clientTimeout, CheckRedirect: t.follow}
}

// A userTransport sends requests of one caller.
type userTransport struct {
	b   *Broker
	ctx context.Context // of the handler
}

// String shows nothing of the caller.
func (t *userTransport) String() string { return "broker.Client's transport" }

// GoString is String, for %#v.
func (t *userTransport) GoString() string { return t.String() }

// RoundTrip is [http.RoundTripper]'s: it leaves r alone, but for closing its body.
func (t *userTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	out, err := t.prepare(r)
	if err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	res, err := t.b.api.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	res.Request = r // the one without the token
	return res, nil
}

// prepare returns r with the token, or why r is not to be sent.
func (t *userTransport) prepare(r *http.Request) (*http.Request, error) {
	out := r.Clone(r.Context()) // first: r may change while the token is fetched
	id, p, err := t.allow(out)
	if err != nil {
		return nil, err
	}
	tok, err := t.b.upstreamToken(out.Context(), id, p)
	if err != nil {
		return nil, err
	}
	out.Header.Set("Authorization", "Bearer "+tok.AccessToken)
	return out, nil
}

// allow returns whose token r gets, and where it is from.
func (t *userTransport) allow(r *http.Request) (grantID string, p provider.Provider, err error) {
	if err := t.sameCaller(r.Context()); err != nil {
		return "", nil, err
	}
	id, p, err := t.b.signedInAt(t.ctx) // fails when the handler has returned
	if err != nil {
		return "", nil, err
	}
	owner, ok := p.(provider.APIOwner)
	switch {
	case !ok:
		return "", nil, fmt.Errorf("%w: provider %s has none", ErrNotAPI, p.Name())
	case !provider.SendsTo(owner.APIOrigins(), r.URL):
		return "", nil, fmt.Errorf("%w: %s is not among %q", ErrNotAPI, shortOrigin(r.URL), owner.APIOrigins())
	case r.Host != "" && r.Host != r.URL.Host:
		return "", nil, fmt.Errorf("%w: the request's Host is another one than its URL's", ErrNotAPI)
	case r.Header["Authorization"] != nil || r.Header["Proxy-Authorization"] != nil:
		return "", nil, fmt.Errorf("%w: the request has credentials of its own", ErrNotAPI)
	}
	return id, p, nil
}

// sameCaller refuses the request of another user's or a stranger's handler, which a client that was
// kept in a variable would otherwise send with the wrong token.
func (t *userTransport) sameCaller(ctx context.Context) error {
	theirs, ok := authlib.FromContext(ctx)
	if !ok && !authlib.Anonymous(ctx) {
		return nil
	}
	own, known := authlib.FromContext(t.ctx)
	if !ok || !known || own.ID() != theirs.ID() || own.Claims[claimSession] != theirs.Claims[claimSession] {
		return fmt.Errorf("%w: the client was made for another caller", authlib.ErrForbidden)
	}
	return nil
}

// follow is [http.Client].CheckRedirect.
func (t *userTransport) follow(r *http.Request, via []*http.Request) error {
	if len(via) > maxHops {
		return fmt.Errorf("%w: more than %d redirects", ErrNotAPI, maxHops)
	}
	_, _, err := t.allow(r)
	return err
}

// shortOrigin is for errors: neither a path nor a query, which may be secret.
func shortOrigin(u *url.URL) string {
	return printable((&url.URL{Scheme: u.Scheme, Host: u.Host}).String(), 100)
}

// newAPITransport asks the environment for a proxy where that sees no token, since
// what it gets is a tunnel: for https only.
func newAPITransport() http.RoundTripper {
	return &http.Transport{
		Proxy: proxyForTLS(http.ProxyFromEnvironment), TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: clientTimeout,
		ForceAttemptHTTP2: true, MaxIdleConns: 100, MaxIdleConnsPerHost: 10, IdleConnTimeout: 90 * time.Second,
	}
}

func proxyForTLS(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme != "https" {
			return nil, nil
		}
		return proxy(r)
	}
}
