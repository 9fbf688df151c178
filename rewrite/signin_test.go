package rewrite_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/tools/txtar"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// signInAnswers are ways to say who the callers are. What is written for each is
// in testdata/signin; -update rewrites it.
var signInAnswers = map[string]wizard.Answers{
	"dev":    {Provider: []string{"dev"}, Allow: []string{"anyone"}, Store: "memory"},
	"github": {Provider: []string{"github"}, Allow: []string{"user:octocat", "org:acme"}, Store: "file", Scopes: []string{"notes"}},
	"github-scopes": {Provider: []string{"github"}, Allow: []string{"org:acme"}, Store: "memory",
		ToolScopes: map[string][]string{"list_*": {"public_repo"}, "delete_*": {"repo"}}},
	"google":     {Provider: []string{"google"}, Allow: []string{"domain:acme.com"}, Store: "memory"},
	"oidc":       {Provider: []string{"oidc"}, Allow: []string{"domain:acme.com"}, Store: "file", Issuer: "https://login.acme.com"},
	"jwt":        {Provider: []string{"jwt"}, Issuer: "https://login.acme.com", Audience: "api://notes"},
	"introspect": {Provider: []string{"jwt"}, Issuer: "https://login.acme.com", IntrospectionURL: "https://login.acme.com/introspect"},
	"apikey":     {Provider: []string{"apikey"}},

	"several": {Provider: []string{"github", "google", "oidc"}, Issuer: "https://login.acme.com", Store: "file",
		Allow: []string{"github:org:acme", "google:domain:acme.com", "oidc:anyone"}},
	"several-roles": {Provider: []string{"github", "oidc"}, Issuer: "https://login.acme.com", Store: "memory",
		Allow: []string{"github:user:octocat", "oidc:anyone"}, ToolRoles: deleteRoles},
	"dev-keys":        {Provider: []string{"dev", "apikey"}, Store: "memory"},
	"dev-roles":       {Provider: []string{"dev"}, Store: "memory", ToolRoles: deleteRoles},
	"github-roles":    {Provider: []string{"github"}, Allow: []string{"user:octocat"}, Store: "memory", ToolRoles: deleteRoles},
	"github-keys":     {Provider: []string{"github", "apikey"}, Allow: []string{"org:acme"}, Store: "file", ToolRoles: deleteRoles},
	"jwt-roles":       {Provider: []string{"jwt"}, Issuer: "https://login.acme.com", ToolRoles: deleteRoles},
	"introspect-keys": {Provider: []string{"jwt", "apikey"}, Issuer: "https://login.acme.com", IntrospectionURL: "https://login.acme.com/introspect"},
}

// deleteRoles are roles for one tool, with one more by another pattern.
var deleteRoles = map[string][]string{"delete_*": {"admin"}, "*_note": {"editor"}}

// TestSignIns reads what a person reads of each way to sign in: the wiring, the
// variables and the page. Every one builds and passes go vet.
func TestSignIns(t *testing.T) {
	ctx := context.Background()
	quiet(t)
	ar, err := txtar.ParseFile(filepath.Join("testdata", "signin.server"))
	if err != nil {
		t.Fatal(err)
	}
	prog, err := typed.Load(ctx, typed.Options{Dir: lay(t, ar)})
	if err != nil {
		t.Fatal(err)
	}
	res, err := analyze.Analyze(ctx, prog, all.Specs(), analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, ans := range signInAnswers {
		t.Run(name, func(t *testing.T) {
			plan, err := rewrite.New(ctx, res, wizard.Complete(ans, wizard.Facts{}), rewrite.Options{
				Authlib: mcpmigrate.Bundle, Version: "v0.0.0-test", Wirers: all.Wirers()})
			if err != nil {
				t.Fatal(err)
			}
			written(t, filepath.Join("testdata", "signin", name+".txtar"), plan)
			t.Parallel() // what was planned is built side by side
			if err := rewrite.Verify(ctx, plan); err != nil {
				t.Error(err)
			}
		})
	}
}

// written compares the new files for people with those of a golden archive.
func written(t *testing.T, golden string, plan *rewrite.Plan) {
	t.Helper()
	got := &txtar.Archive{}
	for _, f := range plan.Files {
		if slices.Contains([]string{"mcp_auth.go", ".env.example", ".gitignore", "AUTH.md"}, f.Rel) {
			got.Files = append(got.Files, txtar.File{Name: f.Rel, Data: f.New})
		}
	}
	if *update {
		if err := os.WriteFile(golden, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text := txtar.Format(got); string(text) != string(readFile(t, golden)) {
		t.Errorf("%s is not what is written:\n%s", golden, text)
	}
}
