package filestore

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// A directory that is gone, or that others may write to by now, is no store.
func TestPingLooksAtTheDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sessions")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(context.Background()); err != nil {
		t.Error(err)
	}
	if runtime.GOOS != "windows" { // where modes say nothing
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if s.Ping(context.Background()) == nil {
			t.Error("fine although anybody may write there")
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if s.Ping(context.Background()) == nil {
		t.Error("fine without its directory")
	}
}
