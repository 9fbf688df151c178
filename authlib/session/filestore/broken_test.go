package filestore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
)

// inTheWay makes path a file, where there was a directory or nothing.
func inTheWay(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantBroken wants an outage: neither "there is none", nor "somebody else did", nor a
// record.
func wantBroken(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil || errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrConflict) || errors.Is(err, session.ErrCorrupt) {
		t.Errorf("%s: %v, want an outage", what, err)
	}
}

// A directory that cannot be read or written is an outage: nobody is taken for
// signed out because of it, and nothing is taken for stored.
func TestBrokenDirectoryIsAnOutage(t *testing.T) {
	ctx := context.Background()
	for name, damage := range map[string]func(t *testing.T, s *Store){
		"the kind's folder is a file": func(t *testing.T, s *Store) { inTheWay(t, filepath.Join(s.dir, "grant")) },
		"the record is a folder": func(t *testing.T, s *Store) {
			if err := errors.Join(os.Remove(s.path("grant", "a")), os.MkdirAll(filepath.Join(s.path("grant", "a"), "x"), 0o700)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir(), nil)
			if err := s.Put(ctx, "grant", "a", inAnHour("1"), 0); err != nil {
				t.Fatal(err)
			}
			damage(t, s)
			_, err := s.Get(ctx, "grant", "a")
			wantBroken(t, "Get", err)
			_, err = s.Take(ctx, "grant", "a")
			wantBroken(t, "Take", err)
			wantBroken(t, "Put", s.Put(ctx, "grant", "a", inAnHour("2"), 1))
			wantBroken(t, "Delete", s.Delete(ctx, "grant", "a"))
		})
	}
}

// Where locks cannot be taken nothing is written, since two writers could both win.
// Readers go on.
func TestBrokenLocksStopWriters(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), nil)
	if err := s.Put(ctx, "grant", "a", inAnHour("1"), 0); err != nil {
		t.Fatal(err)
	}
	inTheWay(t, filepath.Join(s.dir, lockDir))
	wantBroken(t, "Put", s.Put(ctx, "grant", "a", inAnHour("2"), 1))
	wantBroken(t, "Delete", s.Delete(ctx, "grant", "a"))
	_, err := s.Take(ctx, "grant", "a")
	wantBroken(t, "Take", err)
	if r, err := s.Get(ctx, "grant", "a"); err != nil || string(r.Value) != "1" {
		t.Errorf("Get = %q, %v", r.Value, err)
	}
	if _, err := Open(s.dir); err == nil {
		t.Error("opened without locks")
	}
}

// A directory that went away is an outage for writers; what is not there cannot be
// swept or counted as none.
func TestDirectoryThatWentAway(t *testing.T) {
	ctx := context.Background()
	s := open(t, filepath.Join(t.TempDir(), "s"), nil)
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	wantBroken(t, "Put", s.Put(ctx, "grant", "a", inAnHour("1"), 0))
	_, err := s.Sweep(ctx)
	wantBroken(t, "Sweep", err)
	inTheWay(t, s.dir)
	_, err = s.Count(ctx, "grant")
	wantBroken(t, "Count", err)
	_, err = s.Get(ctx, "grant", "a")
	wantBroken(t, "Get", err)
}

func TestOpenRefusesWhatIsInTheWay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	inTheWay(t, file)
	below := t.TempDir()
	inTheWay(t, filepath.Join(below, lockDir))
	for _, dir := range []string{filepath.Join(file, "s"), below} {
		if _, err := Open(dir); err == nil {
			t.Errorf("opened %s", dir)
		}
	}
}

// A file that is longer than any record is damaged, and is not read whole.
func TestHugeFileIsDamaged(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	if err := s.Put(context.Background(), "grant", "a", inAnHour(strings.Repeat("v", session.MaxValue)), 0); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(s.path("grant", "a"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(64<<20), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(context.Background(), "grant", "a"); !errors.Is(err, session.ErrCorrupt) {
		t.Errorf("Get: %v, want ErrCorrupt", err)
	}
	if data, err := readFile(s.path("grant", "a")); err != nil || len(data) > maxFile+1 {
		t.Errorf("%d bytes were read, %v", len(data), err)
	}
}

// Who waits for a lock gives up with its context, and goes on when the lock is free.
func TestWritersWaitForTheLock(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	unlock, err := acquire(context.Background(), filepath.Join(s.dir, lockDir, filepath.Base(s.path("grant", "a"))[:2]))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if err := s.Put(ctx, "grant", "a", inAnHour("1"), 0); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Put: %v, want DeadlineExceeded", err)
	}
	var wg sync.WaitGroup
	for i := range 10 { // readers and one writer: a read takes no lock
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i == 0 {
				if err := s.Put(context.Background(), "grant", "a", inAnHour("1"), 0); err != nil {
					t.Error(err)
				}
				return
			}
			if _, err := s.Get(context.Background(), "grant", "b"); !errors.Is(err, session.ErrNotFound) {
				t.Errorf("Get: %v", err)
			}
		}()
	}
	time.Sleep(20 * time.Millisecond)
	if _, err := s.Get(context.Background(), "grant", "a"); !errors.Is(err, session.ErrNotFound) {
		t.Error("written without the lock")
	}
	unlock()
	wg.Wait()
	if r, err := s.Get(context.Background(), "grant", "a"); err != nil || r.Version != 1 {
		t.Errorf("after the lock: %v, %v", r, err)
	}
}

// A sweep leaves what is damaged, what is new and what is no record, and stops when it
// is told to.
func TestSweepLeavesWhatItDoesNotKnow(t *testing.T) {
	ctx := context.Background()
	clock := storetest.NewClock()
	s := open(t, t.TempDir(), clock.Now)
	for _, key := range []string{"ends", "damaged"} {
		if err := s.Put(ctx, "grant", key, session.Record{Expires: clock.Now().Add(time.Minute)}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(s.path("grant", "damaged"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.dir, "grant", "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	young := filepath.Join(s.dir, "grant", "y"+tmpSuffix)
	for _, path := range []string{young, filepath.Join(s.dir, "README")} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	clock.Advance(time.Hour)
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if n, err := s.Sweep(stopped); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("a sweep that is told to stop = %d, %v", n, err)
	}
	if n, err := s.Sweep(ctx); n != 1 || err != nil {
		t.Errorf("Sweep = %d, %v; want 1", n, err)
	}
	for _, path := range []string{s.path("grant", "damaged"), young, filepath.Join(s.dir, "grant", "folder"), filepath.Join(s.dir, "README")} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s was swept", path)
		}
	}
}

// A record that is written anew while it is swept stays: whether it has ended is
// asked again with its lock held.
func TestSweepLooksAgainUnderTheLock(t *testing.T) {
	ctx := context.Background()
	clock := storetest.NewClock()
	s := open(t, t.TempDir(), clock.Now)
	if err := s.Put(ctx, "grant", "a", session.Record{Expires: clock.Now().Add(time.Minute)}, 0); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	path := s.path("grant", "a")
	unlock, err := acquire(ctx, filepath.Join(s.dir, lockDir, filepath.Base(path)[:2]))
	if err != nil {
		t.Fatal(err)
	}
	swept := make(chan error)
	go func() { _, err := s.Sweep(ctx); swept <- err }()
	time.Sleep(50 * time.Millisecond) // it saw that the record has ended, and waits
	if err := s.write("grant", "a", session.Record{Version: 1, Value: []byte("new"), Expires: clock.Now().Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	unlock()
	if err := <-swept; err != nil {
		t.Fatal(err)
	}
	if r, err := s.Get(ctx, "grant", "a"); err != nil || string(r.Value) != "new" {
		t.Errorf("after the sweep: %v, %v", r, err)
	}
}
