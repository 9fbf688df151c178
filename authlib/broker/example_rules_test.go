package broker_test

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/google"
)

// Who may sign in is always said: here one user, and the members of one team.
func ExampleAllowRules() {
	allow, err := broker.AllowRules("user:octocat", "org:acme/ops")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	for _, id := range []*provider.Identity{
		{Issuer: "https://github.com", Subject: "583231", Username: "Octocat", Provider: "github", Sole: true},
		{Issuer: "https://github.com", Subject: "7", Username: "ada", Orgs: []string{"acme", "acme/ops"}, Provider: "github", Sole: true},
		{Issuer: "https://github.com", Subject: "8", Username: "mallory", Orgs: []string{"acme"}, Provider: "github", Sole: true},
	} {
		fmt.Println(id.Username, allow(ctx, id) == nil)
	}
	_, err = broker.AllowRules()
	fmt.Println(err != nil)
	// Output:
	// Octocat true
	// ada true
	// mallory false
	// true
}

// Roles come from rules about people, not from what a provider says of them.
func ExampleRoleRules() {
	p, err := dev.New(dev.Config{Resource: "http://localhost:8080/mcp", Out: io.Discard})
	if err != nil {
		fmt.Println(err)
		return
	}
	roles, err := broker.RoleRules("admin=user:ada;auditor=anyone", []string{"admin", "auditor"}, p) // MCP_ROLES, Policy.Roles()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{"ada", "bob"} {
		fmt.Println(roles(context.Background(), &provider.Identity{Username: name, Roles: []string{"admin"}, Provider: "dev", Sole: true}))
	}
	_, err = broker.RoleRules("admin=user:ada", []string{"admin", "auditor"}, p)
	fmt.Println(err != nil) // nobody could ever have the role auditor
	// Output:
	// [admin auditor] <nil>
	// [auditor] <nil>
	// true
}

// Users choose between two providers, and each rule says at which one it holds.
func ExampleNew_severalProviders() {
	const resource = "https://mcp.acme.com/mcp"
	gh, err1 := github.New(github.Config{ClientID: "Iv1.0123456789abcdef", ClientSecret: "0f9db7c1e6a2d4853960", Resource: resource, Orgs: true})
	gg, err2 := google.New(google.Config{ClientID: "1234-abc.apps.googleusercontent.com", ClientSecret: "GOCSPX-0f9db7c1e6a2", Resource: resource})
	allow, err3 := broker.AllowRules("github:org:acme", "google:domain:acme.com")
	if err := errors.Join(err1, err2, err3); err != nil {
		fmt.Println(err)
		return
	}
	b, err := broker.New(broker.Config{Resource: resource, Providers: []provider.Provider{gh, gg}, Allow: allow})
	fmt.Println(b, err)
	fmt.Println(gh.CallbackURL())
	fmt.Println(gg.CallbackURL())
	// Output:
	// broker.Broker(https://mcp.acme.com) <nil>
	// https://mcp.acme.com/oauth/callback/github
	// https://mcp.acme.com/oauth/callback/google
}
