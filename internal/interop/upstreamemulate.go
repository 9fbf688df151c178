package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// emulate lets users sign in at GitHub and Google as emulate has them, code that
// knows nothing of ours. It shows that what we send is understood, and no more:
// emulate takes any token for a user's, so what has to be refused is tried with
// the stricter stand-ins of authlib/authtest.
func emulate(ctx context.Context, clients string) error {
	if err := emulatedGitHub(ctx, clients); err != nil {
		return fmt.Errorf("emulated GitHub: %w", err)
	}
	if err := emulatedGoogle(ctx, clients); err != nil {
		return fmt.Errorf("emulated Google: %w", err)
	}
	return nil
}

// An emulator is a running emulate with one service.
type emulator struct {
	url  *url.URL
	proc *probe.Process
}

func (e *emulator) stop() { e.proc.Stop() }

// startEmulator starts one that believes to be at base.
func startEmulator(ctx context.Context, clients, tmp, service, seed, base string) (*emulator, error) {
	file := filepath.Join(tmp, "seed.yaml")
	if err := os.WriteFile(file, []byte(seed), 0o600); err != nil {
		return nil, err
	}
	node, err := newerNode(clients)
	if err != nil {
		return nil, err
	}
	port, err := probe.FreePort()
	if err != nil {
		return nil, err
	}
	addr := "127.0.0.1:" + strconv.Itoa(port)
	proc, err := probe.Start(ctx, probe.Options{
		Dir: clients, Bin: node, Addr: addr,
		Args: []string{"node_modules/emulate/dist/index.js", "start", "-p", strconv.Itoa(port), "-s", service, "--seed", file, "--base-url", base},
	})
	return &emulator{url: &url.URL{Scheme: "http", Host: addr}, proc: proc}, err
}

// visitEmulated signs in as user, who is chosen by that field of the emulator's
// form, calls, refreshes and calls again; other is refused.
func visitEmulated(ctx context.Context, r *running, browser *http.Client, field, user, other string) error {
	v, err := newVisitor(ctx, r, browser)
	if err != nil {
		return err
	}
	got, err := v.signIn(ctx, map[string]string{field: user})
	if err != nil {
		return fmt.Errorf("%w\noutput of the server:\n%s", err, r.proc.Output())
	}
	if err := v.call(ctx, got.Access, false); err != nil {
		return err
	}
	next, err := v.refresh(ctx, got.Refresh)
	if err != nil {
		return err
	}
	if err := v.call(ctx, next.Access, false); err != nil {
		return err
	}
	if err := v.call(ctx, next.Access+"x", true); err != nil {
		return err
	}
	if _, err := v.signIn(ctx, map[string]string{field: other}); err == nil || !strings.Contains(err.Error(), "access_denied") {
		return fmt.Errorf("a user whom no rule names: %v, want access_denied", err)
	}
	fmt.Printf("%s, users of an emulated provider: %s signed in, called and refreshed; %s was refused\n", r.Name, user, other)
	return nil
}
