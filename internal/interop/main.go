// Command interop lets MCP clients of other makers meet migrated servers: the
// clients of both Go SDKs, the TypeScript SDK in both its major versions, mcp-remote
// and the command line of the Inspector. Each signs in and calls, refreshes, steps up
// to a tool that needs more scopes, and has its sign-in revoked. They do so where users
// sign in on the local page, and where they do at an OpenID Connect issuer of another
// maker, oidc-provider. It prints a table of what each did, with what is known that
// a client can't do; anything else than that is an error. At last one of them calls
// from ten sides at once while tokens end.
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
// As -robot URL it is the browser of those clients: it signs in at the authorization
// URL and prints the callback URL. With the URL alone, as $BROWSER is called, it
// goes to the callback as well.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// devCode is what the local sign-in page of the migrated servers asks for.
const devCode = "interop-code"

func main() {
	folder := flag.String("clients", "", "`folder` with a copy of testdata/interop and its node_modules")
	conformance := flag.Bool("conformance", false, "run the conformance suite before and after a migration")
	authURL := flag.String("robot", "", "sign in at this authorization `URL` and print the callback URL")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	if err := run(ctx, *folder, *authURL, flag.Arg(0), *conformance); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, folder, authURL, page string, conformance bool) error {
	switch {
	case page != "":
		return browse(ctx, page)
	case authURL != "":
		callback, err := signIn(ctx, authURL)
		if err == nil {
			fmt.Println(callback)
		}
		return err
	case chosen() != nil:
		defer removeTool()
		return chosen().run(ctx, folder)
	case folder == "":
		return fmt.Errorf("say where the clients are: -clients DIR (see testdata/interop)")
	}
	defer removeTool()
	if conformance {
		return compareAll(ctx, folder)
	}
	return matrix(ctx, folder)
}
