package broker

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

func (be *bench) count(kind session.Kind) int {
	be.Helper()
	n, err := be.b.store.Count(context.Background(), kind)
	if err != nil {
		be.Fatal(err)
	}
	return n
}

// One user who refreshes without end fills no store: the oldest access tokens end.
func TestRefreshingFillsNoStore(t *testing.T) {
	be := newBench(t, func(c *Config) {
		s := memstore.New()
		s.Now, s.Max = c.Now, 100
		c.Store = s
	})
	tok := be.signIn()
	first := tok.access
	for range 500 {
		tok = be.tokens(tok.refreshForm())
	}
	be.wantValid(tok.access)
	be.wantInvalid(first)
	if n := be.count(kindAccess); n != maxAccess {
		t.Errorf("%d access tokens are kept, want %d", n, maxAccess)
	}
	be.register(`{"client_name":"another user's","redirect_uris":["http://127.0.0.1/callback"]}`)
}

// Nor does one who asks for other scopes each time, with the same refresh token.
func TestNarrowingFillsNoStore(t *testing.T) {
	scopes := strings.Fields("a b c d e f")
	be := newBench(t, func(c *Config) { c.Scopes = scopes })
	tok := be.signIn()
	for mask := range 1 << len(scopes) {
		form, asked := tok.refreshForm(), []string(nil)
		for i, s := range scopes {
			if mask>>i&1 == 1 {
				asked = append(asked, s)
			}
		}
		form.Set("scope", strings.Join(asked, " "))
		last := be.tokens(form)
		be.wantValid(last.access)
		if again := be.tokens(form); again != last {
			t.Fatal("the repeated answer differs")
		}
	}
	if n := be.count(kindAccess); n != maxAccess {
		t.Errorf("%d access tokens are kept, want %d", n, maxAccess)
	}
}

// A scope that was not granted is refused before anything changes.
func TestARefusedScopeRotatesNothing(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	form := tok.refreshForm()
	form.Set("scope", "mcp:admin")
	be.refused(form, "invalid_scope")
	g, _, err := load[grant](context.Background(), be.b.store, kindGrant, be.b.parseRefreshToken(tok.refresh).grantID())
	if err != nil || g.Gen != 0 {
		t.Errorf("generation %d, %v", g.Gen, err)
	}
}

// A sign-out leaves nothing behind.
func TestSignOutMakesRoom(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	tok = be.tokens(tok.refreshForm())
	if res := be.post(pathRevoke, map[string][]string{"token": {tok.refresh}, "client_id": {tok.client}}); res.StatusCode != http.StatusOK {
		t.Fatal(res.StatusCode)
	}
	if n := be.count(kindAccess) + be.count(kindGrant) + be.count(kindUpstream); n != 0 {
		t.Errorf("%d records are left", n)
	}
}

// A user whose index is damaged can sign in again. The families that were in it
// are found by no sign-out any more, so they end at their next refresh.
func TestADamagedIndexLocksNobodyOut(t *testing.T) {
	var log bytes.Buffer
	dir := t.TempDir()
	be := newBench(t, func(c *Config) {
		s, err := filestore.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		s.Now = c.Now
		c.Store, c.Keys = s, [][]byte{bytes.Repeat([]byte{7}, 32)}
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	old := be.signIn()
	files, err := filepath.Glob(filepath.Join(dir, string(kindUser)+"*", "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if err := os.WriteFile(files[0], []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if res := be.post(pathToken, old.refreshForm()); res.StatusCode != http.StatusServiceUnavailable { // not known to be gone
		t.Errorf("a refresh: %d", res.StatusCode)
	}
	fresh := be.signIn()
	be.wantValid(fresh.access)
	if !strings.Contains(log.String(), "user_index_damaged") {
		t.Error("the damage is not in the log")
	}
	be.refused(old.refreshForm(), "invalid_grant")
	be.wantInvalid(old.access)
	be.wantValid(be.tokens(fresh.refreshForm()).access)
	p := be.wantValid(fresh.access)
	if err := be.b.Revoke(context.Background(), p.Issuer, p.Subject); err != nil {
		t.Fatal(err)
	}
	be.wantInvalid(fresh.access)
}

// foreign says that every index is sealed with a key that is not here.
type foreign struct{ session.Store }

func (f foreign) Get(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	if strings.HasPrefix(string(kind), string(kindUser)) {
		return session.Record{}, session.ErrUnknownKey
	}
	return f.Store.Get(ctx, kind, key)
}

func (f foreign) Delete(ctx context.Context, kind session.Kind, key string) error {
	if strings.HasPrefix(string(kind), string(kindUser)) {
		return errors.New("an index that is another process's was deleted")
	}
	return f.Store.Delete(ctx, kind, key)
}

// An index that another process can read is not thrown away by one that lacks the
// key.
func TestAnotherKeysIndexIsKept(t *testing.T) {
	var log bytes.Buffer
	be := newBench(t, func(c *Config) {
		s := memstore.New()
		s.Now = c.Now
		c.Store, c.Keys = foreign{s}, [][]byte{bytes.Repeat([]byte{7}, 32)}
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	f := be.newFlow(be.register("")["client_id"].(string))
	if res := be.post(pathToken, f.exchange(be.code(f))); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d", res.StatusCode)
	}
	if strings.Contains(log.String(), "deleted") || !strings.Contains(log.String(), "not in the key ring") {
		t.Error(log.String())
	}
}

// What a record says of itself is looked at, whatever the seal says: a token's
// resource and its end.
func TestAccessRecordsAreChecked(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	a, _, err := load[access](context.Background(), be.b.store, kindAccess, hashKey(tok.access))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*access){
		"another resource": func(a *access) { a.Resource = "https://other.test/mcp" },
		"ended":            func(a *access) { a.Ends = be.b.now() },
		"another family":   func(a *access) { a.Grant = "none" },
	} {
		changed := *a
		change(&changed)
		token := accessPrefix + hashKey(name)
		if err := save(context.Background(), be.b.store, kindAccess, hashKey(token), changed, be.b.now().Add(time.Hour), 0); err != nil {
			t.Fatal(err)
		}
		be.wantInvalid(token)
	}
}

// Two cookies of one name are none: a page of a neighbouring host may have set one.
func TestTwoCookiesOfOneNameAreNone(t *testing.T) {
	be := newBench(t, nil)
	a, _ := randomString()
	b, _ := randomString()
	name := be.b.cookieName("consent")
	for want, cookies := range map[string][]string{a: {a}, "": {a, b}, b: {b}} {
		r, _ := http.NewRequest(http.MethodGet, "/", nil)
		for _, c := range cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: c})
		}
		if got := readCookie(r, name); got != want {
			t.Errorf("%d cookies: %q, want %q", len(cookies), got, want)
		}
	}
}
