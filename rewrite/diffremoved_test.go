package rewrite

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A patch takes away what the plan removes.
func TestDiffRemovesFiles(t *testing.T) {
	p, dir := testPlan(t)
	p.Files = p.Files[len(p.Files)-1:]
	for _, args := range [][]string{{"init", "--quiet"}, {"apply"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(Diff(context.Background(), p))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "old.go")); !os.IsNotExist(err) {
		t.Errorf("old.go is there after git apply: %v", err)
	}
}

// A file that came back after it was removed belongs to somebody; undo leaves it.
func TestUndoRefusesARemovedFileThatCameBack(t *testing.T) {
	ctx := context.Background()
	p, dir := testPlan(t)
	if err := Write(ctx, p); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "old.go"), []byte("package mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	after := tree(t, dir)
	if _, err := Undo(ctx, dir); err == nil {
		t.Error("undone over a file of somebody else")
	}
	if got := tree(t, dir)["old.go"]; got != after["old.go"] {
		t.Errorf("old.go is %q", got)
	}
}
