package filestore

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// sweepSometimes sweeps once in sweepEvery, on the back of a write or count,
// so that the store needs no goroutine that somebody would have to stop.
func (s *Store) sweepSometimes(ctx context.Context) {
	now, last := s.now().Unix(), s.swept.Load()
	if now-last < int64(sweepEvery/time.Second) || !s.swept.CompareAndSwap(last, now) {
		return
	}
	_, _ = s.Sweep(ctx) // what it could not remove now, it removes later
}

// Sweep removes records that have ended, and what a crash left half written more
// than an hour ago. It returns how many files it removed. A damaged record stays.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	kinds, err := os.ReadDir(s.dir)
	if err != nil {
		return 0, fmt.Errorf("filestore: %w", err)
	}
	n := 0
	for _, k := range kinds {
		if !k.IsDir() || k.Name() == lockDir {
			continue
		}
		m, err := s.sweepKind(ctx, session.Kind(k.Name()))
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (s *Store) sweepKind(ctx context.Context, kind session.Kind) (int, error) {
	dir := filepath.Join(s.dir, string(kind))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, fmt.Errorf("filestore: %w", err)
	}
	n := 0
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		removed, err := s.sweepFile(ctx, filepath.Join(dir, e.Name()))
		if err != nil {
			return n, err
		}
		if removed {
			n++
		}
	}
	return n, nil
}

func (s *Store) sweepFile(ctx context.Context, path string) (removed bool, err error) {
	if strings.HasSuffix(path, tmpSuffix) {
		info, err := os.Stat(path)
		// The file system's clock, not ours: compare with the real time.
		if err != nil || time.Since(info.ModTime()) < time.Hour {
			return false, nil
		}
		return os.Remove(path) == nil, nil
	}
	if !s.ended(path) {
		return false, nil
	}
	err = s.lockedStripe(ctx, filepath.Base(path), func() error {
		if !s.ended(path) { // written anew in between
			return nil
		}
		removed = os.Remove(path) == nil
		return nil
	})
	return removed, err
}

// ended reports whether the file is whole and its record has ended.
func (s *Store) ended(path string) bool {
	data, err := readFile(path)
	if err != nil {
		return false
	}
	end, err := endOf(data)
	return err == nil && !s.now().Before(end)
}
