package authtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/jwtauth"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/google"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/oidc"
)

// A user signs in from nothing but the server's address, calls, is refused, steps up,
// refreshes and signs out, at a server of each SDK with and without sessions.
func TestClientGoesTheWholeWay(t *testing.T) {
	for name, serve := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, ran := startNotes(t, serve)
			c := authtest.NewClient(t, url)
			c.Expect401("")
			c.Expect401("who")
			c.SignIn(person("alice"))
			if got := c.MustCall("who", nil); got != "alice" || c.Scope() != "notes" {
				t.Errorf("who is %q with %q", got, c.Scope())
			}
			if got := c.MustListTools(); !slices.Equal(got, []string{"who"}) {
				t.Errorf("alice sees %v", got)
			}
			before := ran.Load()
			no := c.Expect403("wipe", nil)
			if ran.Load() != before {
				t.Error("wipe ran")
			}
			if err := c.StepUp(no); err != nil {
				t.Fatal(err)
			}
			if got := c.MustCall("wipe", map[string]any{}); got != "alice" || c.Scope() != "notes admin" {
				t.Errorf("wipe is called by %q with %q", got, c.Scope())
			}
			if got := c.MustListTools(); !slices.Contains(got, "wipe") {
				t.Errorf("alice sees %v", got)
			}
			refreshAndSignOut(t, c)
		})
	}
}

func refreshAndSignOut(t *testing.T, c *authtest.Client) {
	t.Helper()
	old := c.Token()
	if err := c.Refresh(); err != nil || c.Token() == old {
		t.Errorf("refresh: %v", err)
	}
	if got := c.MustCall("who", nil); got != "alice" {
		t.Errorf("after a refresh the caller is %q", got)
	}
	if err := c.SignOut(); err != nil {
		t.Fatal(err)
	}
	var no *authtest.Refusal
	if _, err := c.Call(context.Background(), "who", nil); !errors.As(err, &no) || no.Status != http.StatusUnauthorized || no.Challenge["error"] != "invalid_token" {
		t.Errorf("after signing out: %v", err)
	}
	if err := c.Refresh(); err == nil {
		t.Error("the refresh token outlives the sign-out")
	}
	if got := c.SignIn(person("bob")).MustCall("who", nil); got != "bob" {
		t.Errorf("bob signs in, and the caller is %q", got)
	}
}

// Users sign in at each stand-in for a provider without any page to fill in, and by
// tokens that an issuer is asked about.
func TestClientSignsInAtEachProvider(t *testing.T) {
	gh, gg, is := authtest.NewGitHub(t), authtest.NewGoogle(t), authtest.NewIssuer(t)
	for name, tt := range map[string]struct {
		at      func(url string) (provider.Provider, error)
		want    string
		browser *http.Client
	}{
		"github": {func(url string) (provider.Provider, error) {
			return github.New(github.Config{ClientID: gh.ClientID, ClientSecret: gh.ClientSecret, BaseURL: gh.URL, Resource: url})
		}, "583231", nil},
		"google": {func(url string) (provider.Provider, error) {
			p, err := google.New(google.Config{ClientID: gg.ClientID, ClientSecret: gg.ClientSecret, Resource: url, HTTPClient: &http.Client{Transport: gg.Transport()}})
			gg.Register(p.CallbackURL())
			return p, err
		}, "110248495921238986420", &http.Client{Transport: gg.Transport()}},
		"oidc": {func(url string) (provider.Provider, error) {
			return oidc.New(oidc.Config{Issuer: is.URL, ClientID: is.ClientID, ClientSecret: is.ClientSecret, Resource: url})
		}, "42", nil},
	} {
		url, _ := startNotesAt(t, transports["mcp-go, without sessions"], tt.at)
		c := authtest.NewClient(t, url)
		c.HTTP = tt.browser
		if got := c.SignIn(nil).MustCall("who", nil); got != tt.want {
			t.Errorf("%s: the caller is %q, want %q", name, got, tt.want)
		}
		for _, out := range []string{fmt.Sprint(c), fmt.Sprintf("%+v %#v", c, c)} {
			if strings.Contains(out, c.Token()) {
				t.Errorf("%s: a client prints its token: %s", name, out)
			}
		}
	}
	h := newHouse(t, "ES256", transports["go-sdk, without sessions"], func(cfg *authlib.Config) {
		v, err := jwtauth.NewIntrospection(jwtauth.IntrospectionConfig{
			Issuer: is.URL, Endpoint: is.URL + authtest.IssuerIntrospection, ClientID: is.ClientID, ClientSecret: is.ClientSecret, Audience: cfg.Resource})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Verifier, cfg.AuthorizationServers = v, []string{is.URL}
	})
	c := authtest.NewClient(t, h.url).UseToken(is.OpaqueToken(authlib.Principal{Subject: "carol", Scopes: []string{"notes"}}, h.url))
	if got := c.MustCall("who", nil); got != "carol" {
		t.Errorf("introspection: the caller is %q", got)
	}
	authtest.Attack(t, authtest.Target{Caller: c, Tool: "who", Denied: "wipe"})
}

// Somebody who does not know the code, or declines, does not come in.
func TestClientIsTurnedAway(t *testing.T) {
	url, _ := startNotes(t, transports["mcp-go, with sessions"])
	for what, answers := range map[string]authtest.Answers{
		"That is not the code": {"user": "mallory", "code": "0000-0000"},
		"did not allow access": {"user": "alice", "code": signInCode, "answer": "deny"},
	} {
		if err := authtest.NewClient(t, url).TrySignIn(answers); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	r := &recorder{TB: t}
	r.run(func() { authtest.NewClient(r, url).SignIn(authtest.Answers{"code": "x"}) })
	if !strings.Contains(r.fatal, "sign in to "+url) {
		t.Errorf("the test goes on: %q", r.fatal)
	}
	r.run(func() { authtest.NewClient(r, "no url") })
	if !strings.Contains(r.fatal, "not the URL") {
		t.Errorf("%q", r.fatal)
	}
}

// What a user of the program would want to hear when something is not as expected.
func TestClientSaysWhatIsWrong(t *testing.T) {
	url, _ := startNotes(t, transports["go-sdk, with sessions"])
	c := authtest.NewClient(t, url)
	r := &recorder{TB: t}
	strict := authtest.NewClient(r, url)
	r.run(func() { strict.MustCall("who", nil) })
	if !strings.Contains(r.fatal, "401") {
		t.Errorf("a call without a token: %q", r.fatal)
	}
	r.run(func() { strict.MustListTools() })
	if !strings.Contains(r.fatal, "list tools") {
		t.Errorf("a list without a token: %q", r.fatal)
	}
	strict.SignIn(person("alice"))
	strict.Expect403("who", nil)
	if len(r.errors) != 1 || !strings.Contains(r.errors[0], "want 403") {
		t.Errorf("who is not refused, and: %v", r.errors)
	}
	if err := errors.Join(c.Refresh(), c.SignOut()); err == nil || !strings.Contains(err.Error(), "no refresh token") || !strings.Contains(err.Error(), "nowhere to revoke") {
		t.Errorf("nobody signed in: %v", err)
	}
	for _, no := range []*authtest.Refusal{nil, {Status: 403}, {Status: 401, Challenge: map[string]string{"error": "insufficient_scope"}}} {
		if err := c.StepUp(no); err == nil {
			t.Errorf("stepped up for %+v", no)
		}
	}
}

// A fake is a server whose pages a test can spoil.
type fake map[string]string

func (f fake) start(t *testing.T) string {
	t.Helper()
	var base string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := f[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		status := http.StatusOK
		if header, rest, found := strings.Cut(page, "\n"); found {
			w.Header().Set("WWW-Authenticate", strings.ReplaceAll(header, "BASE", base))
			status, page = http.StatusUnauthorized, rest
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, strings.ReplaceAll(page, "BASE", base))
	}))
	t.Cleanup(srv.Close)
	base = srv.URL
	return base + "/mcp"
}

// A server that is not as the specification has it is not signed in to: real clients
// would not be able to, or would be led elsewhere.
func TestClientIsStrict(t *testing.T) {
	const challenge = `Bearer resource_metadata="BASE/prm"` + "\n{}"
	const prm = `{"resource":"BASE/mcp","authorization_servers":["BASE"]}`
	const server = "/.well-known/oauth-authorization-server"
	const as = `{"issuer":"BASE","authorization_endpoint":"BASE/authorize","token_endpoint":"BASE/token","registration_endpoint":"BASE/register","code_challenge_methods_supported":["S256"]}`
	for want, f := range map[string]fake{
		"is not protected":             {"/mcp": `{"jsonrpc":"2.0","id":1,"result":{}}`},
		"with 404, not with 401":       {},
		`for "", not`:                  {"/mcp": "\n{}"},
		`for "Basic"`:                  {"/mcp": "Basic realm=x\n{}"},
		"malformed":                    {"/mcp": "Bearer realm\n{}"},
		"never ends":                   {"/mcp": `Bearer realm="x` + "\n{}"},
		`"realm" twice`:                {"/mcp": `Bearer realm="x", realm=y` + "\n{}"},
		"names no resource_metadata":   {"/mcp": "Bearer realm=x\n{}"},
		"/prm answers 404":             {"/mcp": challenge},
		"are those of":                 {"/mcp": challenge, "/prm": `{"resource":"https://another.example.com/mcp"}`},
		"name no authorization server": {"/mcp": challenge, "/prm": `{"resource":"BASE/mcp"}`},
		"answers 404":                  {"/mcp": challenge, "/prm": prm},
		`metadata of issuer`:           {"/mcp": challenge, "/prm": prm, server: `{"issuer":"https://evil.example.com"}`},
		"PKCE with S256":               {"/mcp": challenge, "/prm": prm, server: `{"issuer":"BASE","code_challenge_methods_supported":["plain"]}`},
		"nobody can register":          {"/mcp": challenge, "/prm": prm, "/.well-known/openid-configuration": `{"issuer":"BASE","code_challenge_methods_supported":["S256"]}`},
		"/register answers 404":        {"/mcp": challenge, "/prm": prm, server: as},
		"robot:":                       {"/mcp": challenge, "/prm": prm, server: as, "/register": `{"client_id":"c"}`, "/authorize": "<h1>closed</h1>"},
		"invalid character":            {"/mcp": challenge, "/prm": "no JSON"},
	} {
		if err := authtest.NewClient(t, f.start(t)).TrySignIn(nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// What the browser brings back is looked at before the code is used.
func TestClientChecksTheAnswer(t *testing.T) {
	for want, answer := range map[string]string{
		"state is not ours":                      "?code=c&state=other",
		`from issuer "https://evil.example.com"`: "?code=c&iss=https%3A%2F%2Fevil.example.com&state=",
		`"access_denied"`:                        "?error=access_denied&iss=BASE&state=",
		"no code":                                "?iss=BASE&state=",
		"no bearer token":                        "?code=c&iss=BASE&state=",
	} {
		var base string
		mux := http.NewServeMux()
		json := func(path, doc string) {
			mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.ReplaceAll(doc, "BASE", base)) })
		}
		mux.HandleFunc("/mcp", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer resource_metadata="`+base+`/prm"`)
			w.WriteHeader(http.StatusUnauthorized)
		})
		json("/prm", `{"resource":"BASE/mcp","authorization_servers":["BASE/as"]}`)
		json("/as/.well-known/openid-configuration", `{"issuer":"BASE","authorization_endpoint":"BASE/authorize?x=1","token_endpoint":"BASE/token","registration_endpoint":"BASE/register",
"code_challenge_methods_supported":["S256"],"authorization_response_iss_parameter_supported":true,"issuer":"BASE/as"}`)
		json("/register", `{"client_id":"c"}`)
		json("/token", `{"access_token":"t","token_type":"mac"}`)
		mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			to := strings.ReplaceAll(answer, "BASE", base+"/as")
			if strings.HasSuffix(to, "state=") {
				to += q.Get("state")
			}
			http.Redirect(w, r, q.Get("redirect_uri")+to, http.StatusFound)
		})
		srv := httptest.NewServer(mux)
		t.Cleanup(srv.Close)
		base = srv.URL
		if err := authtest.NewClient(t, base+"/mcp").TrySignIn(nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Expect401 is content with nothing less than a client needs.
func TestExpect401IsStrict(t *testing.T) {
	const prm = `{"resource":"BASE/mcp","authorization_servers":["BASE"]}`
	for what, f := range map[string]fake{
		"everybody is let in":           {"/mcp": `{}`},
		"no challenge":                  {"/mcp": "\n{}"},
		"a bad token is only a no":      {"/mcp": `Bearer resource_metadata="BASE/prm"` + "\n{}", "/prm": prm},
		"an error at the first contact": {"/mcp": `Bearer error="invalid_token", resource_metadata="BASE/prm"` + "\n{}", "/prm": prm},
		"metadata of another":           {"/mcp": `Bearer resource_metadata="BASE/prm"` + "\n{}", "/prm": `{"resource":"https://x"}`},
	} {
		r := &recorder{TB: t}
		authtest.NewClient(r, f.start(t)).Expect401("")
		if len(r.errors) == 0 {
			t.Errorf("%s: no error", what)
		}
	}
	r := &recorder{TB: t}
	r.run(func() { authtest.NewClient(r, "http://127.0.0.1:1/mcp").Expect401("who") })
	if r.fatal == "" {
		t.Error("nobody is there, and the test goes on")
	}
}

// Results, errors of JSON-RPC, of tools, and streams that end early are told apart; a
// session that the server forgot is opened anew; a list has pages.
func TestClientReadsAnswers(t *testing.T) {
	forgotten := false
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		say := func(s string) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, s)
		}
		stream := func(s string) {
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, s)
		}
		switch m := string(body); {
		case strings.Contains(m, `"initialize"`):
			w.Header().Set("Mcp-Session-Id", "s")
			stream(": hello\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}\n\ndata: {\"jsonrpc\":\"2.0\",\ndata: \"id\":1,\"result\":{\"protocolVersion\":\"2025-06-18\"}}\n\n")
		case strings.Contains(m, `"notifications/`):
			w.WriteHeader(http.StatusAccepted)
		case strings.Contains(m, `"forgets"`) && !forgotten:
			forgotten = true
			http.Error(w, "no such session", http.StatusNotFound)
		case strings.Contains(m, `"fails"`):
			say(`{"result":{"isError":true,"content":[{"type":"text","text":"disk full"}]}}`)
		case strings.Contains(m, `"errs"`):
			say(`{"error":{"code":-32602,"message":"no such tool"}}`)
		case strings.Contains(m, `"garbage"`):
			say(`<html>`)
		case strings.Contains(m, `"ends"`):
			stream("data: {}\n")
		case strings.Contains(m, `"cursor":"2"`):
			say(`{"result":{"tools":[{"name":"b"}]}}`)
		case strings.Contains(m, `"tools/list"`):
			say(`{"result":{"tools":[{"name":"a"}],"nextCursor":"2"}}`)
		default:
			say(`{"result":{"content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]}}`)
		}
	}))
	t.Cleanup(srv.Close)
	c, ctx := authtest.NewClient(t, srv.URL), context.Background()
	for tool, want := range map[string]string{"fails": "disk full", "errs": "-32602: no such tool", "garbage": "no JSON-RPC message", "ends": "ends without an answer"} {
		if text, err := c.Call(ctx, tool, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v", tool, text, err)
		}
	}
	var rpc *authtest.RPCError
	if _, err := c.Do(ctx, "errs", map[string]any{"name": "errs"}); !errors.As(err, &rpc) || rpc.Code != -32602 {
		t.Errorf("%v", err)
	}
	if text, err := c.Call(ctx, "forgets", map[string]any{"a": 1}); err != nil || text != "one\ntwo" || !forgotten {
		t.Errorf("%q, %v", text, err)
	}
	if names := c.MustListTools(); fmt.Sprint(names) != "[a b]" {
		t.Errorf("tools %v", names)
	}
}
