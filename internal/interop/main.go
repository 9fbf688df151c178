// Command interop lets MCP clients of other makers sign in to migrated servers:
// the TypeScript SDK in both its major versions, and mcp-remote. Each signs in
// once, calls a tool, loses its access token and has to refresh. They do so where
// users sign in on the local page, and where they do at an OpenID Connect issuer
// of another maker, oidc-provider.
//
// It needs Node.js and a copy of testdata/interop in which npm install was run:
//
//	go run ./internal/interop -clients DIR
//
// With -conformance it takes the two SDKs' own conformance servers instead, runs the
// official conformance suite against each before and after the migration, and
// compares scenario by scenario: a migration must not change what MCP does.
//
// With -strict a strict OAuth client library and the suite's scenarios for
// authorization servers try ours. With -emulate users sign in at GitHub and Google as
// emulate has them, and with -dex PROGRAM at a dex that changes its keys, for two
// minutes; to build one, in an empty module with GOFLAGS=-mod=mod:
//
//	go get github.com/dexidp/dex@v0.0.0-20260303133905-11d2eeb52b42
//	go build github.com/dexidp/dex/cmd/dex
//
// With -screens DIR the pages that people see are checked in a browser; see docs/pages.
//
// As -robot URL it is the browser of those clients: it signs in at the
// authorization URL and prints the callback URL.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
)

// devCode is what the local sign-in page of the migrated servers asks for.
const devCode = "interop-code"

func main() {
	clients := flag.String("clients", "", "`folder` with a copy of testdata/interop and its node_modules")
	conformance := flag.Bool("conformance", false, "run the conformance suite before and after a migration")
	authURL := flag.String("robot", "", "sign in at this authorization `URL` and print the callback URL")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	if err := run(ctx, *clients, *authURL, *conformance); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}

// answersOf is what user types: on the local page, or on the issuer's, which
// takes any password.
func answersOf(user string) map[string]string {
	return map[string]string{"user": user, "code": devCode, "login": user, "password": "any"}
}

func run(ctx context.Context, clients, authURL string, conformance bool) error {
	if authURL != "" {
		callback, err := robot.SignIn(ctx, nil, authURL, answersOf("ada"))
		if err != nil {
			return err
		}
		fmt.Println(callback)
		return nil
	}
	if m := chosen(); m != nil {
		return m.run(ctx, clients)
	}
	if clients == "" {
		return fmt.Errorf("say where the clients are: -clients DIR (see testdata/interop)")
	}
	if conformance {
		return compareAll(ctx, clients)
	}
	for _, name := range []string{"mcpgo-start", "gosdk-listen"} {
		if err := meet(ctx, name, clients, devWay); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := meet(ctx, name, clients, oidcWay); err != nil {
			return fmt.Errorf("%s behind an issuer: %w", name, err)
		}
	}
	return nil
}
