package github_test

import (
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
)

// Users sign in at github.com with an OAuth app of one's own; BaseURL names an
// Enterprise Server.
func ExampleNew() {
	p, err := github.New(github.Config{
		ClientID: "Iv1.0123456789abcdef", ClientSecret: "0f9db7c1e6a2d4853960", // GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET
		Resource: "https://mcp.example.com/mcp", Orgs: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Name(), p)
	// Output: github github.Provider(https://github.com)
}

// What is missing is an error that says how to get it.
func ExampleNew_missing() {
	_, err := github.New(github.Config{Resource: "https://mcp.example.com/mcp"})
	fmt.Println(err)
	// Output: github: GITHUB_CLIENT_ID is not set; create an OAuth app at GitHub (Settings, Developer settings, OAuth Apps) and set it
}
