//go:build darwin || linux

package filestore

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Whatever the umask, nobody else can read what is written.
func TestModesWithoutAUmask(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "new", "s")
	s := open(t, dir, nil)
	if err := s.Put(context.Background(), "code", "a", inAnHour("1"), 0); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err := filepath.WalkDir(filepath.Dir(dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if seen++; err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil || seen < 6 {
		t.Fatalf("%d files: %v", seen, err)
	}
}

// Somebody else's directory is refused, whoever runs the test.
func TestForeignDirectoryIsRefused(t *testing.T) {
	dir := "/" // root's
	if os.Geteuid() == 0 {
		dir = filepath.Join(t.TempDir(), "s")
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, 12345, 12345)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "belongs to user") {
		t.Errorf("Open: %v, want a refusal that names its owner", err)
	}
}

// A disk that is full leaves the record that was there and no half of the new one.
func TestFullDisk(t *testing.T) {
	const inside = "FILESTORE_TEST_FULL_DISK"
	if os.Getenv(inside) == "" {
		// In a process of its own: the limit is for every file of a process, and the go
		// command has its test write down which files it opens.
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"=yes")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestFullDisk") {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	ctx := context.Background()
	s := open(t, t.TempDir(), nil)
	if err := s.Put(ctx, "grant", "a", inAnHour("old"), 0); err != nil {
		t.Fatal(err)
	}
	full := limitFiles(t, 4096)
	err := s.Put(ctx, "grant", "a", inAnHour(strings.Repeat("v", 20_000)), 1)
	full()
	wantBroken(t, "Put", err)
	if r, err := s.Get(ctx, "grant", "a"); err != nil || string(r.Value) != "old" || r.Version != 1 {
		t.Errorf("Get = %v, %v; want the old record", r, err)
	}
	left, err := os.ReadDir(filepath.Join(s.dir, "grant"))
	if err != nil || len(left) != 1 {
		t.Errorf("%d files are left, %v; want one", len(left), err)
	}
	if err := s.Put(ctx, "grant", "a", inAnHour(strings.Repeat("v", 20_000)), 1); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// limitFiles makes writes past size bytes of a file fail, as on a full disk, until it
// is taken back.
func limitFiles(t *testing.T, size uint64) (back func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	less := old
	less.Cur = size
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &less); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
			t.Fatal(err)
		}
	}
}

// A lock is not inherited by programs that the server starts, which would hold it for
// as long as they run.
func TestLocksAreNotInherited(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lock")
	unlock, err := acquire(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command("sleep", "30")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
	unlock()
	if _, ok, err := tryLock(path); !ok || err != nil {
		t.Errorf("the lock is held by a child: %v, %v", ok, err)
	}
}
