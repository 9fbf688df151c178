package broker

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

const rolesTTL = 16 * time.Minute

// directory gives roles, and can be changed and switched off.
type directory struct {
	mu    sync.Mutex
	roles []string
	err   error
	asked int
}

func (d *directory) set(err error, roles ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err, d.roles = err, roles
}

func (d *directory) calls() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}

func (d *directory) look(context.Context, *provider.Identity) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	return d.roles, d.err
}

// withDirectory is a broker that believes the directory for rolesTTL.
func withDirectory(t *testing.T, change func(*Config)) (*bench, *directory, *authtest.GitHub) {
	t.Helper()
	gh, d := authtest.NewGitHub(t), &directory{roles: []string{"admin"}}
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) {
		c.Roles, c.RolesTTL = d.look, rolesTTL
		if change != nil {
			change(c)
		}
	}))
	return be, d, gh
}

func (be *bench) wantRoles(tok tokens, want ...string) {
	be.Helper()
	if p := be.wantValid(tok.access); !slices.Equal(p.Roles, want) {
		be.Errorf("roles %v, want %v", p.Roles, want)
	}
}

// wantUnknown wants what the guard answers with 503.
func (be *bench) wantUnknown(tok tokens) {
	be.Helper()
	if p, err := be.verify(tok.access); err == nil || errors.Is(err, authlib.ErrInvalidToken) {
		be.Errorf("Verify = %+v, %v; want an outage", p, err)
	}
}

// A role that was taken away is gone for the first call after half of RolesTTL.
func TestRoleTakenAwayIsGoneWithinRolesTTL(t *testing.T) {
	be, d, _ := withDirectory(t, nil)
	tok := be.signIn()
	d.set(nil, "reader")
	be.advance(rolesTTL/2 - time.Second)
	be.wantRoles(tok, "admin")
	be.advance(time.Second)
	be.wantRoles(tok, "reader")
	be.advance(rolesTTL) // nobody called meanwhile: it is asked for before the next call
	d.set(nil)
	be.wantRoles(tok)
}

// Calls ask once in a while, and not each.
func TestRolesAreNotAskedForAtEachCall(t *testing.T) {
	be, d, _ := withDirectory(t, nil)
	tok := be.signIn()
	before := d.calls()
	for range 55 * 60 / 5 {
		be.wantRoles(tok, "admin")
		be.advance(5 * time.Second)
	}
	if n := d.calls() - before; n != 6 { // every 8 of 55 minutes
		t.Errorf("asked %d times in 55 minutes, want 6", n)
	}
}

// An outage leaves roles as they are until RolesTTL is over, and lets nobody in then.
func TestRolesOutageFailsClosedAtRolesTTL(t *testing.T) {
	for name, outage := range map[string]func(*directory, *authtest.GitHub, bool){
		"the directory": func(d *directory, _ *authtest.GitHub, down bool) {
			if d.set(nil, "reader"); down {
				d.set(errors.New("directory is down"), "reader")
			}
		},
		"the provider": func(d *directory, gh *authtest.GitHub, down bool) { d.set(nil, "reader"); gh.SetDown(down) },
	} {
		t.Run(name, func(t *testing.T) {
			be, d, gh := withDirectory(t, nil)
			tok := be.signIn()
			outage(d, gh, true)
			before := d.calls() + gh.Calls("/api/v3/applications/"+gh.ClientID+"/token")
			for range 8 * 60 {
				be.advance(time.Second)
				be.wantRoles(tok, "admin")
			}
			for range 8*60 - 1 {
				be.advance(time.Second)
				be.wantRoles(tok, "admin")
			}
			if n := d.calls() + gh.Calls("/api/v3/applications/"+gh.ClientID+"/token") - before; n > 8 {
				t.Errorf("asked %d times during the outage", n)
			}
			be.advance(time.Second)
			be.wantUnknown(tok)
			be.wantUnknown(tok)
			outage(d, gh, false)
			be.wantRoles(tok, "reader")
		})
	}
}

// Who may not sign in any more, and whose sign-in the provider ended, is out.
func TestSignInThatEndedIsGoneWithinRolesTTL(t *testing.T) {
	allowed := true
	be, _, gh := withDirectory(t, func(c *Config) {
		c.Allow = func(context.Context, *provider.Identity) error {
			if !allowed {
				return errors.New("left the company")
			}
			return nil
		}
	})
	fired, revoked := be.signIn(), be.signIn()
	be.advance(rolesTTL / 2)
	be.wantValid(revoked.access)
	allowed = false
	be.wantInvalid(fired.access)
	be.refused(fired.refreshForm(), "invalid_grant")
	allowed = true
	gh.RevokeAll()
	be.advance(rolesTTL / 2)
	be.wantInvalid(revoked.access)
}

// A scope that the user took from us at the provider goes too, and comes back.
func TestScopeTakenAwayIsGoneWithinRolesTTL(t *testing.T) {
	be, _, gh := withDirectory(t, nil)
	tok := be.signIn()
	if p := be.wantValid(tok.access); !slices.Contains(p.Scopes, "repo") {
		t.Fatalf("scopes %v", p.Scopes)
	}
	gh.NarrowTokens("read:user", "read:org")
	be.advance(rolesTTL)
	if p := be.wantValid(tok.access); !slices.Equal(p.Scopes, []string{"mcp:use", "read:user"}) {
		t.Errorf("scopes %v: repo was taken away", p.Scopes)
	}
}

// Recheck does not wait for RolesTTL, and without an answer nobody gets in.
func TestRecheck(t *testing.T) {
	be, d, _ := withDirectory(t, func(c *Config) { c.RolesTTL = 0 }) // an hour, as AccessTTL
	tok, phone := be.signIn(), be.signIn()
	p := be.wantValid(tok.access)
	d.set(errors.New("down"), "reader")
	be.wantRoles(tok, "admin")
	for range 2 {
		if err := be.b.Recheck(context.Background(), p.Issuer, p.Subject); err != nil {
			t.Fatal(err)
		}
	}
	be.wantUnknown(tok)
	be.refused(phone.refreshForm(), "temporarily_unavailable")
	d.set(nil, "reader")
	be.wantRoles(tok, "reader")
	be.wantRoles(phone, "reader")
	before := d.calls()
	be.wantRoles(tok, "reader")
	if d.calls() != before {
		t.Error("it is asked for again and again")
	}
	if err := be.b.Recheck(context.Background(), p.Issuer, "nobody"); err != nil {
		t.Errorf("of an unknown user: %v", err)
	}
}

// A refresh answers a recheck as well.
func TestRefreshAnswersARecheck(t *testing.T) {
	be, d, _ := withDirectory(t, func(c *Config) { c.RolesTTL = 0 })
	tok := be.signIn()
	p := be.wantValid(tok.access)
	if err := be.b.Recheck(context.Background(), p.Issuer, p.Subject); err != nil {
		t.Fatal(err)
	}
	d.set(nil, "reader")
	next := be.tokens(tok.refreshForm())
	before := d.calls()
	be.wantRoles(next, "reader")
	if d.calls() != before {
		t.Error("asked again after the refresh")
	}
}

// Fifty calls that must wait for the answer ask once, and share an outage.
func TestCallsThatWaitAskOnce(t *testing.T) {
	release := make(chan struct{})
	var asked atomic.Int64
	var slowly atomic.Bool
	be, _, _ := withDirectory(t, func(c *Config) {
		c.Roles = func(context.Context, *provider.Identity) ([]string, error) {
			if slowly.Load() {
				asked.Add(1)
				<-release
			}
			return []string{"reader"}, nil
		}
	})
	tok := be.signIn()
	slowly.Store(true)
	be.advance(rolesTTL)
	var wg sync.WaitGroup
	for range 50 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := be.verify(tok.access); err != nil {
				t.Error(err)
			}
		}()
	}
	for asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	close(release)
	wg.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times, want 1", n)
	}
}

// While somebody asks in time, the others do not wait.
func TestCallsGoOnWhileSomebodyAsks(t *testing.T) {
	release, asked := make(chan struct{}), make(chan struct{}, 10)
	var slowly atomic.Bool
	be, _, _ := withDirectory(t, func(c *Config) {
		c.Roles = func(context.Context, *provider.Identity) ([]string, error) {
			if slowly.Load() {
				asked <- struct{}{}
				<-release
			}
			return []string{"admin"}, nil
		}
	})
	tok := be.signIn()
	slowly.Store(true)
	be.advance(rolesTTL / 2)
	done := make(chan error)
	go func() { _, err := be.verify(tok.access); done <- err }()
	<-asked
	be.wantRoles(tok, "admin")
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(asked) > 0 {
		t.Error("asked twice")
	}
}

// A caller who hangs up while the provider is asked is no outage: the next one asks
// again at once.
func TestCallerWhoLeavesIsNoOutage(t *testing.T) {
	ctx, leave := context.WithCancel(context.Background())
	be, d, _ := withDirectory(t, nil)
	tok := be.signIn()
	be.b.cfg.Roles = func(ctx context.Context, id *provider.Identity) ([]string, error) {
		leave()
		return nil, ctx.Err()
	}
	be.advance(rolesTTL / 2)
	if p, err := be.b.Verify(ctx, tok.access); err == nil && !slices.Equal(p.Roles, []string{"admin"}) {
		t.Errorf("%+v for somebody who left", p)
	}
	be.b.cfg.Roles = d.look
	d.set(nil, "reader")
	be.wantRoles(tok, "reader")
}

// Calls that must wait share an outage as well: one question, and one answer to all.
func TestCallsThatWaitShareAnOutage(t *testing.T) {
	var asked atomic.Int64
	be, _, _ := withDirectory(t, nil)
	tok := be.signIn()
	release := make(chan struct{})
	be.b.cfg.Roles = func(context.Context, *provider.Identity) ([]string, error) {
		asked.Add(1)
		<-release
		be.advance(time.Second)
		return nil, errors.New("directory is down")
	}
	be.advance(rolesTTL)
	id, _ := be.b.grantOf(context.Background(), tok.access)
	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() { defer wg.Done(); be.wantUnknown(tok) }()
	}
	for waiting := 0; waiting < 20; time.Sleep(time.Millisecond) {
		be.b.locks.mu.Lock()
		if l := be.b.locks.held[id]; l != nil {
			waiting = l.waiters
		}
		be.b.locks.mu.Unlock()
	}
	close(release)
	wg.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times, want 1", n)
	}
}

// What Verify remembers is not believed after a Recheck.
func TestRecheckEndsWhatIsRemembered(t *testing.T) {
	be, d, _ := withDirectory(t, func(c *Config) {
		files(t.TempDir(), 1)(c)
		c.CacheFor = maxCacheFor
	})
	tok := be.signIn()
	p := be.wantValid(tok.access)
	d.set(nil, "reader")
	be.wantRoles(tok, "admin")
	if err := be.b.Recheck(context.Background(), p.Issuer, p.Subject); err != nil {
		t.Fatal(err)
	}
	be.wantRoles(tok, "reader")
}

// Two processes with one store ask at most once each, and agree.
func TestRolesOverProcesses(t *testing.T) {
	dir := t.TempDir()
	d := &directory{roles: []string{"admin"}}
	gh := authtest.NewGitHub(t)
	shared := withGitHub(t, gh, "anyone", func(c *Config) {
		files(dir, 1)(c)
		c.Roles, c.RolesTTL = d.look, rolesTTL
	})
	be := newBench(t, shared)
	other := be.newBroker(shared)
	tok := be.signIn()
	d.set(nil, "reader")
	be.advance(rolesTTL)
	before := d.calls()
	be.wantRoles(tok, "reader")
	if p, err := other.Verify(context.Background(), tok.access); err != nil || !slices.Equal(p.Roles, []string{"reader"}) {
		t.Errorf("the other process: %+v, %v", p, err)
	}
	if n := d.calls() - before; n != 1 {
		t.Errorf("asked %d times, want 1", n)
	}
}

func TestRolesTTLIsNoLongerThanTokensLive(t *testing.T) {
	be := newBench(t, nil)
	for _, ttl := range []time.Duration{-1, 2 * time.Hour} {
		cfg := be.b.cfg
		cfg.Keys = [][]byte{make([]byte, 32)}
		cfg.RolesTTL = ttl
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "RolesTTL") {
			t.Errorf("RolesTTL %v: %v", ttl, err)
		}
	}
}

// Of those whom nobody here can ask about, what was said lives no longer than
// RolesTTL, and Recheck ends it. A machine's roles are those of the configuration.
func TestRolesOfWhoCannotBeAskedAbout(t *testing.T) {
	idp := authtest.NewIssuer(t)
	be := newBench(t, func(c *Config) {
		withEnterprise(t, idp, everybody)(c)
		withMachines(t, authtest.NewIssuer(t))(c)
		c.RolesTTL = rolesTTL
	})
	client := be.register("")["client_id"].(string)
	first := be.tokens(exchanged(client, idp.Mint(typeIDJAG, be.idJAG(idp, client, "1"))))
	machine := be.tokens(be.cron())
	if p := be.wantValid(first.access); p.Expiry.After(be.clock.Now().Add(rolesTTL)) {
		t.Errorf("the token lives until %v", p.Expiry)
	}
	be.advance(rolesTTL)
	be.wantInvalid(first.access)
	m := be.wantValid(machine.access)
	second := be.tokens(exchanged(client, idp.Mint(typeIDJAG, be.idJAG(idp, client, "2"))))
	for _, who := range []*authlib.Principal{be.wantValid(second.access), m} {
		if err := be.b.Recheck(context.Background(), who.Issuer, who.Subject); err != nil {
			t.Fatal(err)
		}
	}
	be.wantInvalid(second.access)
	be.wantInvalid(machine.access)
	be.wantValid(be.tokens(be.cron()).access)
}
