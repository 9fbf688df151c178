package main

import (
	"context"
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// strict lets oauth4webapi, a client library that refuses what the standards
// don't allow, try the broker: in a migrated server, and in this process, where
// the clock can be set forward, with the issuer at the origin and with a path.
// Then the official conformance suite tries the same migrated server.
func strict(ctx context.Context, clients string) error {
	m, err := migrated(ctx, "mcpgo-start", "dev")
	if err != nil {
		return err
	}
	defer m.stop()
	if err := tryStrictly(ctx, clients, "a migrated server", m.url, nil); err != nil {
		return fmt.Errorf("%w\noutput of the server:\n%s", err, m.proc.Output())
	}
	if err := conform(ctx, clients, m.url); err != nil {
		return fmt.Errorf("%w\noutput of the server:\n%s", err, m.proc.Output())
	}
	for what, path := range map[string]bool{"an issuer at its origin": false, "an issuer with a path": true} {
		b, err := newBed(bedOptions{path: path})
		if err != nil {
			return err
		}
		defer b.srv.Close()
		if err := tryStrictly(ctx, clients, what, b.resource, b); err != nil {
			return err
		}
	}
	return nil
}

// tryStrictly runs the script against the server at resource. b is nil where its
// clock is not ours.
func tryStrictly(ctx context.Context, clients, what, resource string, b *bed) error {
	hand := b.hand()
	defer hand.Close()
	clock := "theirs"
	if b != nil {
		clock = "ours"
	}
	r, err := probe.Run(ctx, clients, nil, "node", "strict.mjs", resource, hand.URL, clock)
	if err != nil {
		return err
	}
	fmt.Printf("a strict client at %s:\n%s", what, r.Stdout)
	if r.Code != 0 {
		return fmt.Errorf("a strict client at %s: exit code %d\n%s", what, r.Code, r.Stderr)
	}
	return nil
}
