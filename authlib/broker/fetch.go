package broker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
)

// newFetcher returns a client for URLs that strangers name: no proxy, no
// redirects, https on port 443 only, and only to addresses of the public
// internet, checked on the address that is dialled, so that a name which
// resolves to another one the second time gains nothing. own is our own host.
//
// given replaces all of that but the refusal of redirects.
func newFetcher(given *http.Client, own string) *http.Client {
	if given != nil {
		return &http.Client{Transport: given.Transport, Timeout: fetchTimeout, CheckRedirect: lastResponse}
	}
	d := &guardedDialer{own: own, lookup: net.DefaultResolver.LookupNetIP, dial: (&net.Dialer{Timeout: fetchTimeout}).DialContext}
	return &http.Client{
		Timeout: fetchTimeout,
		Transport: &http.Transport{
			Proxy: nil, DialContext: d.DialContext, TLSHandshakeTimeout: fetchTimeout, ResponseHeaderTimeout: fetchTimeout,
			MaxResponseHeaderBytes: 16 << 10, DisableKeepAlives: true, ForceAttemptHTTP2: true, IdleConnTimeout: time.Second,
		},
		CheckRedirect: lastResponse,
	}
}

func lastResponse(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// A guardedDialer connects to public addresses only.
type guardedDialer struct {
	own    string // our own host
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	dial   func(ctx context.Context, network, addr string) (net.Conn, error)
}

// errAddress says that nothing was sent, since the address may not be fetched from.
var errAddress = errors.New("the address is not fetched from")

// DialContext is that of [http.Transport]. It dials the address that it checked,
// and not the name again.
func (d *guardedDialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	target, err := d.publicAddr(ctx, addr)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAddress, err)
	}
	return d.dial(ctx, network, target)
}

// publicAddr resolves addr and returns an address to dial. One address that is
// not public refuses the name as a whole: such a name is a trick.
func (d *guardedDialer) publicAddr(ctx context.Context, addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port != "443" {
		return "", errors.New("only port 443 is fetched from")
	}
	if strings.EqualFold(strings.TrimSuffix(host, "."), d.own) {
		return "", errors.New("it is this server's own host")
	}
	ips, err := d.lookup(ctx, "ip", host)
	if err != nil || len(ips) == 0 {
		return "", errors.New("the host cannot be resolved")
	}
	for _, ip := range ips {
		if !limit.IsPublic(ip) {
			return "", errors.New("the host resolves to an address that is not public")
		}
	}
	return net.JoinHostPort(ips[0].Unmap().String(), port), nil
}
