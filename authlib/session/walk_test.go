package session_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
)

// selfNamed takes what stands before the colon for the key.
func selfNamed(plain []byte) string {
	name, _, _ := bytes.Cut(plain, []byte(":"))
	return string(name)
}

// look returns what Look finds in dir, by key of the ring and value.
func look(t *testing.T, dir string, ring *session.Ring, keyOf func([]byte) string) (found []session.Found) {
	t.Helper()
	below := files(t, dir)
	err := session.Look(context.Background(), below, ring, "grant", keyOf, func(f session.Found) bool {
		found = append(found, f)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func files(t *testing.T, dir string) *filestore.Store {
	t.Helper()
	s, err := filestore.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const resourceA = "https://a.example/mcp"

func putSealed(t *testing.T, dir string, r *session.Ring, name, value string) {
	t.Helper()
	if err := session.Seal(files(t, dir), r, nil).Put(context.Background(), "grant", name, record(value), 0); err != nil {
		t.Fatal(err)
	}
}

// A record that names its own key is opened without knowing it, and says which key of
// the ring sealed it.
func TestLookOpensWhatNamesItsOwnKey(t *testing.T) {
	dir := t.TempDir()
	putSealed(t, dir, ring(t, resourceA, key(1)), "alice", "alice:secret")
	got := look(t, dir, ring(t, resourceA, key(2), key(1)), selfNamed)
	if len(got) != 1 || string(got[0].Value) != "alice:secret" || got[0].SealedBy != 2 || got[0].Err != nil || time.Until(got[0].Expires) < 59*time.Minute {
		t.Fatalf("found %+v", got)
	}
	if got := look(t, dir, ring(t, "https://b.example/mcp", key(1)), selfNamed); len(got) != 0 {
		t.Errorf("another resource's: %+v", got)
	}
	if got := look(t, dir, ring(t, resourceA, key(1)), nil); len(got) != 1 || got[0].Value != nil || got[0].SealedBy != 1 || got[0].Expires.IsZero() {
		t.Errorf("without keyOf: %+v", got)
	}
}

func TestLookShowsNothingThatDoesNotOpen(t *testing.T) {
	right := ring(t, resourceA, key(1))
	for name, c := range map[string]struct {
		ring  *session.Ring
		keyOf func([]byte) string
		want  error
	}{
		"another key":               {ring(t, resourceA, key(3)), selfNamed, session.ErrUnknownKey},
		"it names another key":      {right, func([]byte) string { return "bob" }, session.ErrCorrupt},
		"it names no key":           {right, func([]byte) string { return "" }, session.ErrCorrupt},
		"it was changed":            {right, selfNamed, session.ErrCorrupt},
		"it is not sealed":          {right, selfNamed, session.ErrCorrupt},
		"its file is cut":           {right, selfNamed, session.ErrCorrupt},
		"it stands in other's file": {right, selfNamed, session.ErrCorrupt},
	} {
		dir := t.TempDir()
		putSealed(t, dir, right, "alice", "alice:secret")
		spoil(t, dir, name)
		got := look(t, dir, c.ring, c.keyOf)
		if len(got) != 1 || !errors.Is(got[0].Err, c.want) || got[0].Value != nil {
			t.Errorf("%s: found %+v", name, got)
		}
	}
}

// spoil changes the one record in dir.
func spoil(t *testing.T, dir, how string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "grant*", "*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v, %v", names, err)
	}
	switch how {
	case "its file is cut":
		err = os.Truncate(names[0], 20)
	case "it stands in other's file":
		err = os.Rename(names[0], filepath.Join(filepath.Dir(names[0]), "other"))
	case "it was changed", "it is not sealed":
		err = rewrite(t, dir, session.Kind(filepath.Base(filepath.Dir(names[0]))), how)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// rewrite writes the record anew, as whoever can write to the store could.
func rewrite(t *testing.T, dir string, kind session.Kind, how string) error {
	s, ctx := files(t, dir), context.Background()
	var name string
	var r session.Record
	err := s.Walk(ctx, kind, func(key string, found session.Record, err error) bool {
		name, r = key, found
		return err == nil
	})
	if err != nil {
		return err
	}
	r.Value[len(r.Value)-1] ^= 1 // of the seal
	if how == "it is not sealed" {
		r.Value = []byte("alice:planted")
	}
	return s.Put(ctx, kind, name, r, r.Version)
}
