package broker_test

import (
	"fmt"
	"os"

	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
)

// For development on one machine nothing has to be configured.
func Example() {
	const resource = "http://localhost:8080/mcp"
	p, err := dev.New(dev.Config{Resource: resource, Code: os.Getenv("MCP_DEV_CODE")})
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := broker.New(broker.Config{Resource: resource, Providers: []provider.Provider{p}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.Issuer())
	// Output: http://localhost:8080
}

// In production users sign in at GitHub, and everything is kept in files.
func ExampleNew() {
	b, err := newBroker(func(string) string { return "" })
	fmt.Println(b, err)
	// Output: <nil> MCP_SESSION_KEY is not set; make one with: openssl rand -base64 32
}

func newBroker(env func(string) string) (*broker.Broker, error) {
	keys, err := session.ParseKeys(env("MCP_SESSION_KEY"))
	if err != nil {
		return nil, err
	}
	store, err := filestore.Open(env("MCP_SESSION_DIR"))
	if err != nil {
		return nil, err
	}
	gh, err := github.New(github.Config{
		ClientID: env("GITHUB_CLIENT_ID"), ClientSecret: env("GITHUB_CLIENT_SECRET"), BaseURL: env("GITHUB_BASE_URL"),
		Resource: env("MCP_RESOURCE_URL"), Orgs: true,
	})
	if err != nil {
		return nil, err
	}
	allow, err := broker.AllowRules("org:acme", "user:octocat")
	if err != nil {
		return nil, err
	}
	return broker.New(broker.Config{
		Resource: env("MCP_RESOURCE_URL"), Providers: []provider.Provider{gh}, Store: store, Keys: keys, Allow: allow,
		Scopes: []string{"mcp:use"},
	})
}
