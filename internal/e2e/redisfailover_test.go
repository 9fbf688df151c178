package e2e

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore/redistest"
)

// parted are the users around a failover.
type parted struct {
	stays, revoked, refreshed, late *member
	before                          *oauth2.Token // of refreshed
}

// failsOver: the replica takes the primary's place without the last writes. Users
// whose writes were lost sign in again, the others go on, and no token comes back.
func (f *fleet) failsOver(t *testing.T, s stage) {
	p := &parted{stays: f.signIn(t, 1), revoked: f.signIn(t, 2), refreshed: f.signIn(t, 3)}
	s.Part(t)
	f.revoke(t, p.revoked)
	p.before = p.refreshed.token
	next, err := f.refresh(t, p.before)
	if err != nil {
		t.Fatal(err)
	}
	p.refreshed.token = next
	p.late = f.signIn(t, 4)
	for what, token := range map[string]*oauth2.Token{"stays": p.stays.token, "late": p.late.token, "refreshed": next} {
		if got := f.status(t, token.AccessToken); got != http.StatusOK {
			t.Fatalf("%s gets %d before the failover", what, got)
		}
	}
	s.FailOver(t)
	redistest.Within(t, patience, "service", func() bool { return f.status(t, p.stays.token.AccessToken) == http.StatusOK })
	f.parted = p
}

func (f *fleet) failedOver(t *testing.T) {
	t.Helper()
	p := f.parted
	for what, token := range map[string]*oauth2.Token{"revoked": p.revoked.token, "used": p.before, "lost": p.refreshed.token, "lost sign-in": p.late.token} {
		if got := f.status(t, token.AccessToken); got != http.StatusUnauthorized {
			t.Errorf("an access token that was %s gets %d", what, got)
		}
		for range f.ports {
			if _, err := f.refresh(t, token); err == nil || !strings.Contains(err.Error(), "invalid_grant") {
				t.Errorf("a refresh token that was %s: %v, want invalid_grant", what, err)
			}
		}
	}
	f.nobodyLost(t, []*member{p.stays})
}

// oneRefresh: one refresh token at both processes at once asks GitHub for one new
// token, and gives all the same answer.
func (f *fleet) oneRefresh(t *testing.T) {
	t.Helper()
	f.gh.ExpireTokens(2 * time.Second)
	m := f.signIn(t, 5)
	time.Sleep(2100 * time.Millisecond) // GitHub's token has to be over, or it may wait
	f.gh.ExpireTokens(8 * time.Hour)
	const endpoint = "/login/oauth/access_token"
	before := f.gh.Calls(endpoint)
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[string]int{}
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			next, err := f.refresh(t, m.token)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("refresh: %v", err)
				return
			}
			got[next.AccessToken+" "+next.RefreshToken]++
		}()
	}
	wg.Wait()
	if len(got) != 1 {
		t.Errorf("%d different answers, want 1", len(got))
	}
	if n := f.gh.Calls(endpoint) - before; n != 1 {
		t.Errorf("GitHub was asked for %d tokens, want 1", n)
	}
}
