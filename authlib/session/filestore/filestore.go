// Package filestore keeps records in files, one each, so that they outlive the process.
// Several processes on one machine may share a directory. It checks who owns the
// directory and who else may write to it, and each record's checksum, name, version and
// end. It does not encrypt, and is not for network file systems.
//
// # What it does not do
//
// It does not encrypt: session.Seal does, and the broker seals whatever store it is given.
// It is not for network file systems, nor for several machines. A directory that is
// restored from a backup is an older state: who signed out since is signed in again.
package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// A Store is a [session.Store] in a directory. Reads take no lock and write
// nothing. Each write goes to a temporary file that is flushed and renamed, so
// that a crash leaves the old record or the new one. The directory must be on a
// local file system: locks and renames of network file systems are not relied on.
type Store struct {
	// Now is the clock; nil is time.Now. Set it before first use.
	Now func() time.Time

	dir   string
	swept atomic.Int64 // unix seconds
}

var _ session.Store = (*Store)(nil)

// sweepEvery is how often a writer looks for records that have ended.
const sweepEvery = 10 * time.Minute

// Open uses dir, and creates it with mode 0700. A directory that others may
// write to, or that belongs to somebody else, is refused. An empty dir is an
// error that names MCP_SESSION_DIR, which the program takes it from.
func Open(dir string) (*Store, error) {
	if dir == "" {
		return nil, errors.New("filestore: no directory; set MCP_SESSION_DIR to a folder that only this program may write to")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	if err := checkDir(abs); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(abs, lockDir), 0o700); err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	unlock, err := acquire(context.Background(), filepath.Join(abs, lockDir, "00"))
	if err != nil {
		return nil, fmt.Errorf("filestore: lock: %w", err)
	}
	unlock()
	return &Store{dir: abs}, nil
}

func checkDir(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("filestore: %s is not a directory", dir)
	}
	if runtime.GOOS == "windows" {
		return nil // modes say nothing there; the parent's access list holds
	}
	if perm := info.Mode().Perm(); perm&0o022 != 0 {
		return fmt.Errorf("filestore: %s may be written to by others (mode %04o); run: chmod 700 %s", dir, perm, dir)
	}
	return checkOwner(dir, info)
}

func (s *Store) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// Get is [session.Store].Get.
func (s *Store) Get(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	if err := errors.Join(ctx.Err(), session.CheckArgs(kind, key)); err != nil {
		return session.Record{}, err
	}
	return s.read(kind, key)
}

// read returns the live record of a key.
func (s *Store) read(kind session.Kind, key string) (session.Record, error) {
	path := s.path(kind, key)
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return session.Record{}, session.ErrNotFound
	}
	if err != nil {
		return session.Record{}, fmt.Errorf("filestore: %w", err)
	}
	r, err := decode(data, kind, key)
	if err != nil {
		return session.Record{}, fmt.Errorf("filestore: %s: %w", path, err)
	}
	if !s.now().Before(r.Expires) {
		return session.Record{}, session.ErrNotFound
	}
	return r, nil
}

// Put is [session.Store].Put.
func (s *Store) Put(ctx context.Context, kind session.Kind, key string, r session.Record, ifVersion uint64) error {
	if err := errors.Join(session.CheckArgs(kind, key), session.CheckRecord(r)); err != nil {
		return err
	}
	s.sweepSometimes(ctx)
	return s.locked(ctx, kind, key, func() error {
		old, err := s.read(kind, key)
		if err != nil && !errors.Is(err, session.ErrNotFound) {
			return err
		}
		if old.Version != ifVersion {
			return session.ErrConflict
		}
		r.Version = ifVersion + 1
		return s.write(kind, key, r)
	})
}

// Delete is [session.Store].Delete. It removes a damaged record too.
func (s *Store) Delete(ctx context.Context, kind session.Kind, key string) error {
	if err := session.CheckArgs(kind, key); err != nil {
		return err
	}
	return s.locked(ctx, kind, key, func() error { return s.remove(kind, key) })
}

func (s *Store) remove(kind session.Kind, key string) error {
	path := s.path(kind, key)
	err := retrySharing(func() error { return os.Remove(path) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// Take is [session.Store].Take.
func (s *Store) Take(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	if err := session.CheckArgs(kind, key); err != nil {
		return session.Record{}, err
	}
	var r session.Record
	err := s.locked(ctx, kind, key, func() (err error) {
		if r, err = s.read(kind, key); err != nil {
			return err
		}
		return s.remove(kind, key)
	})
	if err != nil {
		return session.Record{}, err
	}
	return r, nil
}

// Count is [session.Store].Count. It counts files, so also records that ended in
// the last minutes.
func (s *Store) Count(ctx context.Context, kind session.Kind) (int, error) {
	if err := errors.Join(ctx.Err(), session.CheckArgs(kind, "x")); err != nil {
		return 0, err
	}
	// Callers refuse when the count is high, and then nothing else would sweep.
	s.sweepSometimes(ctx)
	names, err := s.list(kind)
	return len(names), err
}
