package dev_test

import (
	"fmt"
	"io"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
)

// On one machine anybody who sees the terminal signs in, under any name.
func ExampleNew() {
	p, err := dev.New(dev.Config{Resource: "http://localhost:8080/mcp", Out: io.Discard}) // prints the code on os.Stderr otherwise
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Name(), p.LocalOnly())
	_, err = dev.New(dev.Config{Resource: "https://mcp.example.com/mcp", Out: io.Discard})
	fmt.Println(err)
	// Output:
	// dev true
	// dev provider: it signs in anybody at this machine, so it refuses resource "https://mcp.example.com/mcp"; use a loopback URL such as http://localhost:8080/mcp, or another provider
}
