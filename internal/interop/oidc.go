package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// oidcWay starts an issuer of another maker for the server at resource, and lets
// one of its users in.
func oidcWay(ctx context.Context, clients, resource string) (*way, error) {
	callback, err := url.Parse(resource)
	if err != nil {
		return nil, err
	}
	callback.Path = "/oauth/callback/oidc"
	id, secret := "interop", rand.Text()
	issuer, proc, err := startIssuer(ctx, clients, id, secret, callback.String())
	if err != nil {
		return nil, err
	}
	return &way{
		name:  "an issuer of another maker",
		flags: []string{"--provider", "oidc", "--issuer", issuer, "--allow", "user:ada@example.com"},
		env:   []string{"OIDC_ISSUER=" + issuer, "OIDC_CLIENT_ID=" + id, "OIDC_CLIENT_SECRET=" + secret},
		stop:  proc.Stop,
		check: func(ctx context.Context, url string) error {
			if err := onlyAda(ctx, url); err != nil {
				return err
			}
			return granted(proc.Output())
		},
	}, nil
}

// startIssuer starts oidc-provider with one client, whose callback is given.
func startIssuer(ctx context.Context, clients, id, secret, callback string) (issuer string, proc *probe.Process, err error) {
	port, err := probe.FreePort()
	if err != nil {
		return "", nil, err
	}
	addr := "localhost:" + strconv.Itoa(port)
	proc, err = probe.Start(ctx, probe.Options{
		Dir: clients, Bin: "node", Args: []string{"issuer.mjs", strconv.Itoa(port), id, secret, callback}, Addr: addr,
	})
	return "http://" + addr, proc, err
}

// onlyAda makes sure that another user of the issuer does not get in.
func onlyAda(ctx context.Context, url string) error {
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

// granted checks what the issuer printed: every client's user signed in there, and
// each refresh at the server was one at the issuer too, since its tokens end soon.
func granted(log string) error {
	for _, grant := range []string{"authorization_code", "refresh_token"} {
		if n := strings.Count(log, "grant: "+grant+"\n"); n < len(scripts) {
			return fmt.Errorf("the issuer granted by %s %d times, want %d or more:\n%s", grant, n, len(scripts), log)
		}
	}
	return nil
}
