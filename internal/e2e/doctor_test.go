package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// doctor runs a command of doctor beside the program, and returns its report. No secret
// is in what it prints.
func (b *bed) doctor(t *testing.T, code int, secrets []string, args ...string) *doctor.Report {
	t.Helper()
	got := b.run(t, code, append(append([]string{"doctor"}, args...), "--format", "json")...)
	for _, s := range secrets {
		if strings.Contains(string(got.Stdout)+string(got.Stderr), s) {
			t.Errorf("doctor %q prints a secret", args)
		}
	}
	r := new(doctor.Report)
	if err := json.Unmarshal(got.Stdout, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// What doctor reads of the answers and the environment is what the migrated program
// reads: with the same variables it finds the same store and opens the same records.
func TestDoctorOfAMigratedProgram(t *testing.T) {
	key := session.NewKey()
	b := migrated(t, "mcpgo-start", []string{"MCP_SESSION_KEY=" + key, "MCP_DEV_CODE=" + devCode}, "--provider", "dev", "--store", "file")
	token, err := signin.Token(t.Context(), signin.Options{URL: b.url(), Browser: signin.Robot(map[string]string{"user": "ada", "code": devCode})})
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{token, key}
	if r := b.doctor(t, 0, secrets, "url", b.url()); !r.OK || len(r.Steps) != 14 {
		t.Errorf("url: %+v", r.Steps)
	}
	env := b.env
	b.env = append(env[:len(env):len(env)], "MCP_SESSION_KEY="+key, "MCP_RESOURCE_URL="+b.url())
	if r := b.doctor(t, 0, secrets, "sessions", b.dir); r.Sessions == nil || r.Sessions.Live != 1 || r.Sessions.Listed[0].Provider != "dev" {
		t.Errorf("sessions: %+v, %+v", r.Steps, r.Sessions)
	}
	b.tokenIs(t, token, 0)
	user := &probe.Client{URL: b.url(), Token: token}
	if a, err := user.Initialize(t.Context()); err != nil || a.Result == nil {
		t.Errorf("the program refuses what doctor takes: %+v, %v", a, err)
	}
	b.tokenIs(t, token[:len(token)-4]+"AAAA", 1)
	user.Token = token[:len(token)-4] + "AAAA"
	if a, err := user.Initialize(t.Context()); err != nil || a.Status != http.StatusUnauthorized {
		t.Errorf("the program takes what doctor refuses: %+v, %v", a, err)
	}
	b.env = append(env[:len(env):len(env)], "MCP_SESSION_KEY="+session.NewKey(), "MCP_RESOURCE_URL="+b.url())
	b.doctor(t, 1, secrets, "sessions", b.dir)
}

// tokenIs pipes a token into doctor, which has to end with code.
func (b *bed) tokenIs(t *testing.T, token string, code int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	bin, err := command()
	if err != nil {
		t.Fatal(err)
	}
	r, err := probe.Run(t.Context(), b.dir, b.env, "sh", "-c", `"$0" doctor token < "$1"`, bin, file)
	if err != nil || r.Code != code || strings.Contains(string(r.Stdout), token) {
		t.Errorf("doctor token: %v, exit %d, want %d\n%s%s", err, r.Code, code, r.Stdout, r.Stderr)
	}
}
