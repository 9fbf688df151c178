package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// adminsDelete are the answers that reserve one tool.
var adminsDelete = []string{"--tool-roles", "delete_*=admin"}

// devUser signs in on the local page under a name, and returns the token.
func (b *bed) devUser(t *testing.T, name string) string {
	t.Helper()
	token, err := signin.Token(t.Context(), signin.Options{URL: b.url(), Browser: signin.Robot(map[string]string{"user": name, "code": devCode})})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// toolsOf returns the names of the tools that the bearer of token lists.
func (b *bed) toolsOf(t *testing.T, token string) []string {
	t.Helper()
	c := &probe.Client{URL: b.url(), Token: token}
	if a, err := c.Initialize(t.Context()); err != nil || a.Result == nil {
		t.Fatalf("initialize: %+v, %v", a, err)
	}
	tools, err := c.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range tools {
		names = append(names, tool.Name)
	}
	return names
}

// hasRole makes sure that the bearer of token sees and calls delete_note.
func (b *bed) hasRole(t *testing.T, who, token string) {
	t.Helper()
	if names := b.toolsOf(t, token); !slices.Contains(names, "delete_note") || !slices.Contains(names, b.ReadOnly) {
		t.Errorf("%s lists %q", who, names)
	}
	c := &probe.Client{URL: b.url(), Token: token}
	if a, err := c.Initialize(t.Context()); err != nil || a.Result == nil {
		t.Fatalf("initialize: %+v, %v", a, err)
	}
	if a, err := c.CallTool(t.Context(), "delete_note", b.Delete); err != nil || a.Result == nil {
		t.Errorf("%s calls delete_note: %+v, %v", who, a, err)
	}
}

// lacksRole makes sure that the bearer of token does not see delete_note, and is
// refused like somebody who names a tool that does not exist: with 403 and
// nothing that sends a client to ask for more scope, which would not help. What
// needs no role works.
func (b *bed) lacksRole(t *testing.T, who, token string) {
	t.Helper()
	if names := b.toolsOf(t, token); slices.Contains(names, "delete_note") || !slices.Contains(names, b.ReadOnly) {
		t.Errorf("%s lists %q", who, names)
	}
	refusal := func(tool string) (*probe.Answer, string) {
		c := &probe.Client{URL: b.url(), Token: token}
		if a, err := c.Initialize(t.Context()); err != nil || a.Result == nil {
			t.Fatalf("initialize: %+v, %v", a, err)
		}
		if a, err := c.CallTool(t.Context(), b.ReadOnly, nil); err != nil || !strings.Contains(string(a.Result), b.Want) {
			t.Errorf("%s calls %s: %+v, %v", who, b.ReadOnly, a, err)
		}
		a, err := c.CallTool(t.Context(), tool, b.Delete)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(a.Error)
		if err != nil {
			t.Fatal(err)
		}
		return a, string(text)
	}
	a, text := refusal("delete_note")
	if a.Status != http.StatusForbidden || a.Result != nil || len(a.Header.Values("WWW-Authenticate")) > 0 || strings.Contains(text, "scope") {
		t.Errorf("%s calls delete_note: status %d, result %s, challenge %q, %s; want 403 without a challenge",
			who, a.Status, a.Result, a.Header.Values("WWW-Authenticate"), text)
	}
	if other, otherText := refusal("no_such_tool"); other.Status != a.Status || otherText != text {
		t.Errorf("a tool that is not there: %d %s; one that is: %d %s", other.Status, otherText, a.Status, text)
	}
}

// A tool of each SDK's server is for admins. On the local page the user "admin"
// is one, or whom MCP_ROLES names.
func TestRolesDev(t *testing.T) {
	for _, name := range []string{"mcpgo-full", "gosdk-full"} {
		for _, rules := range []string{"", "admin=user:Ada,user:grace"} {
			t.Run(name+" "+rules, func(t *testing.T) {
				t.Parallel()
				admin, others := "admin", []string{"ada", "admin2"}
				if rules != "" {
					admin, others = "ada", []string{"admin", "ad\u212a"}
				}
				b := migrated(t, name, []string{"MCP_DEV_CODE=" + devCode, "MCP_ROLES=" + rules},
					append([]string{"--provider", "dev", "--store", "memory"}, adminsDelete...)...)
				for _, other := range others {
					b.lacksRole(t, other, b.devUser(t, other))
				}
				b.hasRole(t, admin, b.devUser(t, admin))
				a, err := (&probe.Client{URL: b.url()}).CallTool(t.Context(), "delete_note", b.Delete)
				b.mustRefuse(t, "delete_note of a stranger", a, err)
			})
		}
	}
}

// A client whose user lacks the role is told so, and not sent to sign in again.
func TestRolesDoNotStepUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "gosdk-full", "--allow", "user:ada", "--tool-roles", "delete_*=admin")
	h.vars = append(h.vars, "MCP_ROLES=admin=user:hubot,org:acme/ops")
	h.mustNotStart(t, "MCP_ROLES", "")
	h.mustNotStart(t, "MCP_ROLES", "adnim=user:ada")
	h.mustNotStart(t, "MCP_ROLES", "admin=google:user:ada@example.com")
	h.startWith(t, h.vars...)
	h.gh.SetUser(ada)
	v, err := h.visit(t)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if text, err := v.CallTool(t.Context(), "delete_note", h.Delete); err == nil {
			t.Errorf("delete_note without the role: %q", text)
		}
	}
	if names, err := v.Tools(t.Context()); err != nil || slices.Contains(names, "delete_note") || v.sent != 1 {
		t.Errorf("the user lists %q, %v, and was sent to sign in %d times", names, err, v.sent)
	}
	// Who joins the team is an admin at the next sign-in.
	joined := ada
	joined.Orgs, joined.Teams = []string{"Acme"}, []string{"Acme/Ops"}
	h.gh.SetUser(joined)
	v, err = h.visit(t)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.CallTool(t.Context(), "delete_note", h.Delete); err != nil {
		t.Errorf("delete_note of a member of the team: %v", err)
	}
}

// With the guard's own decision cut out of the copy, the SDK refuses all the same.
func TestRolesInsideTheSDK(t *testing.T) {
	for _, name := range []string{"mcpgo-full", "gosdk-full"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := migratedAs(t, name, []string{"MCP_DEV_CODE=" + devCode}, func(b *bed) { b.cutDecision(t) },
				append([]string{"--provider", "dev", "--store", "memory"}, adminsDelete...)...)
			token := b.devUser(t, "ada")
			if names := b.toolsOf(t, token); slices.Contains(names, "delete_note") {
				t.Errorf("ada lists %q", names)
			}
			c := &probe.Client{URL: b.url(), Token: token}
			if a, err := c.Initialize(t.Context()); err != nil || a.Result == nil {
				t.Fatalf("initialize: %+v, %v", a, err)
			}
			a, err := c.CallTool(t.Context(), "delete_note", b.Delete)
			if err != nil || a.Status != http.StatusOK || a.Result != nil || a.Error == nil {
				t.Errorf("delete_note past the guard: %+v, %v; want a JSON-RPC error of the SDK's", a, err)
			}
			b.hasRole(t, "admin", b.devUser(t, "admin"))
		})
	}
}

// cutDecision lets every signed-in caller pass the guard in front of the SDK.
func (b *bed) cutDecision(t *testing.T) {
	t.Helper()
	file := filepath.Join(b.dir, "internal", "authlib", "exchange.go")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const decides = "x.g.Authorize(x.r.Context(), x.p, op); err != nil"
	if bytes.Count(src, []byte(decides)) != 1 {
		t.Fatalf("%s does not decide in one place", file)
	}
	if err := os.WriteFile(file, bytes.Replace(src, []byte(decides), []byte(decides+" && x.p == nil"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The roles of a token of another authorization server are those that it says.
func TestRolesJWT(t *testing.T) {
	t.Parallel()
	is := authtest.NewIssuer(t)
	b := migrated(t, "mcpgo-mux", []string{"OIDC_ISSUER=" + is.URL}, append([]string{"--provider", "jwt", "--issuer", is.URL}, adminsDelete...)...)
	token := func(roles ...string) string {
		return is.Token(authlib.Principal{Subject: "42", ClientID: "c1", Scopes: []string{"admin"}, Roles: roles}, b.url())
	}
	b.lacksRole(t, "a token without roles", token())
	b.lacksRole(t, "a token with other roles", token("Admin", "administrator", "*"))
	b.hasRole(t, "a token with the role", token("user", "admin"))
}

// The claim is the deployment's to name.
func TestRolesJWTClaim(t *testing.T) {
	t.Parallel()
	is := authtest.NewIssuer(t)
	b := migrated(t, "gosdk-full", []string{"OIDC_ISSUER=" + is.URL, "OIDC_ROLES_CLAIM=/realm_access/roles"},
		append([]string{"--provider", "jwt", "--issuer", is.URL}, adminsDelete...)...)
	token := func(claim string, v any) string {
		return is.Mint("at+jwt", map[string]any{"iss": is.URL, "sub": "42", "aud": b.url(), "exp": is.Now().Unix() + 600, claim: v})
	}
	b.lacksRole(t, "a token with the role in another claim", token("roles", []string{"admin"}))
	b.hasRole(t, "a token with the role", token("realm_access", map[string]any{"roles": []string{"admin"}}))
}

// aKey returns an API key and its entry of the key file.
func aKey(letters, subject, more string) (key, entry string) {
	key = "mcpk_" + strings.Repeat(letters, 4)
	sum := sha256.Sum256([]byte(key))
	return key, `{"sha256": "` + hex.EncodeToString(sum[:]) + `", "subject": "` + subject + `"` + more + `}`
}

// keyFile writes a file of keys.
func keyFile(t *testing.T, entries ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, []byte("["+strings.Join(entries, ",")+"]"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRolesAPIKey(t *testing.T) {
	t.Parallel()
	admin, adminEntry := aKey("0123456789abcdef", "ops", `, "roles": ["admin"]`)
	ci, ciEntry := aKey("fedcba9876543210", "admin", `, "scopes": ["admin"]`)
	b := migrated(t, "gosdk-full", []string{"MCP_API_KEYS_FILE=" + keyFile(t, adminEntry, ciEntry)}, append([]string{"--provider", "apikey"}, adminsDelete...)...)
	b.lacksRole(t, "a key whose subject and scope are called like the role", ci)
	b.hasRole(t, "a key with the role", admin)
}
