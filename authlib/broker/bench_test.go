package broker

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
	"golang.org/x/oauth2"
)

const (
	devCode  = "1234-5678"
	callback = "http://127.0.0.1:7777/callback"
)

// bench is a broker on a loopback server with the dev provider.
type bench struct {
	testing.TB
	b       *Broker
	srv     *httptest.Server
	handler atomic.Pointer[http.Handler] // b, unless a test puts more around it
	clock   *storetest.Clock
}

func (be *bench) serve(h http.Handler) { be.handler.Store(&h) }

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// newBench starts a server; change may alter the configuration.
func newBench(t testing.TB, change func(*Config)) *bench {
	t.Helper()
	be := &bench{TB: t, clock: storetest.NewClock()}
	be.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*be.handler.Load()).ServeHTTP(w, r) }))
	t.Cleanup(be.srv.Close)
	be.b = be.newBroker(change)
	be.serve(be.b)
	return be
}

func (be *bench) newBroker(change func(*Config)) *Broker {
	be.Helper()
	resource := be.srv.URL + "/mcp"
	p, err := dev.New(dev.Config{Resource: resource, Code: devCode, Out: io.Discard, Now: be.clock.Now})
	if err != nil {
		be.Fatal(err)
	}
	cfg := Config{
		Resource: resource, Providers: []provider.Provider{p}, Scopes: []string{"mcp:read", "mcp:write"},
		Logger: quiet(), Now: be.clock.Now,
	}
	if change != nil {
		change(&cfg)
	}
	b, err := New(cfg)
	if err != nil {
		be.Fatal(err)
	}
	return b
}

// register registers a client and returns its ID.
func (be *bench) register(meta string) map[string]any {
	be.Helper()
	if meta == "" {
		meta = `{"client_name":"Test","redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none"}`
	}
	res, err := http.Post(be.b.Issuer()+pathRegister, "application/json", strings.NewReader(meta))
	if err != nil {
		be.Fatal(err)
	}
	return be.decode(res, http.StatusCreated)
}

func (be *bench) decode(res *http.Response, status int) map[string]any {
	be.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		be.Fatalf("status %d, want %d: %s (%v)", res.StatusCode, status, body, err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(body, &out); err != nil {
		be.Fatalf("%v: %s", err, body)
	}
	return out
}

// A flow is one authorization request.
type flow struct {
	params   url.Values
	verifier string
}

func (be *bench) newFlow(clientID string) *flow {
	v := oauth2.GenerateVerifier()
	return &flow{verifier: v, params: url.Values{
		"response_type": {"code"}, "client_id": {clientID}, "redirect_uri": {callback}, "state": {"client-state"},
		"code_challenge": {s256(v)}, "code_challenge_method": {"S256"}, "resource": {be.b.resource.String()},
	}}
}

func (be *bench) authURL(f *flow) string {
	return be.b.Issuer() + pathAuthorize + "?" + f.params.Encode()
}

func answers() map[string]string { return map[string]string{"code": devCode, "user": "alice"} }

// code signs alice in and returns the authorization code.
func (be *bench) code(f *flow) string {
	be.Helper()
	u, err := robot.SignIn(context.Background(), nil, be.authURL(f), answers())
	if err != nil {
		be.Fatal(err)
	}
	q := u.Query()
	if q.Get("code") == "" || q.Get("state") != "client-state" || q.Get("iss") != be.b.Issuer() {
		be.Fatalf("redirected to %s", u)
	}
	return q.Get("code")
}

func (f *flow) exchange(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "client_id": {f.params.Get("client_id")},
		"redirect_uri": {f.params.Get("redirect_uri")}, "code_verifier": {f.verifier}, "resource": {f.params.Get("resource")},
	}
}

func (be *bench) post(path string, form url.Values) *http.Response {
	be.Helper()
	res, err := http.PostForm(be.b.Issuer()+path, form)
	if err != nil {
		be.Fatal(err)
	}
	return res
}

// tokens are what the token endpoint answered.
type tokens struct{ access, refresh, scope, client string }

func (be *bench) tokens(form url.Values) tokens {
	be.Helper()
	m := be.decode(be.post(pathToken, form), http.StatusOK)
	s := func(k string) string { v, _ := m[k].(string); return v }
	return tokens{s("access_token"), s("refresh_token"), s("scope"), form.Get("client_id")}
}

// signIn does the whole flow with a new client.
func (be *bench) signIn() tokens {
	be.Helper()
	f := be.newFlow(be.register("")["client_id"].(string))
	return be.tokens(f.exchange(be.code(f)))
}

func (t tokens) refreshForm() url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.refresh}, "client_id": {t.client}}
}

// refused posts to the token endpoint and wants an error.
func (be *bench) refused(form url.Values, code string) {
	be.Helper()
	status := http.StatusBadRequest
	switch code {
	case "invalid_client":
		status = http.StatusUnauthorized
	case "temporarily_unavailable":
		status = http.StatusServiceUnavailable
	}
	if m := be.decode(be.post(pathToken, form), status); m["error"] != code {
		be.Fatalf("error %v, want %s", m, code)
	}
}

func (be *bench) verify(token string) (*authlib.Principal, error) {
	return be.b.Verify(context.Background(), token)
}

func (be *bench) wantValid(token string) *authlib.Principal {
	be.Helper()
	p, err := be.verify(token)
	if err != nil {
		be.Fatalf("token refused: %v", err)
	}
	return p
}

func (be *bench) advance(d time.Duration) { be.clock.Advance(d) }
