package main

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

//go:embed running.json
var bundledTable []byte

// A program is one line of the table: how it is built, and what it needs to answer.
type program struct {
	Repo    string            `json:"repo"`              // OWNER/NAME
	Module  string            `json:"module,omitempty"`  // folder of its module; "" is the repository
	Package string            `json:"package,omitempty"` // main package in the module; "" is the module's folder
	Args    []string          `json:"args,omitempty"`    // {addr} and {port} stand for where it shall listen
	Env     map[string]string `json:"env,omitempty"`     // all that it gets: dummy values, never a real credential
	Path    string            `json:"path,omitempty"`    // of the MCP endpoint over HTTP; "" is stdio
	Build   []string          `json:"build,omitempty"`   // further arguments of go build
	Servers []string          `json:"servers,omitempty"` // IDs of the program's servers, where its folder does not tell

	Files    map[string]string `json:"files,omitempty"`    // by name: what it finds in its working folder; all may be executed
	Missed   map[string]string `json:"missed,omitempty"`   // by name: why it is listed and not read
	Unlisted map[string]string `json:"unlisted,omitempty"` // by name: why it is read and this run does not list it
}

func (p program) name() string { return cmp.Or(p.Package, ".") }

// folder is where a repository is: OWNER+NAME, or NAME.
func (p program) folder(dir string) string {
	full := filepath.Join(dir, strings.Replace(p.Repo, "/", "+", 1))
	if _, err := os.Stat(full); err == nil {
		return full
	}
	_, name, _ := strings.Cut(p.Repo, "/")
	return filepath.Join(dir, name)
}

// furnish writes the files that the program needs into its working folder.
func (p program) furnish(work string) error {
	for name, text := range p.Files {
		if !filepath.IsLocal(name) {
			return fmt.Errorf("%s: the file %q is not in the working folder", p.Repo, name)
		}
		if err := os.WriteFile(filepath.Join(work, name), []byte(text), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// environment is the whole environment of the program.
func (p program) environment() []string {
	var env []string
	for name, value := range p.Env {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return env
}

// readTable reads the table; "" is the one of this tree.
func readTable(file string) ([]program, error) {
	text := bundledTable
	if file != "" {
		var err error
		if text, err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var table []program
	if err := d.Decode(&table); err != nil {
		return nil, fmt.Errorf("the table of programs %s: %w", file, err)
	}
	for _, p := range table {
		if owner, name, ok := strings.Cut(p.Repo, "/"); !ok || owner == "" || name == "" {
			return nil, fmt.Errorf("the table of programs %s: repo %q is not OWNER/NAME", file, p.Repo)
		}
	}
	return table, nil
}

// buildProgram builds in a copy of the repository, which the go command may change:
// a go.mod need not be tidy. Nothing of the repository runs meanwhile.
func buildProgram(ctx context.Context, limit time.Duration, p program, dir, scratch string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	src := filepath.Join(scratch, "src")
	if err := os.CopyFS(src, os.DirFS(dir)); err != nil {
		return "", fmt.Errorf("copy %s aside: %w", p.Repo, err)
	}
	bin := filepath.Join(scratch, "program")
	args := slices.Concat([]string{"build", "-buildvcs=false", "-o", bin}, p.Build, []string{"./" + filepath.ToSlash(filepath.Clean(p.Package))})
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = filepath.Join(src, p.Module), goEnvironment(), 5*time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", p.name(), err, tail(string(out), 10))
	}
	return bin, nil
}

// goEnvironment is what the go command and a C compiler need of ours.
func goEnvironment() []string {
	env := []string{}
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "GO") || strings.HasPrefix(name, "CGO_") || strings.HasPrefix(name, "SSL_CERT_") || slices.Contains(goNeeds, name) {
			env = append(env, kv)
		}
	}
	return append(env, "GOFLAGS=", "GOWORK=off")
}

var goNeeds = []string{"PATH", "HOME", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "CC", "CXX", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
	"http_proxy", "https_proxy", "no_proxy", "SYSTEMROOT", "LOCALAPPDATA", "USERPROFILE"}
