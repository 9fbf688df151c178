package broker

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
)

func (be *bench) wantInvalid(token string) {
	be.Helper()
	if p, err := be.verify(token); !errors.Is(err, authlib.ErrInvalidToken) {
		be.Fatalf("Verify = %v, %v; want ErrInvalidToken", p, err)
	}
}

// race posts a form n times at once and returns the answers that carry tokens.
func (be *bench) race(n int, form url.Values) []tokens {
	be.Helper()
	out := make([]tokens, n)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-start
			res, err := http.PostForm(be.srv.URL+pathToken, form)
			if err != nil {
				be.Error(err)
				return
			}
			defer res.Body.Close()
			var m map[string]any
			if err := json.NewDecoder(res.Body).Decode(&m); err != nil || res.StatusCode != http.StatusOK {
				return
			}
			out[i] = tokens{m["access_token"].(string), m["refresh_token"].(string), "", form.Get("client_id")}
		}()
	}
	close(start)
	wg.Wait()
	var got []tokens
	for _, t := range out {
		if t.access != "" {
			got = append(got, t)
		}
	}
	return got
}

// Fifty calls with one refresh token: one rotation, the same tokens for all, and
// nobody is logged out.
func TestRefreshRace(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	got := be.race(50, tok.refreshForm())
	if len(got) != 50 {
		t.Fatalf("%d of 50 answers carry tokens", len(got))
	}
	for _, g := range got {
		if g != got[0] {
			t.Fatal("the answers differ, so there was more than one rotation")
		}
	}
	be.wantValid(got[0].access)
	be.wantValid(be.tokens(got[0].refreshForm()).access)
}

// The same over two processes that share a directory.
func TestRefreshRaceOverProcesses(t *testing.T) {
	dir := t.TempDir()
	shared := func(c *Config) {
		s, err := filestore.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		s.Now = c.Now
		c.Store, c.Keys = s, [][]byte{make([]byte, 32)}
	}
	be := newBench(t, shared)
	tok := be.signIn()
	first, second := be.b, be.newBroker(shared)
	c, err := first.findClient(context.Background(), tok.client)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	got := map[string]int{}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			b := []*Broker{first, second}[i%2]
			a, err := b.refresh(context.Background(), c, tok.refreshForm())
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			got[a.RefreshToken+" "+a.AccessToken]++
		}()
	}
	wg.Wait()
	if len(got) != 1 {
		t.Errorf("%d different answers, want 1", len(got))
	}
}

// An answer that was lost can be fetched again: at once as it was, and three
// times later; then not.
func TestLostAnswer(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	first := be.tokens(tok.refreshForm())
	if again := be.tokens(tok.refreshForm()); again != first {
		t.Error("the repeated answer differs")
	}
	for i := range maxReplays {
		be.advance(20 * time.Second)
		again := be.tokens(tok.refreshForm())
		if again.refresh != first.refresh || again.access == first.access {
			t.Fatalf("replay %d: %+v", i, again)
		}
	}
	be.advance(20 * time.Second)
	be.refused(tok.refreshForm(), "invalid_grant")
	be.wantValid(first.access) // not a logout
	next := be.tokens(first.refreshForm())
	be.wantValid(next.access)
}

// Clients that refresh with one refresh token at about the same time all get an
// access token that lives, however short tokens live.
func TestAnAnswerThatIsGivenAgainHasATokenThatLives(t *testing.T) {
	be := newBench(t, func(c *Config) { c.AccessTTL = 2 * time.Second })
	tok := be.signIn()
	first := be.tokens(tok.refreshForm())
	be.advance(900 * time.Millisecond)
	if again := be.tokens(tok.refreshForm()); again != first {
		t.Error("within half of its life the answer is another")
	}
	for range maxReplays {
		be.advance(time.Second)
		again := be.tokens(tok.refreshForm())
		be.advance(900 * time.Millisecond)
		be.wantValid(again.access)
	}
}

func TestLostAnswerReplayedTooOften(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	first := be.tokens(tok.refreshForm())
	for range maxReplays {
		be.advance(time.Minute)
		be.tokens(tok.refreshForm())
	}
	be.advance(time.Minute)
	be.refused(tok.refreshForm(), "invalid_grant")
	be.refused(first.refreshForm(), "invalid_grant") // the family is dead
}

// Once the successor was used, the old token is refused, and after two minutes it
// ends the family.
func TestReuse(t *testing.T) {
	be := newBench(t, nil)
	t0 := be.signIn()
	t1 := be.tokens(t0.refreshForm())
	be.advance(time.Second)
	t2 := be.tokens(t1.refreshForm())
	be.advance(reuseGrace - time.Second)
	be.refused(t0.refreshForm(), "invalid_grant")
	be.wantValid(t2.access)
	be.advance(2 * time.Second)
	be.refused(t0.refreshForm(), "invalid_grant")
	be.wantInvalid(t2.access)
	be.refused(t2.refreshForm(), "invalid_grant")
}

// Each generation is judged by its own successor's use.
func TestReuseOfMuchOlder(t *testing.T) {
	be := newBench(t, nil)
	all := []tokens{be.signIn()}
	for range 12 {
		be.advance(time.Second)
		all = append(all, be.tokens(all[len(all)-1].refreshForm()))
	}
	last := all[len(all)-1]
	be.refused(all[8].refreshForm(), "invalid_grant")
	be.wantValid(last.access)
	be.refused(all[0].refreshForm(), "invalid_grant") // older than what is remembered
	be.wantInvalid(last.access)
}

func TestInventedRefreshTokens(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	p := be.b.parseRefreshToken(tok.refresh)
	if p == nil {
		t.Fatal("own token is not parsed")
	}
	flipped := tok.refresh[:len(tok.refresh)-3] + "AAA"
	wrongSecret := be.b.refreshToken(p.id, p.gen, make([]byte, secretSize))
	future := be.b.refreshToken(p.id, p.gen+5, p.secret)
	for _, v := range []string{"x", flipped, wrongSecret, future, tok.access, tok.refresh + "A", strings.ToUpper(tok.refresh)} {
		form := tok.refreshForm()
		form.Set("refresh_token", v)
		be.refused(form, "invalid_grant")
	}
	be.wantValid(be.tokens(tok.refreshForm()).access) // none of it ended the family
}

func TestRefreshOfAnotherClient(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	form := tok.refreshForm()
	form.Set("client_id", be.register(`{"client_name":"Other","redirect_uris":["http://127.0.0.1/callback"]}`)["client_id"].(string))
	be.refused(form, "invalid_grant")
	be.wantValid(be.tokens(tok.refreshForm()).access)
}

func TestNoRefreshGrant(t *testing.T) {
	be := newBench(t, nil)
	id := be.register(`{"redirect_uris":["http://127.0.0.1/callback"],"grant_types":["authorization_code"]}`)["client_id"].(string)
	f := be.newFlow(id)
	tok := be.tokens(f.exchange(be.code(f)))
	if tok.refresh != "" {
		t.Error("a client that did not register for it got a refresh token")
	}
	be.wantValid(tok.access)
}

// The family ends 90 days after sign-in, however often it is refreshed, and 30
// days after the last refresh.
func TestFamilyEnds(t *testing.T) {
	be := newBench(t, nil)
	tok, idle := be.signIn(), be.signIn()
	for range 4 {
		be.advance(22 * 24 * time.Hour)
		tok = be.tokens(tok.refreshForm())
	}
	be.refused(idle.refreshForm(), "invalid_grant")
	be.advance(47*time.Hour + 30*time.Minute)
	tok = be.tokens(tok.refreshForm())
	be.wantValid(tok.access)
	be.advance(45 * time.Minute) // the last access token ends with the family
	be.wantInvalid(tok.access)
	be.refused(tok.refreshForm(), "invalid_grant")
}

// failing fails every call while down.
type failing struct {
	session.Store
	down bool
}

func (f *failing) Get(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	if f.down {
		return session.Record{}, errors.New("connection refused")
	}
	return f.Store.Get(ctx, kind, key)
}

// A store that cannot be asked is 503, never a refusal and never a pass.
func TestStoreDown(t *testing.T) {
	store := &failing{}
	be := newBench(t, func(c *Config) {
		s, err := filestore.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		s.Now = c.Now
		store.Store = s
		c.Store, c.Keys = store, [][]byte{make([]byte, 32)}
	})
	tok := be.signIn()
	store.down = true
	if p, err := be.verify(tok.access); p != nil || err == nil || errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("Verify = %v, %v", p, err)
	}
	res := be.post(pathToken, tok.refreshForm())
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("refresh: status %d, header %v", res.StatusCode, res.Header)
	}
	store.down = false
	be.wantValid(be.tokens(tok.refreshForm()).access)
}

// A token of the generation before counts by its secret, also where its MAC is ours: a
// store that went back in time has known another one of that generation.
func TestPreviousTokenCountsByItsSecret(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	p := be.b.parseRefreshToken(tok.refresh)
	be.tokens(tok.refreshForm())
	other := tok
	other.refresh = be.b.refreshToken(p.id, p.gen, make([]byte, secretSize))
	be.refused(other.refreshForm(), "invalid_grant")
}
