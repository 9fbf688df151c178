package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
)

// migrateFlags are what migrate is told when the command line says nothing else.
var migrateFlags = []string{"--provider", "github", "--allow", "org:acme", "--store", "redis"}

// A migration is what became of one module that was migrated in a scratch copy.
// Builds and tests are those of the whole module, before and after.
type migration struct {
	Dir     string         `json:"dir"` // relative to the repository
	Exit    int            `json:"exit"`
	Said    string         `json:"said,omitempty"` // the last lines of stderr where it did not end with 0
	Written bool           `json:"written"`
	Manual  []rewrite.Step `json:"manual,omitempty"`
	Servers int            `json:"servers"` // whose network transports were not protected before
	Kinds   int            `json:"kinds"`   // of those transports, over all servers: streamable HTTP and SSE of one are two
	Foreign bool           `json:"foreign"` // no server of an SDK that can be guarded is among them

	Files   int `json:"files"`   // existing source files that changed
	Added   int `json:"added"`   // lines, in those
	Removed int `json:"removed"` // lines, in those

	Built      string   `json:"built"`                  // "" when the module built before, else why not
	BuiltAfter string   `json:"built_after"`            // the same of the migrated one
	Passed     int      `json:"passed"`                 // tests before; -1 when none were run
	Broken     []string `json:"broken_tests,omitempty"` // passed before, but not after
	Again      string   `json:"again,omitempty"`        // what a second run would change
	Undone     string   `json:"undone,omitempty"`       // what undo left
	Wall       float64  `json:"wall_seconds"`           // of the migrate itself

	diff string // of the files that were there, for -diffs
}

// complete reports whether one command did it all, and left everything as it has to be.
func (m *migration) complete() bool { return m.Exit == 0 && len(m.Manual) == 0 && m.wrong() == "" }

// wrong says what is worse than a manual step: an edit that broke something.
func (m *migration) wrong() string {
	switch {
	case m.Built == "" && m.BuiltAfter != "":
		return "no longer builds: " + m.BuiltAfter
	case len(m.Broken) > 0:
		return "tests broken: " + strings.Join(m.Broken, ", ")
	case m.Again != "":
		return "a second run is not empty: " + m.Again
	case m.Undone != "":
		return "undo left: " + m.Undone
	}
	return ""
}

// migrateAll migrates every module that serves something open over the network, each
// in a scratch copy of its repository.
func migrateAll(ctx context.Context, o options, stderr io.Writer) (*migrations, error) {
	repos, err := repositories(o.dir, o.only)
	if err != nil {
		return nil, err
	}
	board := &migrations{}
	for i, r := range repos {
		fmt.Fprintf(stderr, "%d/%d %s\n", i+1, len(repos), r.Name)
		for _, dir := range r.modules {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			seen := inspect(ctx, options{bin: o.bin, timeout: o.timeout, flags: []string{"--typed=false"}}, r.dir, dir)
			if open := openServers(seen); open.servers > 0 {
				m := migrateOne(ctx, o, r.dir, dir)
				m.Servers, m.Kinds, m.Foreign = open.servers, open.kinds, open.foreign
				if err := m.keep(o.diffs, r.Name); err != nil {
					return nil, err
				}
				board.Repositories = append(board.Repositories, migratedRepository{r.Name, *m})
				fmt.Fprintf(stderr, "    %s: %s\n", dir, m.line())
			}
		}
	}
	return board, nil
}

// An opening is what strangers may reach of a module.
type opening struct {
	servers, kinds int
	foreign        bool
}

// openServers counts the servers of a module that strangers may reach over the network.
func openServers(m *module) opening {
	open := opening{foreign: true}
	if m.Report == nil {
		return open
	}
	for _, s := range m.Report.Servers {
		kinds := map[string]bool{}
		for _, t := range s.Transports {
			if t.Kind != "stdio" && t.Kind != "in-process" && t.Verdict != "protected" {
				kinds[t.Kind] = true
			}
		}
		if len(kinds) > 0 {
			open.servers, open.kinds = open.servers+1, open.kinds+len(kinds)
			open.foreign = open.foreign && all.Wirers()[s.SDK] == nil
		}
	}
	return open
}

// migrateOne migrates one module in a copy and says what became of it.
func migrateOne(ctx context.Context, o options, repo, dir string) *migration {
	m := &migration{Dir: dir, Passed: -1, Exit: -1}
	root, err := os.MkdirTemp("", "corpus-")
	if err != nil {
		m.Said = err.Error()
		return m
	}
	defer os.RemoveAll(root)
	c := &copied{root: root, module: filepath.Join(root, filepath.FromSlash(dir)), timeout: o.timeout}
	if err := c.make(ctx, repo); err != nil {
		m.Said = err.Error()
		return m
	}
	m.Built = c.build(ctx)
	var passed []string
	if o.tests && m.Built == "" {
		passed = c.passing(ctx)
		m.Passed = len(passed)
	}
	m.migrate(ctx, o, c)
	if m.Written {
		m.after(ctx, o, c, passed)
	}
	return m
}

// migrate runs the tool.
func (m *migration) migrate(ctx context.Context, o options, c *copied) {
	flags := o.flags
	if len(flags) == 0 {
		flags = migrateFlags
	}
	start := time.Now()
	stdout, stderr, code := c.run(ctx, c.module, o.bin, append([]string{"migrate", "-q", "--yes", "--format", "json", "."}, flags...)...)
	m.Wall, m.Exit = time.Since(start).Seconds(), code
	if code != 0 {
		m.Said = tail(stderr, 6)
	}
	var result struct {
		Written bool           `json:"written"`
		Manual  []rewrite.Step `json:"manual"`
	}
	if json.Unmarshal([]byte(stdout), &result) == nil {
		m.Written, m.Manual = result.Written, result.Manual
	}
}

// after holds the migrated copy against the copy as it was.
func (m *migration) after(ctx context.Context, o options, c *copied, passed []string) {
	m.Files, m.Added, m.Removed = c.changed(ctx)
	m.diff = c.diff(ctx)
	m.BuiltAfter = c.build(ctx)
	if len(passed) > 0 && m.BuiltAfter == "" {
		still := c.passing(ctx)
		m.Broken = slices.DeleteFunc(passed, func(test string) bool { return slices.Contains(still, test) })
	}
	out, _, code := c.run(ctx, c.module, o.bin, "migrate", "-q", "--yes", "--allow-dirty", "--dry-run", "--exit-code", ".")
	if code == 1 && len(m.Manual) == 0 || out != "" {
		m.Again = fmt.Sprintf("exit %d, %d lines of diff", code, strings.Count(out, "\n"))
	}
	if _, stderr, code := c.run(ctx, c.module, o.bin, "undo", "-q", "."); code != 0 {
		m.Undone = tail(stderr, 2)
		return
	}
	left, _, _ := c.run(ctx, c.root, "git", "status", "--porcelain", "--ignored")
	m.Undone = tail(left, 3)
}

// A copied is a scratch copy of a repository, as a git repository of its own.
type copied struct {
	root, module string
	timeout      time.Duration
}

// make copies the files, without their history.
func (c *copied) make(ctx context.Context, repo string) error {
	err := filepath.WalkDir(repo, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(repo, path)
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		return copyOne(path, filepath.Join(c.root, rel), d)
	})
	if err != nil {
		return err
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A", "-f"},
		{"-c", "user.name=corpus", "-c", "user.email=corpus@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "as it was"}} {
		if _, stderr, code := c.run(ctx, c.root, "git", args...); code != 0 {
			return fmt.Errorf("git %s: %s", args[0], stderr)
		}
	}
	return nil
}

func copyOne(from, to string, d os.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	switch {
	case d.IsDir():
		return os.MkdirAll(to, 0o755)
	case d.Type()&os.ModeSymlink != 0:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case !d.Type().IsRegular():
		return nil
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm()|0o200)
}

// build builds the module and returns the first lines of why it can't be.
func (c *copied) build(ctx context.Context) string {
	_, stderr, code := c.run(ctx, c.module, "go", "build", "-o", os.DevNull, "./...")
	if code == 0 {
		return ""
	}
	return strings.Join(slices.Collect(strings.Lines(stderr))[:min(3, strings.Count(stderr, "\n"))], "")
}

// passing runs the module's tests and names those that pass, as PACKAGE.TEST.
func (c *copied) passing(ctx context.Context) []string {
	stdout, _, _ := c.run(ctx, c.module, "go", "test", "-json", "-vet=off", "-timeout", "5m", "./...")
	var passed []string
	for line := range strings.Lines(stdout) {
		var e struct{ Action, Package, Test string }
		if json.Unmarshal([]byte(line), &e) == nil && e.Action == "pass" && e.Test != "" {
			passed = append(passed, e.Package+"."+e.Test)
		}
	}
	slices.Sort(passed)
	return passed
}

// changed counts what changed in existing Go files, those of go mod vendor left out.
func (c *copied) changed(ctx context.Context) (files, added, removed int) {
	out, _, _ := c.run(ctx, c.root, "git", "diff", "--numstat", "--", "*.go", ":!vendor", ":!*/vendor/*")
	for line := range strings.Lines(out) {
		var a, r int
		if n, _ := fmt.Sscanf(line, "%d %d", &a, &r); n == 2 {
			files, added, removed = files+1, added+a, removed+r
		}
	}
	return files, added, removed
}

// diff is what changed in files that were there, and what is new beside the library's copy.
func (c *copied) diff(ctx context.Context) string {
	if _, stderr, code := c.run(ctx, c.root, "git", "add", "-N", "."); code != 0 {
		return stderr
	}
	out, _, _ := c.run(ctx, c.root, "git", "diff", "--", ".", ":!vendor", ":!*/vendor/*", ":!*authlib/*", ":!*go.sum")
	_, _, _ = c.run(ctx, c.root, "git", "reset", "-q")
	return out
}

// keep writes the diff and the texts to paste into a folder; "" is nowhere.
func (m *migration) keep(folder, name string) error {
	if folder == "" || m.diff == "" && len(m.Manual) == 0 {
		return nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	text := m.diff
	for _, s := range m.Manual {
		text += fmt.Sprintf("\n=== manual: %s\n%s\n%s\n", s.Site, s.Reason, s.Text)
	}
	file := strings.NewReplacer("/", "+").Replace(path.Join(name, m.Dir)) + ".diff"
	return os.WriteFile(filepath.Join(folder, file), []byte(text), 0o644)
}

// run runs a command with a bounded time. The code is -1 when it was killed.
func (c *copied) run(ctx context.Context, dir, name string, args ...string) (stdout, stderr string, code int) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.WaitDelay = dir, 5*time.Second
	cmd.Env = append(os.Environ(), "PWD="+dir)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		return "", err.Error(), -1
	}
	if ctx.Err() != nil {
		fmt.Fprintf(&errs, "\nstopped after %s\n", c.timeout)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
