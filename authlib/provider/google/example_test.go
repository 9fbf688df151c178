package google_test

import (
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider/google"
)

// Users sign in with Google.
func ExampleNew() {
	p, err := google.New(google.Config{
		ClientID: "1234-abc.apps.googleusercontent.com", ClientSecret: "0f9db7c1e6a2d4853960", // GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET
		Resource: "https://mcp.example.com/mcp",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Name(), p)
	// Output: google google.Provider
}

// What is missing is an error that says how to get it.
func ExampleNew_missing() {
	_, err := google.New(google.Config{Resource: "https://mcp.example.com/mcp"})
	fmt.Println(err)
	// Output: google: GOOGLE_CLIENT_ID is not set; register a confidential web client at the issuer and set it
}
