package userdata_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
	"github.com/mcp-migrate/mcp-migrate/authlib/userdata"
)

const resource = "https://mcp.acme.test/mcp"

type prefs struct {
	City  string   `json:"city,omitempty"`
	Count int      `json:"count,omitempty"`
	Tags  []string `json:"tags,omitempty"`
}

// stores are ways to open a store twice, as two processes do.
var stores = map[string]func(t *testing.T, now func() time.Time) (first, second session.Store){
	"memory": func(t *testing.T, now func() time.Time) (session.Store, session.Store) {
		s := memstore.New()
		s.Now = now
		return s, s
	},
	"files": func(t *testing.T, now func() time.Time) (session.Store, session.Store) {
		dir := t.TempDir()
		open := func() session.Store {
			s, err := filestore.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			s.Now = now
			return s
		}
		return open(), open()
	},
	"redis": func(t *testing.T, now func() time.Time) (session.Store, session.Store) {
		m := miniredis.RunT(t)
		open := func() session.Store {
			s, err := redisstore.Open(redisstore.Config{
				URL: "redis://" + m.Addr(), Resource: resource, Now: now, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		}
		return open(), open()
	},
}

// bench is one store that two processes opened.
type bench struct {
	*testing.T
	clock         *storetest.Clock
	below         session.Store
	first, second *userdata.Store
}

// everywhere runs f over every kind of store.
func everywhere(t *testing.T, f func(*bench)) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			clock := storetest.NewClock()
			one, two := open(t, clock.Now)
			b := &bench{T: t, clock: clock, below: one}
			b.first, b.second = b.open(one, nil), b.open(two, nil)
			f(b)
		})
	}
}

func ring(t *testing.T, resource string, key byte) *session.Ring {
	t.Helper()
	r, err := session.NewRing(resource, [][]byte{bytes.Repeat([]byte{key}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *bench) open(s session.Store, change func(*userdata.Config)) *userdata.Store {
	b.Helper()
	cfg := userdata.Config{Store: s, Ring: ring(b.T, resource, 1), Now: b.clock.Now}
	if change != nil {
		change(&cfg)
	}
	u, err := userdata.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	return u
}

func as(issuer, subject string) context.Context {
	return authlib.NewContext(context.Background(), &authlib.Principal{Issuer: issuer, Subject: subject})
}

func alice() context.Context { return as("https://idp.test", "alice") }

func (b *bench) set(s *userdata.Store, ctx context.Context, city string) {
	b.Helper()
	if err := userdata.In[prefs](s, "prefs").Update(ctx, func(p *prefs) error { p.City = city; return nil }); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) want(s *userdata.Store, ctx context.Context, city string) {
	b.Helper()
	if p, err := userdata.In[prefs](s, "prefs").Get(ctx); err != nil || p.City != city {
		b.Errorf("Get = %+v, %v; want %q", p, err, city)
	}
}

func TestUserDataIsKeptForEachUser(t *testing.T) {
	everywhere(t, func(b *bench) {
		b.want(b.first, alice(), "")
		b.set(b.first, alice(), "Bern")
		b.want(b.second, alice(), "Bern")
		for _, other := range []context.Context{as("https://idp.test", "bob"), as("https://other.test", "alice"), as("https://idp.test|alice", "")} {
			if p, err := userdata.In[prefs](b.first, "prefs").Get(other); err == nil && p.City != "" {
				b.Errorf("another user sees %+v", p)
			}
		}
		b.set(b.second, as("https://other.test", "alice"), "Rome")
		b.want(b.first, alice(), "Bern")
	})
}

// Two principals whose issuer and subject only together look the same are two users.
func TestUserDataOfNamesThatCollide(t *testing.T) {
	everywhere(t, func(b *bench) {
		b.set(b.first, as("a", "b|c"), "one")
		b.set(b.first, as("a|b", "c"), "two")
		b.want(b.first, as("a", "b|c"), "one")
	})
}

func TestUserDataPartsAreApart(t *testing.T) {
	everywhere(t, func(b *bench) {
		b.set(b.first, alice(), "Bern")
		seen := userdata.In[[]string](b.first, "seen")
		if err := seen.Update(alice(), func(s *[]string) error { *s = append(*s, "intro"); return nil }); err != nil {
			b.Fatal(err)
		}
		if err := userdata.In[prefs](b.first, "prefs").Delete(alice()); err != nil {
			b.Fatal(err)
		}
		b.want(b.second, alice(), "")
		if s, err := seen.Get(alice()); err != nil || len(s) != 1 || s[0] != "intro" {
			b.Errorf("the other part is %v, %v", s, err)
		}
	})
}

// Changes from two processes at once are all there.
func TestUserDataLosesNoChange(t *testing.T) {
	everywhere(t, func(b *bench) {
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				s := []*userdata.Store{b.first, b.second}[i%2]
				err := userdata.In[prefs](s, "prefs").Update(alice(), func(p *prefs) error { p.Count++; return nil })
				if err != nil {
					b.Error(err)
				}
			}()
		}
		wg.Wait()
		if p, err := userdata.In[prefs](b.first, "prefs").Get(alice()); err != nil || p.Count != 40 {
			b.Errorf("%+v, %v after 40 increments", p, err)
		}
	})
}

func TestUserDataIsBounded(t *testing.T) {
	everywhere(t, func(b *bench) {
		small := b.open(b.below, func(c *userdata.Config) { c.MaxBytes = 200 })
		b.set(small, alice(), strings.Repeat("x", 100))
		notes := userdata.In[string](small, "notes")
		fill := func(n int) error {
			return notes.Update(alice(), func(s *string) error { *s = strings.Repeat("y", n); return nil })
		}
		if err := fill(200); !errors.Is(err, userdata.ErrTooLarge) {
			b.Errorf("300 bytes in two parts: %v, want ErrTooLarge", err)
		}
		if err := fill(20); err != nil {
			b.Errorf("120 bytes: %v", err)
		}
		b.want(small, alice(), strings.Repeat("x", 100))
	})
}

// A change that fails, or panics, stores nothing.
func TestUserDataOfAFailedChange(t *testing.T) {
	everywhere(t, func(b *bench) {
		b.set(b.first, alice(), "Bern")
		no := errors.New("no")
		d := userdata.In[prefs](b.first, "prefs")
		if err := d.Update(alice(), func(p *prefs) error { p.City = "Rome"; return no }); !errors.Is(err, no) {
			b.Errorf("Update = %v, want its error", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = d.Update(alice(), func(p *prefs) error { p.City = "Rome"; panic("no") })
		}()
		if err := userdata.In[map[string]any](b.first, "odd").Update(alice(), func(m *map[string]any) error { *m = map[string]any{"f": func() {}}; return nil }); err == nil {
			b.Error("a function was stored")
		}
		b.want(b.first, alice(), "Bern")
	})
}

func TestUserDataTakesNoTokens(t *testing.T) {
	everywhere(t, func(b *bench) {
		long := strings.Repeat("x", 30)
		for name, v := range map[string]any{
			"oauth2": oauth2.Token{AccessToken: "opaque"}, "nested": []any{map[string]any{"deep": map[string]string{"refresh_token": "r"}}},
			"spelling": map[string]string{"accessToken": "x"}, "ours": "mcpat_" + long, "our refresh token": "mcprt_" + long, "our API key": "mcpk_" + long,
			"an app's": "ghu_" + long, "GitHub's refresh token": "ghr_" + long, "a personal one": "ghp_" + long, "a newer one": "github_pat_" + long, "Google's refresh token": "1//0" + long,
			"ID token": map[string]string{"id_token": "x"}, "client secret": map[string]string{"client-secret": "x"}, "GitHub's": []string{"a", "gho_" + long}, "Google's": map[string]string{"t": "ya29." + long},
		} {
			err := userdata.In[any](b.first, "x").Update(alice(), func(x *any) error { *x = v; return nil })
			if !errors.Is(err, userdata.ErrToken) || strings.Contains(err.Error(), long) {
				b.Errorf("%s: %v, want ErrToken", name, err)
			}
		}
		for name, v := range map[string]any{"mention": "gho_ is how they begin", "none": map[string]any{"access_token": nil}, "text": "my access_token", "an empty one": map[string]any{"access_token": ""}, "short": "gho_example"} {
			if err := userdata.In[any](b.first, "x").Update(alice(), func(x *any) error { *x = v; return nil }); err != nil {
				b.Errorf("%s: %v", name, err)
			}
		}
	})
}

// What nobody uses ends; what is read goes on; and reading does not write each time.
func TestUserDataEnds(t *testing.T) {
	everywhere(t, func(b *bench) {
		s := b.open(b.below, func(c *userdata.Config) { c.Keep = 100 * 24 * time.Hour })
		b.set(s, alice(), "Bern")
		for range 5 {
			b.clock.Advance(60 * 24 * time.Hour)
			b.want(s, alice(), "Bern")
		}
		b.clock.Advance(101 * 24 * time.Hour)
		b.want(s, alice(), "")
	})
}

func TestForgetRemovesAUser(t *testing.T) {
	everywhere(t, func(b *bench) {
		bob := as("https://idp.test", "bob")
		b.set(b.first, alice(), "Bern")
		b.set(b.first, bob, "Rome")
		for range 2 { // nobody there is no error
			if err := b.second.Forget(context.Background(), "https://idp.test", "alice"); err != nil {
				b.Fatal(err)
			}
		}
		b.want(b.first, alice(), "")
		b.want(b.first, bob, "Rome")
	})
}

// A user who is revoked between the check and the write leaves nothing behind.
func TestUserDataWrittenWhileRevokedIsRemoved(t *testing.T) {
	everywhere(t, func(b *bench) {
		revoked, asked := false, 0
		s := b.open(b.below, func(c *userdata.Config) {
			c.Alive = func(context.Context, *authlib.Principal) error {
				if asked++; revoked {
					return fmt.Errorf("%w: revoked", authlib.ErrInvalidToken)
				}
				return nil
			}
		})
		err := userdata.In[prefs](s, "prefs").Update(alice(), func(p *prefs) error { p.City, revoked = "Bern", true; return nil })
		if !errors.Is(err, authlib.ErrInvalidToken) || asked != 2 {
			b.Errorf("Update = %v after %d checks", err, asked)
		}
		b.want(b.first, alice(), "")
		if err := userdata.In[prefs](s, "prefs").Update(alice(), func(*prefs) error { b.Error("called for a revoked user"); return nil }); !errors.Is(err, authlib.ErrInvalidToken) {
			b.Errorf("Update of a revoked user = %v", err)
		}
	})
}

// Another server with the same store, and somebody with another key, see nothing.
func TestUserDataIsSealed(t *testing.T) {
	everywhere(t, func(b *bench) {
		b.set(b.first, alice(), "Bern")
		b.want(b.open(b.below, func(c *userdata.Config) { c.Ring = ring(b.T, "https://other.test/mcp", 1) }), alice(), "")
		b.want(b.open(b.below, func(c *userdata.Config) { c.Ring = ring(b.T, resource, 2) }), alice(), "")
	})
}

// Neither the user nor the data is in the files.
func TestUserDataIsEncryptedAtRest(t *testing.T) {
	dir := t.TempDir()
	files, err := filestore.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := userdata.New(userdata.Config{Store: files, Ring: ring(t, resource, 1)})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t}
	b.set(s, alice(), "Reykjavik")
	read := 0
	err = filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, secret := range []string{"Reykjavik", "alice", "idp.test", "prefs"} {
			if bytes.Contains(data, []byte(secret)) || strings.Contains(path, secret) {
				t.Errorf("%s shows %s", path, secret)
			}
		}
		read += len(data)
		return err
	})
	if err != nil || read < 100 {
		t.Fatalf("%d bytes read: %v", read, err)
	}
}

// A record of another shape is an error that does not show it, and Forget is the cure.
func TestUserDataOfAnotherShape(t *testing.T) {
	everywhere(t, func(b *bench) {
		if err := userdata.In[int](b.first, "prefs").Update(alice(), func(n *int) error { *n = 424242; return nil }); err != nil {
			b.Fatal(err)
		}
		d := userdata.In[prefs](b.first, "prefs")
		_, err := d.Get(alice())
		if err == nil || strings.Contains(err.Error(), "424242") {
			b.Errorf("Get = %v", err)
		}
		if err := d.Update(alice(), func(*prefs) error { return nil }); err == nil {
			b.Error("a value of another shape was overwritten")
		}
		sealed := session.Seal(b.below, ring(b.T, resource, 1), b.clock.Now)
		if n, err := sealed.Count(context.Background(), "userdata"); n != 1 || err != nil {
			b.Errorf("%d records of one user, %v", n, err)
		}
	})
}

func TestUserDataOfNobody(t *testing.T) {
	everywhere(t, func(b *bench) {
		d := userdata.In[prefs](b.first, "prefs")
		for name, ctx := range map[string]context.Context{"no context": context.Background(), "a stranger": authlib.NewContext(context.Background(), nil), "no subject": as("https://idp.test", "")} {
			_, err := d.Get(ctx)
			if err2 := d.Update(ctx, func(*prefs) error { return nil }); !errors.Is(err, authlib.ErrUnauthenticated) || !errors.Is(err2, authlib.ErrUnauthenticated) {
				b.Errorf("%s: %v, %v", name, err, err2)
			}
		}
		for _, name := range []string{"", "Prefs", "a b", "a/b", strings.Repeat("x", 65)} {
			if _, err := userdata.In[prefs](b.first, name).Get(alice()); err == nil {
				b.Errorf("a part named %q", name)
			}
		}
		if _, err := (userdata.Data[prefs]{}).Get(alice()); err == nil {
			b.Error("data without a store")
		}
	})
}

// broken is a store that cannot be asked.
type broken struct{ session.Store }

var errDown = errors.New("down")

func (broken) Get(context.Context, session.Kind, string) (session.Record, error) {
	return session.Record{}, errDown
}

func TestUserDataOfAStoreThatIsDown(t *testing.T) {
	s, err := userdata.New(userdata.Config{Store: broken{memstore.New()}, Ring: ring(t, resource, 1)})
	if err != nil {
		t.Fatal(err)
	}
	d := userdata.In[prefs](s, "prefs")
	if _, err := d.Get(alice()); !errors.Is(err, errDown) {
		t.Errorf("Get = %v: an outage must not look like no data", err)
	}
	if err := d.Update(alice(), func(*prefs) error { t.Error("called"); return nil }); !errors.Is(err, errDown) {
		t.Errorf("Update = %v", err)
	}
}

// contended never lets a writer win.
type contended struct{ session.Store }

func (contended) Put(context.Context, session.Kind, string, session.Record, uint64) error {
	return session.ErrConflict
}

func TestUserDataGivesUpWithItsContext(t *testing.T) {
	s, err := userdata.New(userdata.Config{Store: contended{memstore.New()}, Ring: ring(t, resource, 1)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(alice(), 50*time.Millisecond)
	defer cancel()
	err = userdata.In[prefs](s, "prefs").Update(ctx, func(p *prefs) error { p.Count++; return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Update = %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	r, s := ring(t, resource, 1), memstore.New()
	for name, cfg := range map[string]userdata.Config{
		"no store": {Ring: r}, "no ring": {Store: s}, "negative": {Store: s, Ring: r, Keep: -1},
		"too much": {Store: s, Ring: r, MaxBytes: 64 << 10}, "less than none": {Store: s, Ring: r, MaxBytes: -1},
	} {
		if _, err := userdata.New(cfg); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// counting is a store that counts what is written.
type counting struct {
	session.Store
	puts int
}

func (c *counting) Put(ctx context.Context, kind session.Kind, key string, r session.Record, v uint64) error {
	c.puts++
	return c.Store.Put(ctx, kind, key, r, v)
}

// Reading writes only where the end is near, and a change that changes nothing not at
// all.
func TestUserDataIsWrittenSeldom(t *testing.T) {
	clock := storetest.NewClock()
	below := memstore.New()
	below.Now = clock.Now
	c := &counting{Store: below}
	b := &bench{T: t, clock: clock}
	s := b.open(c, func(c *userdata.Config) { c.Keep = 100 * time.Hour })
	d := userdata.In[prefs](s, "prefs")
	if err := d.Delete(alice()); err != nil || c.puts != 0 {
		t.Errorf("deleting nothing: %v, written %d times", err, c.puts)
	}
	b.want(s, alice(), "")
	b.set(s, alice(), "Bern")
	for range 10 {
		clock.Advance(time.Hour)
		b.want(s, alice(), "Bern")
		b.set(s, alice(), "Bern")
	}
	if c.puts != 1 {
		t.Errorf("written %d times, want once", c.puts)
	}
	clock.Advance(50 * time.Hour)
	b.want(s, alice(), "Bern")
	b.want(s, alice(), "Bern")
	if c.puts != 2 {
		t.Errorf("written %d times after half of the time, want twice", c.puts)
	}
}

// A record that is no object is damage, and neither nothing nor a panic.
func TestUserDataThatIsNoObject(t *testing.T) {
	for _, value := range []string{"null", "[]", "x"} {
		below := memstore.New()
		c := &planted{below, value, ring(t, resource, 1)}
		s, err := userdata.New(userdata.Config{Store: c, Ring: c.ring})
		if err != nil {
			t.Fatal(err)
		}
		(&bench{T: t}).set(s, alice(), "Bern")
		d := userdata.In[prefs](s, "prefs")
		_, err = d.Get(alice())
		if err2 := d.Update(alice(), func(*prefs) error { return nil }); !errors.Is(err, session.ErrCorrupt) || !errors.Is(err2, session.ErrCorrupt) {
			t.Errorf("%s: %v, %v", value, err, err2)
		}
	}
}

// planted is a store that keeps something else than it is given, sealed as well.
type planted struct {
	session.Store
	value string
	ring  *session.Ring
}

func (p *planted) Put(ctx context.Context, kind session.Kind, key string, r session.Record, v uint64) error {
	sum := sha256.Sum256([]byte((&authlib.Principal{Issuer: "https://idp.test", Subject: "alice"}).ID()))
	name := base64.RawURLEncoding.EncodeToString(sum[:])
	old, err := p.ring.Open("userdata", name, r.Value)
	if err != nil {
		return err
	}
	r.Value = p.ring.Seal("userdata", name, append(bytes.Clone(old[:8]), p.value...))
	return p.Store.Put(ctx, kind, key, r, v)
}

// Who can't be asked about after a change was there before it: the change stays.
func TestUserDataWrittenWhileNobodyCanBeAsked(t *testing.T) {
	everywhere(t, func(b *bench) {
		asked := 0
		s := b.open(b.below, func(c *userdata.Config) {
			c.Alive = func(context.Context, *authlib.Principal) error {
				if asked++; asked%2 == 0 {
					return errDown
				}
				return nil
			}
		})
		b.set(s, alice(), "Bern")
		b.want(b.first, alice(), "Bern")
	})
}
