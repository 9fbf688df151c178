package e2e

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

const redisPassword = "the-redis-password"

// A pair is one migrated server as two processes behind one address, with a Redis
// between them.
type pair struct {
	*house
	redis *miniredis.Miniredis
	ports []int
	now   atomic.Int64 // the port that the address leads to; 0: every connection to the next one
	turn  atomic.Int64
}

// newPair migrates and builds the named server. Nothing runs yet.
func newPair(t *testing.T, name string) *pair {
	t.Helper()
	s, err := servers.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{house: &house{bed: lay(t, s)}, redis: miniredis.RunT(t)}
	p.redis.RequireAuth(redisPassword)
	p.run(t, 0, "migrate", p.dir, "--provider", "dev", "--store", "redis", "--yes", "--allow-dirty")
	if p.bin, err = probe.Build(t.Context(), p.dir, ".", t.TempDir()); err != nil {
		t.Fatal(err)
	}
	p.vars = []string{"MCP_SESSION_KEY=" + session.NewKey(), "REDIS_URL=redis://:" + redisPassword + "@" + p.redis.Addr(), "MCP_DEV_CODE=" + devCode}
	p.findPorts(t)
	return p
}

func (p *pair) findPorts(t *testing.T) {
	t.Helper()
	for range 2 {
		port, err := probe.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		p.ports = append(p.ports, port)
	}
}

// replica starts one of the two processes.
func (p *pair) replica(t *testing.T, i int) *probe.Process {
	t.Helper()
	args, env := p.Run(p.ports[i])
	env = append(append(env, "MCP_RESOURCE_URL="+p.url()), p.vars...)
	process, err := probe.Start(t.Context(), probe.Options{Dir: p.dir, Bin: p.bin, Args: args, Env: env, Addr: p.Addr(p.ports[i])})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(process.Stop)
	return process
}

// front makes the resource's address lead to whichever replica is set, byte for byte.
func (p *pair) front(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", p.Addr(p.port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go join(conn, p.Addr(p.next()))
		}
	}()
}

// next is the port that a connection is led to.
func (p *pair) next() int {
	if port := p.now.Load(); port != 0 {
		return int(port)
	}
	return p.ports[p.turn.Add(1)%int64(len(p.ports))]
}

func join(conn net.Conn, to string) {
	defer conn.Close()
	far, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer far.Close()
	go func() { _, _ = io.Copy(conn, far); conn.Close() }()
	_, _ = io.Copy(far, conn)
}

// to sends what follows to a replica, over new connections.
func (p *pair) to(i int) {
	p.now.Store(int64(p.ports[i]))
	http.DefaultClient.CloseIdleConnections()
}

// client is a client of its own connections.
func (p *pair) client(token string) *probe.Client {
	return &probe.Client{URL: p.url(), Token: token, HTTP: &http.Client{
		Timeout: 15 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
}

// at makes sure that the token is good for a call at a replica.
func (p *pair) at(t *testing.T, i int, token, when string) {
	t.Helper()
	p.to(i)
	c := p.client(token)
	if a, err := c.Initialize(t.Context()); err != nil || a.Result == nil {
		t.Fatalf("initialize at replica %d %s: %+v, %v", i, when, a, err)
	}
	if a, err := c.CallTool(t.Context(), p.ReadOnly, nil); err != nil || !strings.Contains(string(a.Result), p.Want) {
		t.Fatalf("%s at replica %d %s: %+v, %v", p.ReadOnly, i, when, a, err)
	}
}

// signIn signs a user of the dev page in at replica 0.
func (p *pair) signIn(t *testing.T, user string) (clientID, token string) {
	t.Helper()
	p.to(0)
	robot := signin.Robot(map[string]string{"code": devCode, "user": user})
	s, err := signin.Connect(t.Context(), signin.Options{URL: p.url(), Browser: func(ctx context.Context, authURL string) (*url.URL, error) {
		if u, err := url.Parse(authURL); err == nil {
			clientID = u.Query().Get("client_id")
		}
		return robot(ctx, authURL)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if token, err = s.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	return clientID, token
}

// A server of each SDK with --store redis, as two replicas: who signs in at one is
// known at the other, what is revoked at one is refused at the other at once,
// without Redis nobody is served, and with it again everybody is.
func TestRedis(t *testing.T) {
	for _, name := range []string{"mcpgo-mux", "gosdk-packages"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			p := newPair(t, name)
			p.startsOnlyWithRedis(t)
			a, b := p.replica(t, 0), p.replica(t, 1)
			p.front(t)
			client, token := p.signIn(t, "ada")
			p.at(t, 0, token, "after the sign-in there")
			p.at(t, 1, token, "after the sign-in at the other")
			_, others := p.signIn(t, "mallory")
			p.moves(t, token, others)
			p.revokedAtBoth(t, client, token)
			_, token = p.signIn(t, "ada")
			p.at(t, 1, token, "before the outage")
			p.redis.Close()
			p.unavailable(t, token)
			if err := p.redis.Restart(); err != nil {
				t.Fatal(err)
			}
			p.at(t, 0, token, "after the outage")
			p.at(t, 1, token, "after the outage")
			for _, secret := range []string{token, redisPassword} {
				if strings.Contains(a.Output()+b.Output(), secret) {
					t.Error("the server's output holds a secret")
				}
			}
		})
	}
}

// startsOnlyWithRedis: what is missing or wrong stops the program with the name of
// the variable, and without its value.
func (p *pair) startsOnlyWithRedis(t *testing.T) {
	t.Helper()
	p.mustNotStart(t, "MCP_SESSION_KEY", "")
	for _, value := range []string{"", "localhost:6379", "redis://:secret-guess@" + p.redis.Addr(), "redis://:secret-guess@127.0.0.1:1"} {
		p.mustNotStart(t, "REDIS_URL", value)
	}
	args, env := p.Run(p.port)
	env = append(append(append(env, "MCP_RESOURCE_URL="+p.url()), p.vars...), "REDIS_URL=redis://:secret-guess@"+p.redis.Addr())
	r, err := probe.Run(t.Context(), p.dir, env, p.bin, args...)
	if err != nil || strings.Contains(string(r.Stderr)+string(r.Stdout), "secret-guess") {
		t.Errorf("the output holds the password: %v\n%s%s", err, r.Stdout, r.Stderr)
	}
}

// moves takes an MCP session from one replica to the other. Where the SDK keeps
// nothing of it, its user goes on; elsewhere it is unknown, and the client begins
// another. Somebody else gets the answer that there is no such session.
func (p *pair) moves(t *testing.T, token, others string) {
	t.Helper()
	p.to(0)
	c := p.client(token)
	if a, err := c.Initialize(t.Context()); err != nil || c.Session == "" {
		t.Fatalf("initialize: %+v, %v", a, err)
	}
	p.to(1)
	want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[strings.HasPrefix(p.Name, "mcpgo")]
	if a, err := c.CallTool(t.Context(), p.ReadOnly, nil); err != nil || a.Status != want {
		t.Errorf("a session that moved: %+v, %v; want status %d", a, err, want)
	}
	c.Token = others
	if a, err := c.CallTool(t.Context(), p.ReadOnly, nil); err != nil || a.Status != http.StatusNotFound {
		t.Errorf("somebody else's session: %+v, %v; want status 404", a, err)
	}
}

// revokedAtBoth revokes at replica 0 and looks at replica 1, which has the token in
// its cache, well before that would forget it by itself.
func (p *pair) revokedAtBoth(t *testing.T, client, token string) {
	t.Helper()
	p.at(t, 1, token, "before the revocation")
	p.to(0)
	res, err := http.PostForm(p.origin()+"/oauth/revoke", url.Values{"token": {token}, "client_id": {client}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("revoke: %s", res.Status)
	}
	start := time.Now()
	for i := range 2 {
		p.to(i)
		for {
			a, err := p.client(token).Initialize(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if a.Status == http.StatusUnauthorized {
				p.mustRefuse(t, "initialize with a revoked token", a, err)
				break
			}
			if time.Since(start) > 2*time.Second {
				t.Fatalf("replica %d still takes a revoked token: %+v", i, a)
			}
		}
	}
	t.Logf("refused at both replicas %v after the revocation", time.Since(start))
}

// unavailable: without Redis a caller gets 503 with Retry-After, not a refusal that
// would make its client sign in again, and no tool is called.
func (p *pair) unavailable(t *testing.T, token string) {
	t.Helper()
	for i := range 2 {
		p.to(i)
		start := time.Now()
		for {
			a, err := p.client(token).CallTool(t.Context(), "delete_note", p.Delete)
			if err != nil {
				t.Fatal(err)
			}
			if a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") != "" && a.Result == nil {
				break
			}
			if time.Since(start) > 2*time.Second {
				t.Fatalf("replica %d without Redis: %+v", i, a)
			}
		}
	}
}
