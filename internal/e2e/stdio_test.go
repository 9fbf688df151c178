package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/apikey"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// apiKey makes a key that begins with letter.
func apiKey(letter string) string { return apikey.Prefix + strings.Repeat(letter, 43) }

// keyFile writes a file of keys with the scopes of each, and returns the variable
// that names it.
func keyFile(t *testing.T, scopes map[string][]string) string {
	t.Helper()
	var keys []apikey.Key
	for key, granted := range scopes {
		sum := sha256.Sum256([]byte(key))
		keys = append(keys, apikey.Key{SHA256: hex.EncodeToString(sum[:]), Subject: "ci", Scopes: granted})
	}
	src, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, src, 0o600); err != nil {
		t.Fatal(err)
	}
	return "MCP_API_KEYS_FILE=" + file
}

// A stdioBed is a server that was migrated with --stdio token, and built.
type stdioBed struct {
	*bed
	args []string // that make it serve over stdio
	env  []string
}

// layStdio migrates s and builds it. Twice is once, and undo gives the tree back:
// that is tried on the way.
func layStdio(t *testing.T, b *bed, stdioArgs, env []string, answers ...string) *stdioBed {
	t.Helper()
	args := slices.Concat([]string{"migrate", b.dir, "--yes", "--allow-dirty", "--stdio", "token"}, answers)
	before := read(t, b.dir)
	b.run(t, 0, args...)
	after := read(t, b.dir)
	if r := b.run(t, 0, slices.Concat(args, []string{"--dry-run", "--exit-code"})...); len(r.Stdout) > 0 {
		t.Errorf("the second run's diff is not empty:\n%s", r.Stdout)
	}
	b.run(t, 0, "undo", b.dir)
	same(t, "after undo", read(t, b.dir), before)
	b.run(t, 0, args...)
	same(t, "after the same migration", read(t, b.dir), after)
	var err error
	if b.bin, err = probe.Build(t.Context(), b.dir, ".", t.TempDir()); err != nil {
		t.Fatal(err)
	}
	return &stdioBed{b, stdioArgs, env}
}

// connect starts the server with a credential and speaks to it as a client does.
func (b *stdioBed) connect(t *testing.T, credential string) *mcp.ClientSession {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, b.bin, b.args...)
	cmd.Env = append(slices.Clone(b.env), "MCP_ACCESS_TOKEN="+credential)
	s, err := mcp.NewClient(&mcp.Implementation{Name: "e2e", Version: "1"}, nil).Connect(ctx, &mcp.CommandTransport{Command: cmd}, nil)
	if err != nil {
		t.Fatalf("a client with a good credential: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// stops makes sure that the server ends at once, and says why without telling the
// credential.
func (b *stdioBed) stops(t *testing.T, what string, vars ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := probe.Run(ctx, b.dir, slices.Concat(b.env, vars), b.bin, b.args...)
	switch {
	case err != nil:
		t.Errorf("%s: it started: %v", what, err)
	case r.Code == 0 || !strings.Contains(string(r.Stderr), "MCP_ACCESS_TOKEN"):
		t.Errorf("%s: it ends with %d and says:\n%s", what, r.Code, r.Stderr)
	}
	for _, v := range vars {
		if _, secret, _ := strings.Cut(v, "="); secret != "" && strings.Contains(string(r.Stdout)+string(r.Stderr), secret) {
			t.Errorf("%s: it prints the credential:\n%s", what, r.Stderr)
		}
	}
}

// tools calls and lists what a credential may use, and what it may not.
func (b *stdioBed) tools(t *testing.T, credential string, mayDelete bool) {
	t.Helper()
	s := b.connect(t, credential)
	if _, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: b.ReadOnly}); err != nil {
		t.Errorf("%s: %v", b.ReadOnly, err)
	}
	res, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: "delete_note", Arguments: map[string]any{"text": "buy milk"}})
	if deleted := err == nil && !res.IsError; deleted != mayDelete {
		t.Errorf("delete_note, allowed %v: %+v, %v", mayDelete, res, err)
	}
	list, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	listed := slices.ContainsFunc(list.Tools, func(t *mcp.Tool) bool { return t.Name == "delete_note" })
	if listed != mayDelete || len(list.Tools) == 0 {
		t.Errorf("delete_note is listed: %v, among %d tools", listed, len(list.Tools))
	}
}

// Over stdio the caller is whom the credential in the environment belongs to:
// without a valid one nothing is served, and the policy holds for it. Where the
// program serves HTTP as well, it does so for the same keys.
func TestStdioToken(t *testing.T) {
	for _, tt := range []struct {
		server string
		args   []string
	}{
		{"mcpgo-stdio", nil},
		{"gosdk-stdio", nil},
		{"mcpgo-flag", []string{"-transport", "stdio"}},
		{"mcpgo-cobra", []string{"--transport", "stdio"}},
		{"gosdk-hybrid", nil},
	} {
		t.Run(tt.server, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			s, err := servers.Find(tt.server)
			if err != nil {
				t.Fatal(err)
			}
			reader, writer := apiKey("r"), apiKey("w")
			file := keyFile(t, map[string][]string{reader: {"notes:read"}, writer: {"notes:read", "notes:write"}})
			l := lay(t, s)
			env := []string{file}
			if s.HTTP() {
				env = append(env, "MCP_RESOURCE_URL="+l.url())
			}
			b := layStdio(t, l, tt.args, env, "--provider", "apikey", "--scopes", "notes:read", "--tool-scopes", "delete_note=notes:write")
			b.stops(t, "no credential")
			b.stops(t, "an empty credential", "MCP_ACCESS_TOKEN=")
			b.stops(t, "an unknown key", "MCP_ACCESS_TOKEN="+apiKey("x"))
			b.tools(t, reader, false)
			b.tools(t, writer, true)
			if s.HTTP() {
				p := b.startWith(t, file)
				b.calls(t, writer, map[string]string{"another key": apiKey("x")})
				p.Stop()
			}
		})
	}
}

// A token of an authorization server has to be issued for this server, by the name
// that MCP_RESOURCE_URL gives it.
func TestStdioTokenOfAnIssuer(t *testing.T) {
	t.Parallel()
	two <- struct{}{}
	defer func() { <-two }()
	is := authtest.NewIssuer(t)
	s, err := servers.Find("gosdk-stdio")
	if err != nil {
		t.Fatal(err)
	}
	const resource = "https://notes.acme.test/mcp"
	b := layStdio(t, lay(t, s), nil, []string{"OIDC_ISSUER=" + is.URL, "MCP_RESOURCE_URL=" + resource}, "--provider", "jwt", "--issuer", is.URL)
	user := authlib.Principal{Subject: "42", ClientID: "c1"}
	b.tools(t, is.Token(user, resource), true)
	b.stops(t, "a token for another server", "MCP_ACCESS_TOKEN="+is.Token(user, "https://other.test/mcp"))
	user.Expiry = time.Now().Add(-time.Hour)
	b.stops(t, "an ended token", "MCP_ACCESS_TOKEN="+is.Token(user, resource))
}

// SDK versions without a hook that sees every request are left to a person: over
// stdio nothing stands in front of the SDK.
func TestStdioTokenNeedsAHook(t *testing.T) {
	for _, tt := range []struct {
		sdk, version, server, tooOld string
	}{
		{"mcpgo", "v0.43.2", "mcpgo-stdio", "go get github.com/mark3labs/mcp-go@v0.45.0"},
		{"mcpgo", "v0.48.0", "mcpgo-stdio", ""},
		{"gosdk", "v1.1.0", "gosdk-stdio", ""},
	} {
		t.Run(tt.sdk+" "+tt.version, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			l := layVersion(t, tt.sdk, tt.version)
			l.becomes(t, tt.server)
			if tt.tooOld != "" {
				r := l.run(t, 1, "migrate", l.dir, "--yes", "--allow-dirty", "--provider", "apikey", "--stdio", "token")
				if all := string(r.Stdout) + string(r.Stderr); !strings.Contains(all, tt.tooOld) {
					t.Errorf("it does not say %q:\n%s", tt.tooOld, all)
				}
				return
			}
			reader := apiKey("r")
			env := []string{keyFile(t, map[string][]string{reader: {"notes:read"}})}
			b := layStdio(t, l, nil, env, "--provider", "apikey", "--scopes", "notes:read", "--tool-scopes", "delete_note=notes:write")
			b.stops(t, "no credential")
			b.tools(t, reader, false)
		})
	}
}

// becomes puts the source of another server in place of the bed's own.
func (b *bed) becomes(t *testing.T, server string) {
	t.Helper()
	root, err := servers.Root()
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(filepath.Join(root, "testdata", "servers", server, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "main.go"), src, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := servers.Find(server)
	if err != nil {
		t.Fatal(err)
	}
	b.Server.ReadOnly = s.ReadOnly
}
