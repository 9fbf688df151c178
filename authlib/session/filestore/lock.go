package filestore

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// lockDir holds the lock files: 256, each for the keys whose hash begins with
// its byte, so that their number does not grow with the records.
const lockDir = ".lock"

// locked runs f while no other writer of the key, in this process or another,
// runs.
func (s *Store) locked(ctx context.Context, kind session.Kind, key string, f func() error) error {
	return s.lockedStripe(ctx, filepath.Base(s.path(kind, key)), f)
}

func (s *Store) lockedStripe(ctx context.Context, hash string, f func() error) error {
	path := filepath.Join(s.dir, lockDir, hash[:2])
	unlock, err := acquire(ctx, path)
	if err != nil {
		return fmt.Errorf("filestore: lock: %w", err)
	}
	defer unlock()
	return f()
}

// acquire tries until it has the lock or ctx is done. It polls, since a blocking
// lock would hold a thread and could not be given up.
func acquire(ctx context.Context, path string) (unlock func(), err error) {
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		unlock, ok, err := tryLock(path)
		if err != nil || ok {
			return unlock, err
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}
