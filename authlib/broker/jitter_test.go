package broker

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
	"golang.org/x/oauth2"
)

const githubToken = "/login/oauth/access_token"

// inTurn is a source of random numbers that gives these, over and over.
func inTurn(numbers ...float64) func() float64 {
	var mu sync.Mutex
	i := 0
	return func() float64 {
		mu.Lock()
		defer mu.Unlock()
		i++
		return numbers[(i-1)%len(numbers)]
	}
}

// refreshedAt uses every token each half minute and returns when, before its end,
// each was refreshed first.
func (be *bench) refreshedAt(gh *authtest.GitHub, all []tokens) []time.Duration {
	be.Helper()
	out := make([]time.Duration, len(all))
	for left := 10 * time.Minute; left > 0; left -= 30 * time.Second {
		for i, tok := range all {
			before := gh.Calls(githubToken)
			be.upstream(tok)
			if out[i] == 0 && gh.Calls(githubToken) > before {
				out[i] = left
			}
		}
		be.advance(30 * time.Second)
	}
	return out
}

func (be *bench) upstream(tok tokens) *oauth2.Token {
	be.Helper()
	up, err := be.b.TokenSource(be.as(tok)).Token()
	if err != nil {
		be.Fatal(err)
	}
	return up
}

// Users who signed in at one moment are not refreshed at one moment.
func TestRefreshesDoNotAlign(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(2 * time.Hour)
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) {
		c.AccessTTL, c.RefreshWindow, c.Jitter = 5*time.Hour, 4*time.Minute, inTurn(0, 0.5, 1)
	}))
	all := []tokens{be.signIn(), be.signIn(), be.signIn()}
	be.advance(2*time.Hour - 10*time.Minute)
	want := []time.Duration{4 * time.Minute, 5 * time.Minute, 6 * time.Minute}
	if got := be.refreshedAt(gh, all); !slices.Equal(got, want) {
		t.Errorf("refreshed %v before the end, want %v", got, want)
	}
}

// The random part is drawn once for each token: else whoever asks often enough would
// always be early.
func TestJitterIsDrawnOnceForEachToken(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(2 * time.Hour)
	drawn := 0
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) {
		c.AccessTTL, c.Jitter = 5*time.Hour, func() float64 { drawn++; return 0.9 }
	}))
	tok := be.signIn()
	for range 50 {
		be.upstream(tok)
	}
	if drawn != 1 {
		t.Errorf("drawn %d times for one token", drawn)
	}
}

// A token that lives less than the window is used for half its life before it is
// refreshed, and not refreshed at every call.
func TestShortTokensAreNotRefreshedAtOnce(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(4 * time.Minute)
	be := newBench(t, withGitHub(t, gh, "anyone", nil))
	tok := be.signIn()
	before := gh.Calls(githubToken)
	be.advance(2*time.Minute - time.Second)
	be.upstream(tok)
	if n := gh.Calls(githubToken) - before; n != 0 {
		t.Errorf("refreshed %d times in the first half of its life", n)
	}
	be.advance(time.Second)
	be.upstream(tok)
	if n := gh.Calls(githubToken) - before; n != 1 {
		t.Errorf("refreshed %d times in the second half, want 1", n)
	}
}

// A refresh that fails while the token is valid is not tried again at every call, and
// is tried again before the token ends.
func TestFailedRefreshGoesOnWithAValidToken(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(2 * time.Hour)
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) { c.AccessTTL, c.Jitter = 5*time.Hour, inTurn(0) }))
	tok := be.signIn()
	first := be.upstream(tok)
	be.advance(2*time.Hour - 5*time.Minute)
	gh.SetDown(true)
	before := gh.Calls(githubToken)
	for range 20 {
		if be.upstream(tok).AccessToken != first.AccessToken {
			t.Fatal("another token during the outage")
		}
	}
	if n := gh.Calls(githubToken) - before; n != 1 {
		t.Errorf("GitHub was asked %d times by 20 calls during its outage, want 1", n)
	}
	gh.SetDown(false)
	be.advance(retryRefresh)
	if be.upstream(tok).AccessToken == first.AccessToken {
		t.Error("not refreshed when GitHub was back")
	}
}

// A source of random numbers that is out of its range cannot make a token be
// refreshed after its end, or at each call.
func TestWildJitterIsBounded(t *testing.T) {
	for _, wild := range []float64{-1e9, 1e9} {
		gh := authtest.NewGitHub(t)
		gh.ExpireTokens(2 * time.Hour)
		be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) { c.AccessTTL, c.Jitter = 5*time.Hour, inTurn(wild) }))
		tok := be.signIn()
		first := be.upstream(tok)
		be.advance(2*time.Hour - 8*time.Minute)
		if be.upstream(tok).AccessToken != first.AccessToken {
			t.Errorf("%g: refreshed too early", wild)
		}
		be.advance(4 * time.Minute)
		if be.upstream(tok).AccessToken == first.AccessToken {
			t.Errorf("%g: not refreshed in time", wild)
		}
	}
}

// A sign-in whose tokens, ours and the provider's, ended long ago can be refreshed as
// long as its refresh token lives, however often the store was swept meanwhile.
func TestSweepingKeepsWhatCanBeRefreshed(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(2 * time.Hour)
	var store *filestore.Store
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) {
		files(t.TempDir(), 1)(c)
		store = c.Store.(*filestore.Store)
	}))
	tok := be.signIn()
	for range 29 {
		be.advance(24 * time.Hour)
		if _, err := store.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	be.wantInvalid(tok.access)
	next := be.tokens(tok.refreshForm())
	if be.upstream(next).AccessToken == "" {
		t.Error("no token of the provider's")
	}
	be.advance(31 * 24 * time.Hour)
	if n, err := store.Sweep(context.Background()); err != nil || n == 0 {
		t.Errorf("Sweep = %d, %v: what can't be refreshed any more should go", n, err)
	}
	be.refused(next.refreshForm(), "invalid_grant")
}
