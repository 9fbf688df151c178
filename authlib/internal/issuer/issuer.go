// Package issuer reads what an external authorization server publishes, its
// metadata and its keys, and checks what it signed. It is what packages jwtauth
// and provider/oidc have in common.
//
// Strangers can send tokens with any key ID, and so must not be able to make
// this program call the issuer at will: everything published is fetched once for
// all callers, kept, and fetched again at most every 30 seconds, whatever comes,
// or once a second where the last fetch brought the key that a token had asked for.
package issuer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// An Issuer is one authorization server. It is safe for concurrent use.
type Issuer struct {
	URL    string // the issuer identifier, as configured
	Client *Client
	Now    func() time.Time

	loopback bool // it runs on this machine, over http
	metadata *cached[Metadata]
	keys     *cached[keySet]
}

// A Discovery is a way to find an issuer's metadata.
type Discovery int

// The ways to find metadata.
const (
	// OAuth looks where RFC 8414 §3 says, then where OpenID Connect does (MCP
	// authorization, Authorization Server Metadata Discovery).
	OAuth Discovery = iota
	// OpenID looks where OpenID Connect Discovery 1.0 §4 says only.
	OpenID
)

// New checks the issuer identifier, and asks nobody yet: a program starts while
// its issuer is down, and asks when the first user comes. client may be nil.
func New(id string, how Discovery, client *http.Client, now func() time.Time) (*Issuer, error) {
	u, err := checkURL(id, true)
	if err != nil {
		return nil, fmt.Errorf("issuer %.200q: %w", id, err)
	}
	if u.RawQuery != "" {
		return nil, fmt.Errorf("issuer %.200q has a query (RFC 8414 §2 allows none)", id)
	}
	if now == nil {
		now = time.Now
	}
	i := &Issuer{URL: id, Client: NewClient(client), Now: now, loopback: u.Scheme == "http"}
	i.metadata = &cached[Metadata]{now: now, fetch: func(ctx context.Context) (*Metadata, time.Duration, error) { return i.discover(ctx, u, how) }}
	i.keys = &cached[keySet]{now: now, fetch: i.fetchKeys}
	return i, nil
}

// checkURL parses an absolute https URL without user and fragment, or an http
// one of this machine where loopback allows that.
func checkURL(s string, loopback bool) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case s == "":
		return nil, errors.New("it is empty")
	case err != nil || u.Host == "" || u.Opaque != "" || u.User != nil || strings.Contains(s, "#"):
		return nil, errors.New("it is not an absolute URL such as https://login.example.com")
	case u.Scheme == "https", u.Scheme == "http" && loopback && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, errors.New("it must be https; http is for loopback hosts only")
}

// String names the issuer and nothing else.
func (i *Issuer) String() string { return i.URL }
