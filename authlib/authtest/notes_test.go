package authtest_test

import (
	"io"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
)

// signInCode is what the dev provider's page asks for.
const signInCode = "1234-5678"

// startNotes starts a server whose users sign in on a page of its own.
func startNotes(t testing.TB, serve transport) (url string, ran *atomic.Int64) {
	t.Helper()
	return startNotesAt(t, serve, func(url string) (provider.Provider, error) {
		return dev.New(dev.Config{Resource: url, Code: signInCode, Out: io.Discard})
	})
}

// startNotesAt starts a server whose users sign in at a provider.
func startNotesAt(t testing.TB, serve transport, at func(url string) (provider.Provider, error)) (url string, ran *atomic.Int64) {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	url = "http://" + srv.Listener.Addr().String() + "/mcp"
	people, err := at(url)
	if err != nil {
		t.Fatal(err)
	}
	anyone, err := broker.AllowRules("anyone")
	if err != nil {
		t.Fatal(err)
	}
	b, err := broker.New(broker.Config{Resource: url, Providers: []provider.Provider{people}, Allow: anyone, Scopes: []string{"notes", "admin"}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	guard, err := authlib.New(authlib.Config{Resource: url, Verifier: b, AuthServer: b, Policy: authlib.Policy{
		Base:  authlib.Rule{AllScopes: []string{"notes"}},
		Tools: map[string]authlib.Rule{"who": {}, "wipe": {AllScopes: []string{"admin"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	ran = new(atomic.Int64)
	srv.Config.Handler = serve(guard, ran)
	srv.Start()
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	return url, ran
}

func person(name string) authtest.Answers { return authtest.Answers{"user": name, "code": signInCode} }
