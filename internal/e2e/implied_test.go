package e2e

import (
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
)

// A token that GitHub gave with the scope repo has public_repo as well, and nobody is
// sent to sign in for what they have; the other way round they are.
func TestGitHubScopesIncludeOthers(t *testing.T) {
	t.Parallel()
	gh := authtest.NewGitHub(t)
	env := []string{"GITHUB_CLIENT_ID=" + gh.ClientID, "GITHUB_CLIENT_SECRET=" + gh.ClientSecret, "GITHUB_BASE_URL=" + gh.URL}
	b := migrated(t, "mcpgo-mux", env, "--provider", "github", "--allow", "anyone", "--store", "memory",
		"--tool-scopes", "list_notes=public_repo", "--tool-scopes", "delete_note=repo")
	gh.SetUser(ada)
	broad := authtest.NewClient(t, b.url())
	broad.Scopes = []string{"repo"}
	if text := broad.SignIn(nil).MustCall(b.ReadOnly, nil); !strings.Contains(text, b.Want) || broad.Scope() != "repo" {
		t.Errorf("with %q: %q", broad.Scope(), text)
	}
	narrow := authtest.NewClient(t, b.url())
	narrow.Scopes = []string{"public_repo"}
	narrow.SignIn(nil).MustCall(b.ReadOnly, nil)
	no := narrow.Expect403("delete_note", b.Delete)
	if no == nil || no.Challenge["scope"] != "repo" {
		t.Fatalf("with %q: %v", narrow.Scope(), no)
	}
	if err := narrow.StepUp(no); err != nil {
		t.Fatal(err)
	}
	narrow.MustCall("delete_note", b.Delete)
}
