package session_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// FuzzOpen checks that a ring opens what it sealed, under the kind and key that it
// was sealed for, and nothing else: no bytes from elsewhere, none that were
// changed, moved or cut, and none of another resource or key.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("plain"), "grant", "key", "grant", "other", uint(3), byte(1))
	f.Add([]byte{}, "", "", "g", "", uint(0), byte(0x80))
	f.Add(bytes.Repeat([]byte{1}, 64), "a", "bc", "ab", "c", uint(40), byte(0xff))
	ours, err := session.NewRing("https://a.example", [][]byte{key(1), key(2)})
	if err != nil {
		f.Fatal(err)
	}
	older := mustRing(f, "https://a.example", key(2))
	foreign := []*session.Ring{mustRing(f, "https://b.example", key(1)), mustRing(f, "https://a.example", key(3))}
	f.Fuzz(func(t *testing.T, plain []byte, kind, name, otherKind, otherName string, at uint, flip byte) {
		k := session.Kind(kind)
		if got, err := ours.Open(k, name, plain); err == nil || got != nil {
			t.Fatalf("opened %q, which nobody sealed: %q", plain, got)
		}
		sealed := ours.Seal(k, name, plain)
		if got, err := ours.Open(k, name, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q became %q: %v", plain, got, err)
		}
		if got, err := ours.Open(k, name, older.Seal(k, name, plain)); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("the older key's %q became %q: %v", plain, got, err)
		}
		if otherKind != kind || otherName != name {
			refusedBy(t, ours, session.Kind(otherKind), otherName, sealed)
		}
		for _, r := range foreign {
			refusedBy(t, r, k, name, sealed)
		}
		i := int(at % uint(len(sealed)))
		refusedBy(t, ours, k, name, sealed[:i])
		if flip != 0 {
			changed := bytes.Clone(sealed)
			changed[i] ^= flip
			refusedBy(t, ours, k, name, changed)
		}
	})
}

func mustRing(tb testing.TB, resource string, keys ...[]byte) *session.Ring {
	tb.Helper()
	r, err := session.NewRing(resource, keys)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func refusedBy(t *testing.T, r *session.Ring, kind session.Kind, name string, sealed []byte) {
	t.Helper()
	got, err := r.Open(kind, name, sealed)
	if got != nil || !errors.Is(err, session.ErrCorrupt) && !errors.Is(err, session.ErrUnknownKey) {
		t.Fatalf("opened %q and got %q: %v", sealed, got, err)
	}
}
