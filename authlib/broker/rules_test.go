package broker

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

func TestAllowRules(t *testing.T) {
	alice := &provider.Identity{Issuer: "https://github.com", Subject: "1", Username: "Alice", Email: "alice@Corp.test", EmailVerified: true, Orgs: []string{"Acme"}, Roles: []string{"Staff"}, Provider: "github", Sole: true}
	unverified := &provider.Identity{Issuer: "https://github.com", Subject: "2", Username: "bob", Email: "bob@corp.test", Orgs: []string{}, Sole: true}
	unasked := &provider.Identity{Issuer: "https://github.com", Subject: "3", Username: "carol", Sole: true}
	for _, tt := range []struct {
		rules string
		id    *provider.Identity
		ok    bool
	}{
		{"anyone", unasked, true}, {"user:alice", alice, true}, {"user:ALICE", alice, true}, {"user:alic", alice, false},
		{"user:https://github.com|1", alice, true}, {"user:1", alice, false}, {"org:acme", alice, true}, {"org:acm", alice, false},
		{"org:acme", unverified, false}, {"org:acme", unasked, false}, {"domain:corp.test", alice, true}, {"domain:@corp.test", alice, true},
		{"domain:corp.test", unverified, false}, {"domain:test", alice, false}, {"domain:rp.test", alice, false},
		{"user:x,org:y, user:bob", unverified, true}, {"user:x", nil, false},
		{"user:x", &provider.Identity{Email: "a@b@corp.test", EmailVerified: true, Sole: true}, false},
		{"user:\u212aevin", &provider.Identity{Username: "kevin", Sole: true}, false},
		{"role:Staff", alice, true}, {"role:staff", alice, false}, {"role:Staff", unverified, false},
		{"github:user:alice", alice, true}, {"GitHub:USER:alice", alice, true}, {"github:anyone", alice, true},
		{"google:user:alice", alice, false}, {"google:anyone,github:org:acme", alice, true}, {"google:anyone,oidc:anyone", alice, false},
	} {
		f, err := AllowRules(tt.rules)
		if err != nil {
			t.Fatalf("%q: %v", tt.rules, err)
		}
		if err := f(context.Background(), tt.id); (err == nil) != tt.ok {
			t.Errorf("%q lets in %+v: %v", tt.rules, tt.id, err)
		}
	}
	for _, bad := range []string{"", "user:", "user", "everyone", "team:x", "user:*", "org:a b", "domain:a@b", "domain:@", "anyone,user:x", "user:x,", "*",
		"github:", "github:x", "github:user:", "github:google:user:x", "git_hub:user:x", ":user:x", "github:anyone,github:user:x", "anyone,github:user:x", "github:anyone:x"} {
		if _, err := AllowRules(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if _, err := AllowRules(); err == nil {
		t.Error("no rule was taken")
	}
}

// Rules that are taken let nobody in whom they do not name.
func FuzzAllowRules(f *testing.F) {
	for _, s := range []string{"anyone", "user:alice", "org:a,domain:b", "user:x|y", ":", "USER:a", "user:a,anyone"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rules string) {
		allow, err := AllowRules(rules)
		if err != nil || strings.EqualFold(strings.Trim(rules, " ,\t\r\n"), "anyone") {
			return
		}
		if strings.Contains(strings.ToLower(rules), "anyone") && !strings.Contains(rules, ":") {
			return
		}
		if allow(context.Background(), &provider.Identity{Issuer: "\x00", Subject: "\x00", Provider: "\x00", Sole: true}) == nil {
			t.Errorf("%q lets in somebody without a name", rules)
		}
	})
}

// With several providers a name holds only at the provider that the rule says:
// whoever takes it at another one is somebody else.
func TestNamesOfAnotherProvider(t *testing.T) {
	octocat := provider.Identity{Issuer: "https://github.com", Subject: "1", Username: "octocat", Email: "o@acme.test", EmailVerified: true, Orgs: []string{"acme"}, Roles: []string{"admin"}, Provider: "github"}
	other := octocat
	other.Issuer, other.Subject, other.Provider = "https://login.test", "666", "oidc"
	fullName := other
	fullName.Username = "https://github.com|1"
	for _, rule := range []string{"user:octocat", "org:acme", "domain:acme.test", "role:admin", "user:https://github.com|1"} {
		bare, err1 := AllowRules(rule)
		named, err2 := AllowRules("github:" + rule)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if err := named(context.Background(), &octocat); err != nil {
			t.Errorf("github:%s: %v", rule, err)
		}
		for _, id := range []*provider.Identity{&other, &fullName} {
			if named(context.Background(), id) == nil || bare(context.Background(), id) == nil {
				t.Errorf("%s lets in %s of %s", rule, id.Username, id.Provider)
			}
		}
		// Who would be meant can't be told, so not even the right one comes in,
		// except by issuer and subject.
		err := bare(context.Background(), &octocat)
		if full := strings.Contains(rule, "|"); (err == nil) != full || !full && !strings.Contains(err.Error(), "PROVIDER:"+rule) {
			t.Errorf("%s at several providers: %v", rule, err)
		}
	}
}

func TestRoleRules(t *testing.T) {
	d, g := providers(t)
	give, err := RoleRules(" admin = github:user:Octocat, dev:user:ada ;auditor=github:org:acme,dev:anyone; none=nobody;", []string{"admin", "none"}, g, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		id   *provider.Identity
		want []string
	}{
		{&provider.Identity{Provider: "github", Username: "octocat", Orgs: []string{"ACME"}}, []string{"admin", "auditor"}},
		{&provider.Identity{Provider: "github", Username: "octocat"}, []string{"admin"}},
		{&provider.Identity{Provider: "github", Username: "ada", Orgs: []string{"acme2"}, Roles: []string{"admin", "auditor", "none"}}, nil},
		{&provider.Identity{Provider: "dev", Username: "octocat"}, []string{"auditor"}},
		{&provider.Identity{Provider: "dev", Username: "ada"}, []string{"admin", "auditor"}},
		{&provider.Identity{Username: "octocat", Sole: true}, nil},
		{nil, nil},
	} {
		if got, err := give(context.Background(), tt.id); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%+v has %q, %v; want %q", tt.id, got, err, tt.want)
		}
	}
	if give, err := RoleRules("", nil, g); err != nil {
		t.Error(err)
	} else if got, _ := give(context.Background(), &provider.Identity{Username: "octocat", Sole: true, Roles: []string{"admin"}}); got != nil {
		t.Errorf("no rule gives %q", got)
	}
}

// What is missing or malformed stops the program at start, with the variable's name.
func TestRoleRulesRefuses(t *testing.T) {
	d, g := providers(t)
	one, two := []provider.Provider{g}, []provider.Provider{g, d}
	for _, tt := range []struct {
		rules, want string
		at          []provider.Provider
	}{
		{"", "MCP_ROLES is not set, so nobody has the role admin: say who has it, such as admin=user:NAME", one},
		{" ; ", "admin=github:user:NAME", two},
		{"adnim=user:octocat", "MCP_ROLES gives nobody the role admin", one},
		{"Admin=user:octocat", "MCP_ROLES gives nobody the role admin", one},
		{"admin", "MCP_ROLES", one},
		{"admin=", "MCP_ROLES: role admin", one},
		{"admin=octocat", "MCP_ROLES: role admin", one},
		{"admin=user:*", "MCP_ROLES: role admin", one},
		{"admin=user:a;admin=user:b", "there twice", one},
		{"admin=user:a=b;c", `"c"`, one},
		{"admin=anyone,user:x", "void", one},
		{"admin=nobody,user:x", "nobody", one},
		{"a b=user:x;admin=user:x", "a b", one},
		{"admin=user:octocat", "does not say at which provider; write github:user:octocat", two},
		{"admin=github:user:a;extra=org:acme", "role extra", two},
		{"admin=gihub:user:octocat", `"gihub" is not one of the providers, github, dev`, two},
		{"admin=google:user:a@b.test", `"google" is not one of the providers, github`, one},
		{"admin=user:octocat", "no provider", nil},
	} {
		if _, err := RoleRules(tt.rules, []string{"admin"}, tt.at...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.rules, err, tt.want)
		}
	}
}

// Rules that are taken give nobody a role whom they do not name.
func FuzzRoleRules(f *testing.F) {
	for _, s := range []string{"admin=user:a", "a=org:b;c=domain:d", "a=dev:user:x|y", "=;=", "a=nobody"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rules string) {
		give, err := RoleRules(rules, nil, renamed{name: "dev"})
		if err != nil || strings.Contains(strings.ToLower(rules), "anyone") {
			return
		}
		if got, err := give(context.Background(), &provider.Identity{Issuer: "\x00", Subject: "\x00", Provider: "dev", Sole: true}); err != nil || got != nil {
			t.Errorf("%q gives somebody without a name %q, %v", rules, got, err)
		}
	})
}
