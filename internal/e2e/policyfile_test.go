package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/policyfile"
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

// policyPage tells how the policy gets into a file.
const policyPage = "docs/policy-file.md"

// shown returns the blocks of a language on that page, with the module of h.
func (h *house) shown(t *testing.T, language string) []string {
	t.Helper()
	root, err := servers.Root()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(policyPage)))
	if err != nil {
		t.Fatal(err)
	}
	module := regexp.MustCompile(`(?m)^module (\S+)`).FindSubmatch(h.file(t, "go.mod"))
	var out []string
	for _, block := range strings.Split(string(page), "```"+language+"\n")[1:] {
		code, _, _ := strings.Cut(block, "```")
		out = append(out, strings.ReplaceAll(code, "example.com/notes/", string(module[1])+"/"))
	}
	return out
}

// A migrated server whose policy was moved into a file: what the file opens is open
// to strangers, its scopes hold, and what it does not name is refused. What reads it is
// copied by the migration, or added to the copy by a later run. The tool reads
// the file as well, and a server whose file has a fault does not start.
func TestPolicyFile(t *testing.T) {
	for name, later := range map[string]bool{"mcpgo-full": false, "gosdk-full": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			answers := []string{"--requirement", "optional", "--public", "list_notes",
				"--scopes", "notes:read", "--tool-scopes", "delete_note=notes:write"}
			if !later {
				answers = append(answers, "--authlib-packages", "policyfile")
			}
			h := newHouse(t, name, answers...)
			if later {
				h.run(t, 0, "migrate", h.dir, "--no-verify", "--yes", "--allow-dirty", "--authlib-packages", "policyfile")
			}
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

// policyFromFile moves the policy into a file, as the page says, and builds the server
// again. What the program writes of its policy is what the generated Go says; then the
// file is the one that is written by hand.
func (h *house) policyFromFile(t *testing.T) {
	t.Helper()
	code, yaml := h.shown(t, "go"), h.shown(t, "yaml")
	if len(code) != 2 || len(yaml) != 1 || yaml[0] != policyYAML {
		t.Fatalf("%s shows %d blocks of Go and %q", policyPage, len(code), yaml)
	}
	h.write(t, "policy_test.go", code[0])
	if _, err := gocmd.Run(t.Context(), h.dir, []string{"GOWORK=off"}, "test", "-run", "TestWritePolicy", "."); err != nil {
		t.Fatal(err)
	}
	want := rules(t, []byte(policyYAML))
	if h.Name == "mcpgo-full" { // the tool that the file leaves out
		want.Tools["reindex_notes"] = authlib.Rule{}
	}
	if got := rules(t, h.file(t, "policy.yaml")); !reflect.DeepEqual(got, want) {
		t.Errorf("the program writes %+v, want %+v", got, want)
	}
	h.write(t, "policy.yaml", policyYAML)
	if err := os.Remove(filepath.Join(h.dir, "policy_test.go")); err != nil {
		t.Fatal(err)
	}
	gone := regexp.MustCompile(`(?s)\n(// mcpPolicy [^\n]*\n)?func mcpPolicy\(\) authlib\.Policy \{.*?\n\}\n`)
	h.edit(t, "mcp_auth.go", func(src []byte) []byte {
		if !gone.Match(src) {
			t.Fatalf("no policy in\n%s", src)
		}
		return gone.ReplaceAll(src, nil)
	})
	h.write(t, "policy.go", code[1])
	h.build(t)
}

func rules(t *testing.T, text []byte) authlib.Policy {
	t.Helper()
	p, err := policyfile.Parse("policy.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	return p
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
