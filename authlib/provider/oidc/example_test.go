package oidc_test

import (
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider/oidc"
)

// Users sign in at any issuer of OpenID Connect, which is asked for its metadata
// when the first of them comes.
func ExampleNew() {
	p, err := oidc.New(oidc.Config{
		Issuer: "https://id.example.com", ClientID: "mcp-server", ClientSecret: "0f9db7c1e6a2d4853960", // OIDC_ISSUER and so on
		Resource: "https://mcp.example.com/mcp", Scopes: []string{"email"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Name(), p)
	// Output: oidc oidc.Provider(https://id.example.com)
}
