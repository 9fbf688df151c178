package main

import "github.com/mcp-migrate/mcp-migrate/internal/probe/signin"

// browser signs in at the local page of provider dev, which asks for a name and
// for the code that the server was started with.
func browser(code string) signin.Browser {
	return signin.Robot(map[string]string{"user": "ada", "code": code})
}
