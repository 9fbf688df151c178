package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
)

// A bed is an authorization server and its resource in this process, whose clock
// can be set forward: a migrated program's can't, and reuse of a refresh token
// ends the sign-in only two minutes later.
type bed struct {
	srv      *httptest.Server
	resource string
	time     func() time.Time
	forward  atomic.Int64 // nanoseconds
}

func (b *bed) now() time.Time { return b.time().Add(time.Duration(b.forward.Load())) }

// bedOptions say what is unusual about a bed.
type bedOptions struct {
	path   bool                                      // the issuer is the resource itself instead of its origin (RFC 8414 §3.1)
	name   string                                    // of the server, for people
	scopes []string                                  // beyond mcp:read and mcp:write
	more   func(resource string) []provider.Provider // besides the local page
	still  time.Time                                 // the clock stands, if not zero
}

// newBed starts one at a loopback port.
func newBed(o bedOptions) (*bed, error) {
	b := &bed{srv: httptest.NewUnstartedServer(nil), time: time.Now}
	_, port, err := net.SplitHostPort(b.srv.Listener.Addr().String())
	if err != nil {
		return nil, err
	}
	b.resource = "http://127.0.0.1:" + port + "/mcp"
	if !o.still.IsZero() {
		b.time = func() time.Time { return o.still }
	}
	h, err := b.handler(o)
	if err != nil {
		return nil, err
	}
	b.srv.Config.Handler = h
	b.srv.Start()
	return b, nil
}

func (b *bed) handler(o bedOptions) (http.Handler, error) {
	p, err := dev.New(dev.Config{Resource: b.resource, PathIssuer: o.path, Code: devCode, Out: io.Discard, Now: b.now})
	if err != nil {
		return nil, err
	}
	providers := []provider.Provider{p}
	if o.more != nil {
		providers = append(providers, o.more(b.resource)...)
	}
	as, err := broker.New(broker.Config{
		Resource: b.resource, PathIssuer: o.path, Name: o.name, Providers: providers, Allow: notMallory,
		Scopes: append([]string{"mcp:read", "mcp:write"}, o.scopes...), Now: b.now, Logger: slog.New(slog.DiscardHandler),
		Peer: nobodyTwice(), // a suite is not a flood
	})
	if err != nil {
		return nil, err
	}
	g, err := authlib.New(authlib.Config{
		Resource: b.resource, Verifier: as, AuthServer: as, Now: b.now,
		Policy: authlib.Policy{Base: authlib.Rule{AllScopes: []string{"mcp:read"}}},
	})
	if err != nil {
		return nil, err
	}
	pong := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":{}}`)
	})
	return g.Handler("/mcp", pong), nil
}

// notMallory lets everybody in but one.
func notMallory(_ context.Context, id *provider.Identity) error {
	if id.Subject == "mallory" {
		return errors.New("no rule names this user")
	}
	return nil
}

// nobodyTwice takes each request for another sender's.
func nobodyTwice() func(*http.Request) string {
	var n atomic.Int64
	return func(*http.Request) string { return strconv.FormatInt(n.Add(1), 10) }
}

// A hand is what a script can ask of us: to sign in as a person, and where time is
// ours, to set it forward. It listens on loopback, for the script alone.
func (b *bed) hand() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /signin", signInFor)
	mux.HandleFunc("POST /forward", func(w http.ResponseWriter, r *http.Request) {
		seconds, err := strconv.Atoi(r.FormValue("seconds"))
		if b == nil || err != nil {
			http.Error(w, "this server's clock is not ours", http.StatusBadRequest)
			return
		}
		b.forward.Add(int64(time.Duration(seconds) * time.Second))
	})
	return httptest.NewServer(mux)
}

// signInFor answers with the callback URL that a browser comes to that starts at
// "url" and is "user"'s.
func signInFor(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	answers := answersOf(q.Get("user"))
	if q.Has("answer") {
		answers["answer"] = q.Get("answer")
	}
	var callback *url.URL
	callback, err := robot.SignIn(r.Context(), nil, q.Get("url"), answers)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	io.WriteString(w, callback.String())
}
