package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// policyYAML says what the answers of this test say, but for a tool of the server that
// it leaves out.
const policyYAML = `base: {all_scopes: ["notes:read"]}
tools:
  list_notes: {public: true}
  delete_note: {all_scopes: ["notes:write"]}
prompts:
  summarize_notes: {}
resources:
  notes://count: {}
  notes://by-id/{id}: {}
`

// policyGo reads it in place of the wiring's literal.
const policyGo = `package main

import (
	"embed"
	"log"

	"MODULE/internal/authlib"
	"MODULE/internal/authlib/policyfile"
)

//go:embed policy.yaml
var policyFiles embed.FS

func mcpPolicy() authlib.Policy {
	p, err := policyfile.LoadFS(policyFiles, "policy.yaml")
	if err != nil {
		log.Fatal(err)
	}
	return p
}
`

// A migrated server whose policy was moved into a file: what the file opens is open
// to strangers, its scopes hold, and what it does not name is refused. The tool reads
// the file as well, and a server whose file has a fault does not start.
func TestPolicyFile(t *testing.T) {
	for _, name := range []string{"mcpgo-full", "gosdk-full"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			h := newHouse(t, name, "--requirement", "optional", "--public", "list_notes",
				"--scopes", "notes:read", "--tool-scopes", "delete_note=notes:write")
			h.policyFromFile(t)
			h.inspected(t)
			h.gh.SetUser(ada)
			p := h.startWith(t, h.vars...)
			h.strangers(t)
			h.stepUp(t)
			h.unnamed(t)
			p.Stop()
			h.refusesBadFile(t)
		})
	}
}

// policyFromFile moves the policy into a file and builds the server again.
func (h *house) policyFromFile(t *testing.T) {
	t.Helper()
	gone := regexp.MustCompile(`(?s)\n(// mcpPolicy [^\n]*\n)?func mcpPolicy\(\) authlib\.Policy \{.*?\n\}\n`)
	h.edit(t, "mcp_auth.go", func(src []byte) []byte {
		if !gone.Match(src) {
			t.Fatalf("no policy in\n%s", src)
		}
		return gone.ReplaceAll(src, nil)
	})
	module := regexp.MustCompile(`(?m)^module (\S+)`).FindSubmatch(h.file(t, "go.mod"))
	h.write(t, "policy.yaml", policyYAML)
	h.write(t, "policy.go", strings.ReplaceAll(policyGo, "MODULE", string(module[1])))
	h.copyPackage(t, string(module[1])+"/internal/authlib", "policyfile")
	for _, args := range [][]string{{"get", "go.yaml.in/yaml/v3@v3.0.4"}, {"mod", "tidy"}} {
		if _, err := gocmd.Run(t.Context(), h.dir, []string{"GOWORK=off"}, args...); err != nil {
			t.Fatal(err)
		}
	}
	h.build(t)
}

func (h *house) build(t *testing.T) {
	t.Helper()
	var err error
	if h.bin, err = probe.Build(t.Context(), h.dir, ".", t.TempDir()); err != nil {
		t.Fatal(err)
	}
}

func (b *bed) file(t *testing.T, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(b.dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func (b *bed) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// copyPackage adds a package to the copy of authlib, as the tool would have copied it:
// with the import path of the copy, and in the manifest.
func (b *bed) copyPackage(t *testing.T, importPath, sub string) {
	t.Helper()
	root, err := servers.Root()
	if err != nil {
		t.Fatal(err)
	}
	var m struct { // in the manifest's order
		Tool    string            `json:"tool"`
		Version string            `json:"version"`
		Import  string            `json:"import"`
		Off     []string          `json:"off"`
		Files   map[string]string `json:"files"`
	}
	if err := json.Unmarshal(b.file(t, "internal/authlib/manifest.json"), &m); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(root, "authlib", sub, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%q, %v", names, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rel := sub + "/" + filepath.Base(name)
		out := strings.ReplaceAll(string(src), `"github.com/mcp-migrate/mcp-migrate/authlib"`, `"`+importPath+`"`)
		b.write(t, "internal/authlib/"+rel, out)
		sum := sha256.Sum256([]byte(out))
		m.Files[rel] = hex.EncodeToString(sum[:])
	}
	out, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, "internal/authlib/manifest.json", string(out)+"\n")
}

// inspected: the tool knows the file and its rules, and that one tool is in none.
func (h *house) inspected(t *testing.T) {
	t.Helper()
	var rep struct {
		Servers []struct {
			Policy *struct{ Source, File, Reason, Unlisted string }
			Tools  []struct {
				Name             string
				Public, Unlisted bool
				Scopes           []string
			}
		}
	}
	out := h.run(t, 0, "inspect", h.dir, "--format", "json").Stdout
	if err := json.Unmarshal(out, &rep); err != nil {
		t.Fatal(err)
	}
	s := rep.Servers[0]
	if s.Policy == nil || s.Policy.Source != "file" || s.Policy.File != "policy.yaml" || s.Policy.Reason != "" || s.Policy.Unlisted != "deny" {
		t.Errorf("inspect does not know the policy's file: %+v\n%s", s.Policy, out)
	}
	want := map[string]string{"list_notes": "", "delete_note": "notes:read notes:write", "reindex_notes": "notes:read"}
	for _, tool := range s.Tools {
		if scopes := strings.Join(tool.Scopes, " "); scopes != want[tool.Name] || tool.Public != (tool.Name == "list_notes") || tool.Unlisted != (tool.Name == "reindex_notes") {
			t.Errorf("%+v", tool)
		}
	}
	says(t, h.run(t, 0, "inspect", h.dir), "policy: policy.yaml")
	h.edit(t, "policy.yaml", func(src []byte) []byte {
		return []byte(strings.Replace(string(src), "delete_note", "delete_notes", 1))
	})
	says(t, h.run(t, 0, "lint", h.dir), `policy.yaml:4:3: MCP003`, `"delete_notes"`, `does not name the tool "delete_note"`)
	h.write(t, "policy.yaml", policyYAML)
}

// unnamed: what the file does not name is refused to those who hold every scope that
// it speaks of.
func (h *house) unnamed(t *testing.T) {
	t.Helper()
	v, err := h.visit(t)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Prompt(t.Context(), "summarize_notes"); err != nil && !strings.Contains(err.Error(), "session not found") {
		t.Fatal(err)
	}
	token, err := v.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := &probe.Client{URL: h.url(), Token: token}
	if a, err := c.Initialize(t.Context()); err != nil || a.Result == nil {
		t.Fatalf("initialize: %+v, %v", a, err)
	}
	for _, tool := range []string{"reindex_notes", "Delete_note", "no_such_tool"} {
		if a, err := c.CallTool(t.Context(), tool, nil); err != nil || a.Status != http.StatusForbidden || strings.Contains(a.Header.Get("WWW-Authenticate"), "scope=") {
			t.Errorf("%s: %+v, %v", tool, a, err)
		}
	}
}

// refusesBadFile: the program ends with the place of the fault and serves nobody.
func (h *house) refusesBadFile(t *testing.T) {
	t.Helper()
	h.write(t, "policy.yaml", strings.Replace(policyYAML, "all_scopes: [\"notes:write\"]", "scopes: [\"notes:write\"]", 1))
	says(t, h.run(t, 1, "lint", h.dir), `policy.yaml:4:17: MCP003`, "all_scopes where all are needed")
	h.build(t)
	args, env := h.Run(h.port)
	_, err := probe.Start(t.Context(), probe.Options{Dir: h.dir, Bin: h.bin, Args: args, Env: append(append(env, "MCP_RESOURCE_URL="+h.url()), h.vars...), Addr: h.Addr(h.port)})
	if err == nil || !strings.Contains(err.Error(), `policy.yaml:4:17: the key "scopes" is not known`) {
		t.Errorf("started with a bad policy: %v", err)
	}
}
