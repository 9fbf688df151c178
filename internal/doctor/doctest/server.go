// Package doctest is for tests of doctor: a guarded MCP server as migrate makes one,
// with sign-ins in a folder.
package doctest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
)

// Code is what the local sign-in page asks for.
const Code = "1234-5678"

// A Server is one that is running. Whoever passes its guard is answered with an empty
// result.
type Server struct {
	URL    string // of the MCP endpoint
	Dir    string // of the sessions
	Key    string // that seals them, as MCP_SESSION_KEY has it
	Origin string
	close  func()
}

// Close stops it.
func (s *Server) Close() { s.close() }

// Options change what Start starts. The zero value is a server without faults.
type Options struct {
	Resource string                          // that the server believes it is; "" is its URL
	Store    session.Store                   // nil: files in the folder
	Wrap     func(http.Handler) http.Handler // stands in front, as a proxy or a fault
	Now      func() time.Time
}

// Start starts a server with sessions in dir.
func Start(dir string, o Options) (*Server, error) {
	var handler atomic.Pointer[http.Handler]
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load()).ServeHTTP(w, r) }))
	s := &Server{URL: srv.URL + "/mcp", Origin: srv.URL, Dir: dir, Key: session.NewKey(), close: srv.Close}
	if o.Resource == "" {
		o.Resource = s.URL
	}
	h, err := s.handler(o)
	if err != nil {
		srv.Close()
		return nil, err
	}
	if o.Wrap != nil {
		h = o.Wrap(h)
	}
	handler.Store(&h)
	return s, nil
}

func (s *Server) handler(o Options) (http.Handler, error) {
	b, err := s.broker(o)
	if err != nil {
		return nil, err
	}
	g, err := authlib.New(authlib.Config{
		Resource: o.Resource, Verifier: b, AuthorizationServers: []string{b.Issuer()}, Logger: quiet(),
		Policy: authlib.Policy{Base: authlib.Rule{AllScopes: []string{"mcp:use"}}},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	g.Mount(mux, "/mcp", http.HandlerFunc(answer))
	for _, p := range b.Paths() {
		mux.Handle(p, b)
	}
	return mux, nil
}

func (s *Server) broker(o Options) (*broker.Broker, error) {
	if o.Store == nil {
		files, err := filestore.Open(s.Dir)
		if err != nil {
			return nil, err
		}
		files.Now = o.Now
		o.Store = files
	}
	keys, err := session.ParseKeys(s.Key)
	if err != nil {
		return nil, err
	}
	p, err := dev.New(dev.Config{Resource: o.Resource, Code: Code, Out: io.Discard, Now: o.Now})
	if err != nil {
		return nil, err
	}
	return broker.New(broker.Config{
		Resource: o.Resource, Providers: []provider.Provider{p}, Store: o.Store, Keys: keys,
		Scopes: []string{"mcp:use"}, Logger: quiet(), Now: o.Now,
	})
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func answer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":{}}`)
}
