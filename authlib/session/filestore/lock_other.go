//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package filestore

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// staleLock is after how long a lock file counts as left behind by a crash. No
// holder keeps one for longer than a few file operations.
const staleLock = 30 * time.Second

// tryLock creates a file that must not exist, where there is no flock.
func tryLock(path string) (unlock func(), ok bool, err error) {
	path += ".held"
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		f.Close()
		return func() { _ = retrySharing(func() error { return os.Remove(path) }) }, true, nil
	}
	// A file that is just being removed is refused with a permission error.
	if !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrPermission) {
		return nil, false, err
	}
	if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > staleLock {
		breakStale(path)
	}
	return nil, false, nil
}

// breakStale renames the file away first, so that of several processes that
// find it stale only one removes it, and none removes a fresh one.
func breakStale(path string) {
	aside := path + ".stale"
	if os.Rename(path, aside) == nil {
		os.Remove(aside)
	}
}

func checkOwner(string, fs.FileInfo) error { return nil }
