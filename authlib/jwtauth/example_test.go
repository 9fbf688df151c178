package jwtauth_test

import (
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/jwtauth"
)

// Another server signs users in and issues JWTs; this one checks them by its keys,
// which are fetched when the first token comes.
func ExampleNew() {
	const resource = "https://mcp.example.com/mcp"
	verifier, err := jwtauth.New(jwtauth.Config{Issuer: "https://id.example.com", Audience: resource})
	if err != nil {
		fmt.Println(err)
		return
	}
	guard, err := authlib.New(authlib.Config{
		Resource: resource, Verifier: verifier, AuthorizationServers: []string{"https://id.example.com"},
		Policy: authlib.Policy{Base: authlib.Rule{AllScopes: []string{"mcp:use"}}},
	})
	fmt.Println(guard, err)
	// Output: authlib.Guard(https://mcp.example.com/mcp) <nil>
}

// Without an audience, a token for any other service would open this one.
func ExampleNew_withoutAudience() {
	_, err := jwtauth.New(jwtauth.Config{Issuer: "https://id.example.com"})
	fmt.Println(err)
	// Output: jwtauth: Config.Audience is empty, so a token for any other service would pass; set MCP_RESOURCE_URL or MCP_AUDIENCE
}

// Where tokens have no particular form, their issuer is asked about each.
func ExampleNewIntrospection() {
	verifier, err := jwtauth.NewIntrospection(jwtauth.IntrospectionConfig{
		Issuer: "https://id.example.com", Endpoint: "https://id.example.com/introspect",
		ClientID: "mcp-server", ClientSecret: "0f9db7c1e6a2d485", // from the environment
		Audience: "https://mcp.example.com/mcp",
	})
	fmt.Println(verifier, err)
	// Output: jwtauth.Introspection(https://id.example.com/introspect) <nil>
}
