package e2e

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
)

// kills is how often a run is killed; at another instant each time.
const kills = 8

// TestKilledAtAnyInstant kills the command while it writes. Whatever was written
// by then, the next command gives back the tree as it was, with nothing left over.
func TestKilledAtAnyInstant(t *testing.T) {
	b := layOne(t, "mcpgo-start")
	before := read(t, b.dir)
	partly := 0
	for i := range kills {
		b.kill(t, time.Duration(rand.IntN(1+i*4))*time.Millisecond)
		if left := read(t, b.dir); len(left) > len(before) {
			partly++
		}
		// Each kind of command takes the run back: one that asks for it, one that
		// only looks, and one that would write again.
		switch i % 3 {
		case 0:
			b.next(t, "undo", b.dir)
		case 1:
			b.next(t, "inspect", b.dir)
		case 2:
			b.next(t, "migrate", b.dir, "--provider", "dev", "--store", "memory", "--yes", "--allow-dirty", "--dry-run")
		}
		if b.finished(t) { // it was quicker than the kill
			b.next(t, "undo", b.dir)
		}
		same(t, "after a kill", read(t, b.dir), before)
	}
	if partly == 0 {
		t.Errorf("none of %d kills came while files were being written", kills)
	}
}

// TestKilledUndo kills undo, and lets the next command go on with it.
func TestKilledUndo(t *testing.T) {
	b := layOne(t, "mcpgo-start")
	before := read(t, b.dir)
	for range kills / 2 {
		b.migrate(t, 0, "--no-verify")
		manifest := filepath.Join(b.dir, "internal", "authlib", "manifest.json")
		b.killWhen(t, func() bool { _, err := os.Lstat(manifest); return err != nil }, 0, "undo", b.dir)
		b.next(t, "undo", b.dir)
		same(t, "after a killed undo", read(t, b.dir), before)
	}
}

func layOne(t *testing.T, name string) *bed {
	t.Helper()
	s, err := servers.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return lay(t, s)
}

// kill starts a migrate and kills it some time after it began to write.
func (b *bed) kill(t *testing.T, after time.Duration) {
	t.Helper()
	copied := filepath.Join(b.dir, "internal")
	b.killWhen(t, func() bool { _, err := os.Lstat(copied); return err == nil }, after,
		"migrate", b.dir, "--provider", "dev", "--store", "memory", "--yes", "--allow-dirty", "--no-verify")
}

// killWhen runs the command and kills it, as nothing can be caught, some time
// after the condition holds.
func (b *bed) killWhen(t *testing.T, condition func() bool, after time.Duration, args ...string) {
	t.Helper()
	bin, err := command()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Dir, cmd.Env = b.dir, append(os.Environ(), b.env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for !condition() {
		select {
		case <-done:
			return
		case <-time.After(100 * time.Microsecond):
		}
	}
	select {
	case <-done:
		return
	case <-time.After(after):
	}
	if err := cmd.Process.Kill(); err != nil && !strings.Contains(err.Error(), "finished") {
		t.Fatal(err)
	}
	<-done
}

// next runs a command that may find nothing to do.
func (b *bed) next(t *testing.T, args ...string) {
	t.Helper()
	bin, err := command()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), bin, args...)
	cmd.Dir, cmd.Env = b.dir, append(os.Environ(), b.env...)
	if out, err := cmd.CombinedOutput(); err != nil && !strings.Contains(string(out), "no migrate to undo") {
		t.Fatalf("%s after a kill: %v\n%s", args[0], err, out)
	}
}

// finished reports whether a whole migration stands in the tree.
func (b *bed) finished(t *testing.T) bool {
	t.Helper()
	_, err := os.Lstat(filepath.Join(b.dir, "mcp_auth.go"))
	return err == nil
}
