package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/peers"
)

// A client is a program of another maker, and what is known of it.
type client struct {
	name   string
	script string      // in testdata/interop; "" for one in Go
	peer   peers.Maker // nil for a script
	user   string      // who signs in; signing out ends all that the same user has
	// cannot has what the client says or does, where it has no way to do a step. That
	// it suddenly can is a surprise as well.
	cannot map[string]string
}

// clients are all that a migrated server has to get along with.
var clients = []client{
	{name: "go-sdk", peer: peers.GoSDK, user: "grace"},
	{name: "mcp-go", peer: peers.MCPGo, user: "alan", cannot: map[string]string{
		peers.StepUp: `its program is told "insufficient scope", and signs in again for more`,
	}},
	{name: "TypeScript SDK 1", script: "v1.mjs", user: "ada", cannot: map[string]string{
		peers.StepUp: "Streamable HTTP error: Server returned 403 after trying upscoping",
	}},
	{name: "TypeScript SDK 2", script: "v2.mjs", user: "ada"},
	{name: "mcp-remote", script: "remote.mjs", user: "ada"},
	{name: "Inspector CLI", script: "inspector.mjs", user: "ada", cannot: map[string]string{
		peers.StepUp: "tool_not_found", // it calls only what is listed, and the list is what the user may call
		peers.Revoke: "--relogin leaves the old sign-in alone",
	}},
}

// steps are those that the client goes through. Signing out is done in the browser,
// and is no part of a script.
func (c client) steps() []string {
	all := peers.Steps()
	if c.peer == nil {
		return all[:len(all)-1]
	}
	return all
}

// meet takes the client through its steps at h.
func (c client) meet(ctx context.Context, h *house, folder string) []peers.Outcome {
	if c.peer != nil {
		return h.site(c.user).Run(ctx, c.peer)
	}
	out, err := c.run(ctx, h, folder)
	if err != nil {
		return []peers.Outcome{{Step: c.script, Err: err}}
	}
	return out
}

// run runs the client's script. Its browser is this program.
func (c client) run(ctx context.Context, h *house, folder string) ([]peers.Outcome, error) {
	r, err := script(ctx, folder, c.script, h.url, h.server.ReadOnly, "delete_note", deleteArgs)
	if err != nil {
		return nil, err
	}
	var out []peers.Outcome
	for _, line := range strings.Split(string(r.Stdout), "\n") {
		if said, ok := strings.CutPrefix(line, "step "); ok {
			name, how, _ := strings.Cut(said, ": ")
			cannot, _ := strings.CutPrefix(how, "cannot: ")
			out = append(out, peers.Outcome{Step: name, Cannot: strings.TrimPrefix(cannot, "ok")})
		}
	}
	return out, nil
}

// script runs a script of testdata/interop to its end.
func script(ctx context.Context, folder string, args ...string) (*probe.Result, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	r, err := probe.Run(ctx, folder, []string{"ROBOT=" + self}, "node", args...)
	if err == nil && r.Code != 0 {
		err = fmt.Errorf("exit code %d:\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	return r, err
}
