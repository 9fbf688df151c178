package filestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
)

func TestStore(t *testing.T) {
	dirs := map[*testing.T]string{}
	storetest.Run(t, func(t *testing.T, now func() time.Time) session.Store {
		if dirs[t] == "" {
			dirs[t] = filepath.Join(t.TempDir(), "s")
		}
		return open(t, dirs[t], now)
	})
}

func open(t *testing.T, dir string, now func() time.Time) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.Now = now
	return s
}

func inAnHour(v string) session.Record {
	return session.Record{Value: []byte(v), Expires: time.Now().Add(time.Hour)}
}

func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	s := open(t, dir, nil)
	if err := s.Put(context.Background(), "code", "a", inAnHour("1"), 0); err != nil {
		t.Fatal(err)
	}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	shared := filepath.Join(t.TempDir(), "shared")
	if err := os.Mkdir(shared, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shared, 0o770); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{shared: "chmod 700", "": "MCP_SESSION_DIR", file: "not a directory"} {
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%q): %v, want %q", dir, err, want)
		}
	}
}

// A damaged file is an error for readers and writers, until it is deleted.
func TestDamaged(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), nil)
	if err := s.Put(ctx, "code", "a", inAnHour("value"), 0); err != nil {
		t.Fatal(err)
	}
	path := s.path("code", "a")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damage := map[string][]byte{"flipped": append(append([]byte{}, whole[:len(whole)-1]...), whole[len(whole)-1]^1)}
	for n := range len(whole) {
		damage[fmt.Sprintf("cut to %d", n)] = whole[:n]
	}
	for name, data := range damage {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(ctx, "code", "a"); !errors.Is(err, session.ErrCorrupt) {
			t.Fatalf("%s: Get: %v, want ErrCorrupt", name, err)
		}
	}
	if err := s.Put(ctx, "code", "a", inAnHour("x"), 0); !errors.Is(err, session.ErrCorrupt) {
		t.Errorf("Put over a damaged record: %v, want ErrCorrupt", err)
	}
	if _, err := s.Take(ctx, "code", "a"); !errors.Is(err, session.ErrCorrupt) {
		t.Errorf("Take of a damaged record: %v, want ErrCorrupt", err)
	}
	if err := s.Delete(ctx, "code", "a"); err != nil {
		t.Errorf("Delete: %v", err)
	}
}

// A record's file moved to another key's name is not taken for that key's.
func TestSwappedFile(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), nil)
	if err := s.Put(ctx, "code", "a", inAnHour("1"), 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(s.path("code", "a"), s.path("code", "b")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(ctx, "code", "b"); !errors.Is(err, session.ErrCorrupt) {
		t.Errorf("Get: %v, want ErrCorrupt", err)
	}
}

func TestSweep(t *testing.T) {
	ctx := context.Background()
	clock := storetest.NewClock()
	s := open(t, t.TempDir(), clock.Now)
	for i := range 5 {
		r := session.Record{Expires: clock.Now().Add(time.Duration(i+1) * time.Minute)}
		if err := s.Put(ctx, "code", fmt.Sprint(i), r, 0); err != nil {
			t.Fatal(err)
		}
	}
	left := filepath.Join(s.dir, "code", "x"+tmpSuffix)
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(left, old, old); err != nil {
		t.Fatal(err)
	}
	clock.Advance(3 * time.Minute)
	if n, err := s.Sweep(ctx); n != 4 || err != nil {
		t.Errorf("Sweep = %d, %v; want 4", n, err)
	}
	if n, _ := s.Count(ctx, "code"); n != 2 {
		t.Errorf("%d records left, want 2", n)
	}
}

// A process that is killed while it writes leaves every record whole, and no
// lock behind.
func TestKilledWriter(t *testing.T) {
	if dir := os.Getenv("FILESTORE_TEST_DIR"); dir != "" {
		writeForEver(dir)
		return
	}
	dir := t.TempDir()
	for range 5 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWriter$")
		cmd.Env = append(os.Environ(), "FILESTORE_TEST_DIR="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(150 * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		r, err := open(t, dir, nil).Get(context.Background(), "grant", "a")
		if err != nil && !errors.Is(err, session.ErrNotFound) {
			t.Fatalf("after the kill: %v", err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		if err := open(t, dir, nil).Put(ctx, "grant", "a", inAnHour("x"), r.Version); err != nil {
			t.Fatalf("Put after the kill: %v", err)
		}
		cancel()
	}
}

// Who reads while a record is replaced gets the old one or the new one, and never a
// part of either.
func TestReadersSeeWholeRecords(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := open(t, dir, nil)
	value := func(i int) string { return strings.Repeat(fmt.Sprintf("%08d", i), session.MaxValue/8) }
	if err := s.Put(ctx, "grant", "a", inAnHour(value(0)), 0); err != nil {
		t.Fatal(err)
	}
	stop, reads := make(chan struct{}), make(chan int)
	for range 2 {
		go func() {
			reader, n := open(t, dir, nil), 0
			defer func() { reads <- n }()
			for {
				r, err := reader.Get(ctx, "grant", "a")
				if err != nil || len(r.Value) != session.MaxValue || string(r.Value) != strings.Repeat(string(r.Value[:8]), session.MaxValue/8) {
					t.Errorf("read %d bytes, %v", len(r.Value), err)
					return
				}
				n++
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
	}
	for i := range 200 {
		if err := s.Put(ctx, "grant", "a", inAnHour(value(i+1)), uint64(i+1)); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	if n := <-reads + <-reads; n < 2 {
		t.Errorf("%d reads", n)
	}
}

func writeForEver(dir string) {
	s, err := Open(dir)
	if err != nil {
		panic(err)
	}
	for {
		r, _ := s.Get(context.Background(), "grant", "a")
		_ = s.Put(context.Background(), "grant", "a", inAnHour(strings.Repeat("v", 20_000)), r.Version)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode("code", "a", inAnHour("v")))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decode(data, "code", "a")
		if err == nil && string(encode("code", "a", r)) != string(data) {
			t.Errorf("decoded %x, which encodes otherwise", data)
		}
	})
}
