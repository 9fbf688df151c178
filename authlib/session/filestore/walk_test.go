package filestore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// What is no record of its kind is shown as damaged, by its file, and hides no record.
func TestWalkShowsWhatIsDamaged(t *testing.T) {
	ctx, s := context.Background(), open(t, filepath.Join(t.TempDir(), "s"), nil)
	for _, key := range []string{"whole", "cut", "moved"} {
		if err := s.Put(ctx, "grant", key, inAnHour(key), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Put(ctx, "code", "x", inAnHour("x"), 0); err != nil {
		t.Fatal(err)
	}
	grants := filepath.Join(s.dir, "grant")
	err := errors.Join(
		os.Truncate(s.path("grant", "cut"), 50),
		os.Rename(s.path("grant", "moved"), filepath.Join(grants, "elsewhere")),
		os.Rename(s.path("code", "x"), filepath.Join(grants, "of-another-kind")),
		os.WriteFile(filepath.Join(grants, "half"+tmpSuffix), []byte("half"), 0o600),
		os.Mkdir(filepath.Join(grants, "folder"), 0o700),
	)
	if err != nil {
		t.Fatal(err)
	}
	var whole []string
	damaged := 0
	err = s.Walk(ctx, "grant", func(key string, r session.Record, err error) bool {
		switch {
		case err == nil:
			whole = append(whole, key)
		case errors.Is(err, session.ErrCorrupt) && strings.Contains(err.Error(), grants) && key == "" && r.Value == nil:
			damaged++
		default:
			t.Errorf("%q, %v, %v", key, r, err)
		}
		return true
	})
	if err != nil || len(whole) != 1 || whole[0] != "whole" || damaged != 4 {
		t.Errorf("%v: whole %q, damaged %d", err, whole, damaged)
	}
}

func TestWalkStopsWithItsContext(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s"), nil)
	if err := s.Put(context.Background(), "grant", "a", inAnHour("a"), 0); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := s.Walk(ctx, "grant", func(string, session.Record, error) bool { t.Error("shown"); return true })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
