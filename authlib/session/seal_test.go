package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

func key(b byte) []byte { return append(bytes.Repeat([]byte{b}, 31), 7) }

func ring(t *testing.T, resource string, keys ...[]byte) *session.Ring {
	t.Helper()
	r, err := session.NewRing(resource, keys)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// spy remembers what reaches the store below.
type spy struct {
	session.Store
	kinds  []session.Kind
	keys   []string
	values [][]byte
}

func (s *spy) Put(ctx context.Context, kind session.Kind, key string, r session.Record, v uint64) error {
	s.kinds, s.keys, s.values = append(s.kinds, kind), append(s.keys, key), append(s.values, r.Value)
	return s.Store.Put(ctx, kind, key, r, v)
}

func record(v string) session.Record {
	return session.Record{Value: []byte(v), Expires: time.Now().Add(time.Hour)}
}

func TestSealHides(t *testing.T) {
	ctx, below := context.Background(), &spy{Store: memstore.New()}
	s := session.Seal(below, ring(t, "https://a.example", key(1)), nil)
	if err := s.Put(ctx, "grant", "the-key", record("the-value"), 0); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(below.keys[0], "the-key") || bytes.Contains(below.values[0], []byte("the-value")) {
		t.Errorf("the store sees %q %q", below.keys[0], below.values[0])
	}
}

// Moved, foreign, unsealed and changed records are refused, not missed.
func TestSealRefuses(t *testing.T) {
	ctx, below := context.Background(), &spy{Store: memstore.New()}
	s := session.Seal(below, ring(t, "https://a.example", key(1)), nil)
	for _, k := range []string{"a", "b"} {
		if err := s.Put(ctx, "grant", k, record(k), 0); err != nil {
			t.Fatal(err)
		}
	}
	changed := bytes.Clone(below.values[0])
	changed[len(changed)-1] ^= 1
	for name, v := range map[string][]byte{"moved": below.values[1], "unsealed": []byte(`{"subject":"root"}`), "changed": changed, "empty": nil, "without an end": ring(t, "https://a.example", key(1)).Seal("grant", "a", []byte("v"))} {
		r, _ := below.Get(ctx, below.kinds[0], below.keys[0])
		if err := below.Store.Put(ctx, below.kinds[0], below.keys[0], session.Record{Value: v, Expires: r.Expires}, r.Version); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(ctx, "grant", "a"); !errors.Is(err, session.ErrCorrupt) {
			t.Errorf("%s: %v, want ErrCorrupt", name, err)
		}
	}
}

func TestSealBindsResource(t *testing.T) {
	ctx, below := context.Background(), memstore.New()
	a := session.Seal(below, ring(t, "https://a.example", key(1)), nil)
	b := session.Seal(below, ring(t, "https://b.example", key(1)), nil)
	if err := a.Put(ctx, "grant", "k", record("v"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get(ctx, "grant", "k"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("another resource's Get: %v, want ErrNotFound", err)
	}
	sealed := ring(t, "https://a.example", key(1)).Seal("grant", "k", []byte("v"))
	if _, err := ring(t, "https://b.example", key(1)).Open("grant", "k", sealed); !errors.Is(err, session.ErrCorrupt) {
		t.Errorf("another resource's Open: %v, want ErrCorrupt", err)
	}
}

// The end is sealed: a store that puts it off gains nothing.
func TestSealBindsEnd(t *testing.T) {
	ctx, below := context.Background(), &spy{Store: memstore.New()}
	now := time.Now()
	s := session.Seal(below, ring(t, "https://a.example", key(1)), func() time.Time { return now })
	if err := s.Put(ctx, "grant", "k", record("v"), 0); err != nil {
		t.Fatal(err)
	}
	far := session.Record{Value: below.values[0], Expires: now.Add(1000 * time.Hour)}
	if err := below.Store.Put(ctx, below.kinds[0], below.keys[0], far, 1); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Hour)
	if _, err := s.Get(ctx, "grant", "k"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("after the sealed end: %v, want ErrNotFound", err)
	}
}

func TestKeyRing(t *testing.T) {
	ctx, below := context.Background(), memstore.New()
	const res = "https://a.example"
	old := session.Seal(below, ring(t, res, key(1)), nil)
	both := session.Seal(below, ring(t, res, key(2), key(1)), nil)
	fresh := session.Seal(below, ring(t, res, key(2)), nil)
	if err := old.Put(ctx, "grant", "k", record("1"), 0); err != nil {
		t.Fatal(err)
	}
	if r, err := both.Get(ctx, "grant", "k"); err != nil || string(r.Value) != "1" {
		t.Fatalf("with both keys: %q, %v", r.Value, err)
	}
	if err := both.Put(ctx, "grant", "k", record("x"), 0); !errors.Is(err, session.ErrConflict) {
		t.Errorf("Put of what exists under the old key: %v, want ErrConflict", err)
	}
	if err := both.Put(ctx, "grant", "k", record("2"), 1); err != nil {
		t.Fatal(err)
	}
	if err := both.Put(ctx, "grant", "new", record("3"), 0); err != nil {
		t.Fatal(err)
	}
	if r, err := fresh.Get(ctx, "grant", "new"); err != nil || string(r.Value) != "3" {
		t.Errorf("the new key alone: %q, %v", r.Value, err)
	}
	if _, err := both.Take(ctx, "grant", "k"); err != nil {
		t.Errorf("Take of an old record: %v", err)
	}
	mac := ring(t, res, key(1)).MAC("p", []byte("d"))
	if !ring(t, res, key(2), key(1)).CheckMAC("p", []byte("d"), mac) || ring(t, res, key(2)).CheckMAC("p", []byte("d"), mac) {
		t.Error("a MAC must hold as long as its key is in the ring, and no longer")
	}
}

func TestParseKeys(t *testing.T) {
	a, b := session.NewKey(), session.NewKey()
	keys, err := session.ParseKeys(a + ", " + b)
	if err != nil || len(keys) != 2 || len(keys[0]) != 32 {
		t.Fatalf("ParseKeys = %d keys, %v", len(keys), err)
	}
	for _, s := range []string{"", " ", "secretbutshort", a + ",", a + "," + "c2hvcnQ=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "!" + a[1:]} {
		_, err := session.ParseKeys(s)
		if err == nil || !strings.Contains(err.Error(), "MCP_SESSION_KEY") || !strings.Contains(err.Error(), "openssl rand -base64 32") {
			t.Errorf("ParseKeys(%q): %v", s, err)
		} else if len(s) > 3 && strings.Contains(err.Error(), strings.TrimSpace(s)) {
			t.Errorf("the error shows the key: %v", err)
		}
	}
}

func TestRingPrintsNoKey(t *testing.T) {
	r := ring(t, "https://a.example", key(65))
	for _, f := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(f, r); s != "session.Ring" {
			t.Errorf("%s prints %q", f, s)
		}
	}
}

// Two servers that share a store count their own records only, so that a flood of
// one's does not shut out the other's users.
func TestRecordsAreCountedPerResource(t *testing.T) {
	ctx, below := context.Background(), memstore.New()
	a := session.Seal(below, ring(t, "https://a.example", key(1)), nil)
	b := session.Seal(below, ring(t, "https://b.example", key(1)), nil)
	rotated := session.Seal(below, ring(t, "https://a.example", key(2), key(1)), nil)
	for i := range 3 {
		if err := a.Put(ctx, "client", fmt.Sprint(i), record("v"), 0); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		s    session.Store
		want int
	}{"its own": {a, 3}, "another's": {b, 0}, "its own, after a change of keys": {rotated, 3}} {
		if n, err := c.s.Count(ctx, "client"); n != c.want || err != nil {
			t.Errorf("%s: %d, %v; want %d", name, n, err, c.want)
		}
	}
}

// A key that is not there is told from damage: another process may have it.
func TestUnknownKeyIsNoDamage(t *testing.T) {
	const res = "https://a.example"
	sealed := ring(t, res, key(2)).Seal("grant", "k", []byte("v"))
	if _, err := ring(t, res, key(1)).Open("grant", "k", sealed); !errors.Is(err, session.ErrUnknownKey) || !errors.Is(err, session.ErrCorrupt) {
		t.Errorf("Open: %v, want ErrUnknownKey", err)
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := ring(t, res, key(2)).Open("grant", "k", sealed); errors.Is(err, session.ErrUnknownKey) || !errors.Is(err, session.ErrCorrupt) {
		t.Errorf("Open of what was changed: %v, want ErrCorrupt only", err)
	}
}

// A new key is first put at the end everywhere and then in front, so that no
// replica meets a record that it cannot open; with the new key in front at once, it
// does.
func TestKeysAreChangedInTwoSteps(t *testing.T) {
	ctx, below := context.Background(), memstore.New()
	const res = "https://a.example"
	k1, k2 := key(1), key(2)
	steps := [][][]byte{{k1}, {k1, k2}, {k2, k1}}
	for i := range 2 { // two replicas, one of which has not got the next step yet
		old, next := session.Seal(below, ring(t, res, steps[i]...), nil), session.Seal(below, ring(t, res, steps[i+1]...), nil)
		for j, pair := range [][2]session.Store{{old, next}, {next, old}} {
			name := fmt.Sprint(i, j)
			if err := pair[0].Put(ctx, "grant", name, record("v"), 0); err != nil {
				t.Fatal(err)
			}
			if _, err := pair[1].Get(ctx, "grant", name); err != nil {
				t.Errorf("step %d: %v", i+1, err)
			}
		}
	}
	hasty, late := session.Seal(below, ring(t, res, k2, k1), nil), session.Seal(below, ring(t, res, k1), nil)
	if err := hasty.Put(ctx, "grant", "h", record("v"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := late.Get(ctx, "grant", "h"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("the new key in front at once: %v; the documentation speaks of two steps for nothing", err)
	}
}
