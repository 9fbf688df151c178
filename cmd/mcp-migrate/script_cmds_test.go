package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/published"
)

// shareCaches gives a script the caches of the machine: it builds against the
// real SDKs. Its home stays its own.
func shareCaches(env *testscript.Env) error {
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			return err
		}
		env.Setenv(name, strings.TrimSpace(string(out)))
	}
	return nil
}

// layServer is "server NAME DIR": a copy of testdata/servers/NAME in DIR.
func layServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: server NAME DIR")
	}
	root, err := filepath.Abs("../../testdata/servers")
	ts.Check(err)
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(filepath.Join(root, args[0]))))
}

// release is the version that mcp-migrate-released says it is.
const release = "v0.9.9"

// publish is "publish": from here on the go command finds this module at release.
func publish(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: publish")
	}
	root, err := filepath.Abs("../..")
	ts.Check(err)
	dir := ts.MkAbs(".published")
	ts.Check(os.MkdirAll(dir, 0o755))
	env, err := published.Lay(context.Background(), root, dir, release)
	ts.Check(err)
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		ts.Setenv(name, value)
	}
}

// sameTree is "tree save DIR" and "tree same DIR": the second fails when a file,
// its bytes or its mode differ from what the first saw; git's own files don't count.
func sameTree(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || args[0] != "save" && args[0] != "same" {
		ts.Fatalf("usage: tree save|same DIR")
	}
	dir := ts.MkAbs(args[1])
	seen, err := digest(dir)
	ts.Check(err)
	note := ts.MkAbs(".tree-" + strings.ReplaceAll(args[1], "/", "-"))
	if args[0] == "save" {
		ts.Check(os.WriteFile(note, seen, 0o600))
		return
	}
	before, err := os.ReadFile(note)
	ts.Check(err)
	if bytes.Equal(before, seen) == neg {
		ts.Fatalf("the tree before:\n%s\nand now:\n%s", before, seen)
	}
}

// digest lists every file below dir with its mode and the hash of its bytes.
func digest(dir string) ([]byte, error) {
	var out bytes.Buffer
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == ".git" {
			if err == nil {
				err = fs.SkipDir
			}
			return err
		}
		info, err := d.Info()
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			b = []byte(err.Error())
		}
		rel, err := filepath.Rel(dir, name)
		fmt.Fprintf(&out, "%v %x %s\n", info.Mode(), sha256.Sum256(b), rel)
		return err
	})
	return out.Bytes(), err
}
