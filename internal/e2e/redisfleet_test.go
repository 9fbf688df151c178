package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// A fleet is one migrated server with GitHub sign-in as two processes, of which any
// may get any request.
type fleet struct {
	*pair
	id     string  // the client of all its users
	parted *parted // the users around a failover
}

// A member is a user who signed in.
type member struct {
	name  string
	token *oauth2.Token
}

// A migrated server of each SDK as two processes with one Redis, any of which gets any
// request, while Redis is killed and fails over.
func TestRedisFaults(t *testing.T) {
	for _, name := range []string{"mcpgo-full", "gosdk-full"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			newFleet(t, name).faults(t, newStage(t))
		})
	}
}

func (f *fleet) faults(t *testing.T, s stage) {
	processes := f.over(t, s.URL())
	f.killed(t, s)
	f.oneRefresh(t)
	f.failsOver(t, s)
	time.Sleep(5100 * time.Millisecond) // what was believed before is forgotten
	f.failedOver(t)
	f.signIn(t, 2)
	processes[0].Stop()
	f.replica(t, 0) // which remembers nothing
	f.failedOver(t)
	for i, p := range processes {
		if strings.Contains(p.Output(), f.parted.before.RefreshToken) {
			t.Errorf("the output of process %d holds a token", i)
		}
	}
}

// newFleet migrates and builds the named server. Reading takes one scope, and
// delete_note another.
func newFleet(t *testing.T, name string) *fleet {
	t.Helper()
	h := newHouse(t, name, "--store", "redis", "--scopes", "notes:read", "--tool-scopes", "delete_note=notes:write")
	f := &fleet{pair: &pair{house: h}}
	f.findPorts(t)
	f.front(t)
	return f
}

// over starts both processes with a Redis, and registers a client.
func (f *fleet) over(t *testing.T, redisURL string) (processes []*probe.Process) {
	t.Helper()
	f.now.Store(0)
	f.vars = append(f.vars, "REDIS_URL="+redisURL)
	for i := range f.ports {
		processes = append(processes, f.replica(t, i))
	}
	meta := `{"client_name":"Fleet","redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none"}`
	res, err := f.http().Post(f.origin()+"/oauth/register", "application/json", bytes.NewReader([]byte(meta)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var client struct {
		ID string `json:"client_id"`
	}
	if err := json.NewDecoder(res.Body).Decode(&client); err != nil || client.ID == "" {
		t.Fatalf("register: %s, %v", res.Status, err)
	}
	f.id = client.ID
	return processes
}

// http is a client of which every request goes to the next process.
func (f *fleet) http() *http.Client {
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
}

func (f *fleet) ctx(t testing.TB) context.Context {
	return context.WithValue(t.Context(), oauth2.HTTPClient, f.http())
}

func (f *fleet) config() *oauth2.Config {
	return &oauth2.Config{
		ClientID: f.id, RedirectURL: "http://127.0.0.1:7777/callback", Scopes: []string{"notes:read"},
		Endpoint: oauth2.Endpoint{AuthURL: f.origin() + "/oauth/authorize", TokenURL: f.origin() + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams},
	}
}

// signIn signs a user in, each step at another process than the one before.
func (f *fleet) signIn(t *testing.T, n int) *member {
	t.Helper()
	m := &member{name: fmt.Sprint("user-", n)}
	f.gh.SetUser(authtest.GitHubUser{ID: int64(10_000 + n), Login: m.name, Orgs: []string{"acme"}})
	verifier, cfg := oauth2.GenerateVerifier(), f.config()
	resource := oauth2.SetAuthURLParam("resource", f.url())
	u, err := robot.SignIn(t.Context(), f.http(), cfg.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier), resource), nil)
	if err != nil {
		t.Fatal(err)
	}
	m.token, err = cfg.Exchange(f.ctx(t), u.Query().Get("code"), oauth2.VerifierOption(verifier), resource)
	if err != nil {
		t.Fatalf("%s: %v", m.name, err)
	}
	return m
}

// refresh redeems a refresh token.
func (f *fleet) refresh(t testing.TB, tok *oauth2.Token) (*oauth2.Token, error) {
	return f.config().TokenSource(f.ctx(t), &oauth2.Token{RefreshToken: tok.RefreshToken}).Token()
}

func (f *fleet) revoke(t *testing.T, m *member) {
	t.Helper()
	res, err := f.http().PostForm(f.origin()+"/oauth/revoke", url.Values{"token": {m.token.RefreshToken}, "client_id": {f.id}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("revoke: %s", res.Status)
	}
}

// visit begins a session and calls a tool in it. Each request goes to the next process,
// or all to one where the SDK keeps sessions in the process, or to port where that is
// not 0. It returns the first answer that is not 200.
func (f *fleet) visit(ctx context.Context, port int, token, tool string, args map[string]any) (*probe.Answer, error) {
	c := f.pair.client(token)
	if port == 0 && !strings.HasPrefix(f.Name, "mcpgo") {
		port = f.next()
	}
	if port != 0 {
		c.HTTP.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, f.Addr(port))
		}
	}
	if a, err := c.Initialize(ctx); err != nil || a.Status != http.StatusOK {
		return a, err
	}
	return c.CallTool(ctx, tool, args)
}

// status is what a call of the reading tool gives at both processes, or 0 if they
// disagree.
func (f *fleet) status(t testing.TB, token string) int {
	t.Helper()
	var got []int
	for _, port := range f.ports {
		a, err := f.visit(t.Context(), port, token, f.ReadOnly, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.Status == http.StatusOK && !strings.Contains(string(a.Result), f.Want) {
			t.Fatalf("%s: %s", f.ReadOnly, a.Result)
		}
		got = append(got, a.Status)
	}
	if got[0] != got[1] {
		t.Logf("%d at one, %d at the other", got[0], got[1])
		return 0
	}
	return got[0]
}
