package e2e

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore/redistest"
)

// patience is how long any request may take, whatever Redis does: the store gives up
// after 2 seconds, and a visit makes several calls. The machine may be busy.
const patience = 10 * time.Second

// A walker calls a tool again and again, and may get these answers only.
type walker struct {
	who, token, tool string
	args             map[string]any
	may              map[int]bool
}

// A tally is what walkers got.
type tally struct {
	mu      sync.Mutex
	got     map[string]map[int]int // by who and status
	slowest time.Duration
}

func (y *tally) note(w walker, status int, d time.Duration) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.got[w.who] == nil {
		y.got[w.who] = map[int]int{}
	}
	y.got[w.who][status]++
	y.slowest = max(y.slowest, d)
}

// may makes the set of what a walker may get; an outage is always one.
func may(status ...int) map[int]bool {
	out := map[int]bool{http.StatusServiceUnavailable: true}
	for _, s := range status {
		out[s] = true
	}
	return out
}

// traffic has walkers call while during runs.
func (f *fleet) traffic(t *testing.T, walkers []walker, during func()) *tally {
	t.Helper()
	y := &tally{got: map[string]map[int]int{}}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for _, w := range walkers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for ctx.Err() == nil {
				f.walk(ctx, t, w, y)
			}
		}()
	}
	during()
	stop()
	wg.Wait()
	t.Logf("%v, the slowest after %v", y.got, y.slowest.Round(time.Millisecond))
	if y.slowest > patience {
		t.Errorf("a request took %v, more than %v", y.slowest, patience)
	}
	return y
}

func (f *fleet) walk(ctx context.Context, t *testing.T, w walker, y *tally) {
	start := time.Now()
	a, err := f.visit(ctx, 0, w.token, w.tool, w.args)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		t.Errorf("%s: %v", w.who, err)
		return
	}
	y.note(w, a.Status, time.Since(start))
	if !w.may[a.Status] || a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") == "" {
		t.Errorf("%s: status %d, %+v, %s", w.who, a.Status, a.Header, a.Result)
	}
}

// killed: Redis is killed twice in the middle of traffic, and the way to it goes dead. Nobody is let through who
// must not be, no good token is refused, everybody is answered in time; after the
// restart all go on by themselves, and nobody was lost.
func (f *fleet) killed(t *testing.T, s stage) {
	var members []*member
	for n := range 12 {
		members = append(members, f.signIn(t, n))
	}
	gone := members[0]
	f.revoke(t, gone)
	members = members[1:]
	walkers := []walker{
		{"a stranger", "", "delete_note", f.Delete, map[int]bool{http.StatusUnauthorized: true}},
		{"a made-up token", "mcpat_" + members[0].token.AccessToken[10:], f.ReadOnly, nil, may(http.StatusUnauthorized)},
		{"a revoked user", gone.token.AccessToken, f.ReadOnly, nil, may(http.StatusUnauthorized)},
		{"a user without the scope", members[0].token.AccessToken, "delete_note", f.Delete, may(http.StatusForbidden)},
	}
	for _, m := range members[:4] {
		walkers = append(walkers, walker{"a user", m.token.AccessToken, f.ReadOnly, nil, may(http.StatusOK)})
	}
	y := f.traffic(t, walkers, func() {
		again := func() { s.Start(t) }
		for _, fault := range []struct {
			what       string
			begin, end func()
		}{{"a dead network", s.Hang, s.Mend}, {"a kill", s.Kill, again}, {"another kill", s.Kill, again}} {
			time.Sleep(500 * time.Millisecond)
			fault.begin()
			time.Sleep(1500 * time.Millisecond)
			fault.end()
			start := time.Now()
			redistest.Within(t, patience, "service", func() bool { return f.status(t, members[0].token.AccessToken) == http.StatusOK })
			t.Logf("served again %v after %s", time.Since(start).Round(time.Millisecond), fault.what)
		}
	})
	if u := y.got["a user"]; u[http.StatusOK] == 0 || u[http.StatusServiceUnavailable] == 0 {
		t.Errorf("users got %v: this test shows nothing", u)
	}
	f.nobodyLost(t, members)
}

// nobodyLost: every access token and every refresh token is good, at both processes.
func (f *fleet) nobodyLost(t *testing.T, members []*member) {
	t.Helper()
	for _, m := range members {
		if got := f.status(t, m.token.AccessToken); got != http.StatusOK {
			t.Errorf("%s gets %d", m.name, got)
		}
		next, err := f.refresh(t, m.token)
		if err != nil {
			t.Errorf("%s cannot refresh: %v", m.name, err)
			continue
		}
		if got := f.status(t, next.AccessToken); got != http.StatusOK {
			t.Errorf("%s gets %d with the new token", m.name, got)
		}
		m.token = next
	}
}
