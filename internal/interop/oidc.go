package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// oidcWay starts an issuer of another maker for the servers at resources, and lets
// the users in that the clients sign in as.
func oidcWay(ctx context.Context, folder string, resources ...string) (*way, error) {
	var callbacks []string
	for _, resource := range resources {
		callback, err := url.Parse(resource)
		if err != nil {
			return nil, err
		}
		callback.Path = "/oauth/callback/oidc"
		callbacks = append(callbacks, callback.String())
	}
	id, secret := "interop", rand.Text()
	issuer, proc, err := startIssuer(ctx, folder, id, secret, callbacks...)
	if err != nil {
		return nil, err
	}
	return &way{
		name:  "an issuer of another maker",
		flags: []string{"--provider", "oidc", "--issuer", issuer, "--allow", allowed()},
		env:   []string{"OIDC_ISSUER=" + issuer, "OIDC_CLIENT_ID=" + id, "OIDC_CLIENT_SECRET=" + secret},
		stop:  proc.Stop,
		check: func(ctx context.Context, url string) error {
			if err := onlyAllowed(ctx, url); err != nil {
				return err
			}
			return granted(proc.Output())
		},
	}, nil
}

// allowed names the users that the clients sign in as.
func allowed() string {
	var all []string
	for _, c := range clients {
		all = append(all, "user:"+c.user+"@example.com")
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}

// startIssuer starts oidc-provider with one client, whose callbacks are given.
func startIssuer(ctx context.Context, folder, id, secret string, callbacks ...string) (issuer string, proc *probe.Process, err error) {
	port, err := probe.FreePort()
	if err != nil {
		return "", nil, err
	}
	addr := "localhost:" + strconv.Itoa(port)
	proc, err = probe.Start(ctx, probe.Options{
		Dir: folder, Bin: "node", Args: append([]string{"issuer.mjs", strconv.Itoa(port), id, secret}, callbacks...), Addr: addr,
	})
	return "http://" + addr, proc, err
}

// onlyAllowed makes sure that another user of the issuer does not get in.
func onlyAllowed(ctx context.Context, url string) error {
	s, err := signin.Connect(ctx, signin.Options{URL: url, Browser: signin.Robot(answersOf("mallory"))})
	if err == nil {
		s.Close()
		return fmt.Errorf("a user of the issuer whom no rule names signed in")
	}
	if !strings.Contains(err.Error(), "access_denied") {
		return fmt.Errorf("a user whom no rule names was refused for another reason: %w", err)
	}
	return nil
}

// granted checks what the issuer printed: every client's user signed in there. How
// often its tokens were renewed is printed and not judged: that is when they are due,
// which is not at each refresh here.
func granted(log string) error {
	count := func(grant string) int { return strings.Count(log, "grant: "+grant+"\n") }
	if n := count("authorization_code"); n < len(clients) {
		return fmt.Errorf("the issuer granted by authorization_code %d times, want %d or more:\n%s", n, len(clients), log)
	}
	fmt.Printf("the issuer renewed its tokens %d times\n", count("refresh_token"))
	return nil
}
