package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/peers"
)

// What the tools of the servers demand, and the arguments of the one that writes.
const (
	readScope, writeScope = "notes:read", "notes:write"
	deleteArgs            = `{"text":"nothing that is there"}`
)

// A house is a migrated server that runs twice: with tokens that outlast every
// client, and with tokens that end soon.
type house struct {
	server     servers.Server
	way        *way
	url, short string
	processes  []*probe.Process
	tmp        string
}

// shortLife is how long tokens last at the second process.
const shortLife = 2 * time.Second

// A way is how the users of a migrated server sign in.
type way struct {
	name  string
	flags []string // of migrate
	env   []string // of the server
	stop  func()
	check func(ctx context.Context, url string) error // what must hold after all clients have been there
}

// prepareWay makes a way for a server whose URLs are known: issuers ask for them.
type prepareWay func(ctx context.Context, folder string, resources ...string) (*way, error)

// devWay is the local sign-in page.
func devWay(context.Context, string, ...string) (*way, error) {
	return &way{
		name:  "the local page",
		flags: []string{"--provider", "dev"},
		env:   []string{"MCP_DEV_CODE=" + devCode},
		stop:  func() {},
		check: func(context.Context, string) error { return nil },
	}, nil
}

// open migrates a server and starts it.
func open(ctx context.Context, name, folder string, prepare prepareWay) (*house, error) {
	s, err := servers.Find(name)
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "mcp-migrate-interop-")
	if err != nil {
		return nil, err
	}
	h := &house{server: s, tmp: tmp}
	if err := h.open(ctx, folder, prepare); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func (h *house) open(ctx context.Context, folder string, prepare prepareWay) error {
	var ports [2]int
	for i := range ports {
		var err error
		if ports[i], err = probe.FreePort(); err != nil {
			return err
		}
	}
	h.url, h.short = h.server.URL(ports[0]), h.server.URL(ports[1])
	w, err := prepare(ctx, folder, h.url, h.short)
	if err != nil {
		return err
	}
	h.way = w
	for i, life := range []time.Duration{time.Hour, shortLife} {
		if err := h.start(ctx, ports[i], life); err != nil {
			return err
		}
	}
	return nil
}

// start migrates a copy and starts it. The port is a constant in some servers, so
// each has its copy; what was built for one is there for the next.
func (h *house) start(ctx context.Context, port int, life time.Duration) error {
	dir := filepath.Join(h.tmp, life.String(), h.server.Name)
	flags := append([]string{"--scopes", readScope, "--tool-scopes", "delete_note=" + writeScope}, h.way.flags...)
	if err := migrate(ctx, h.server, dir, port, flags); err != nil {
		return err
	}
	if err := endTokensAfter(dir, life); err != nil {
		return err
	}
	args, env := h.server.Run(port)
	env = append(append(env, h.way.env...), "MCP_RESOURCE_URL="+h.server.URL(port))
	p, err := probe.Start(ctx, probe.Options{Dir: dir, Args: args, Env: env, Addr: h.server.Addr(port)})
	if err != nil {
		return err
	}
	h.processes = append(h.processes, p)
	return nil
}

// site is what a client of a user finds there.
func (h *house) site(user string) peers.Site {
	return peers.Site{
		URL: h.url, Short: h.short, Life: shortLife, Answers: answersOf(user),
		Read: h.server.ReadOnly, Write: "delete_note", Args: h.server.Delete, Scopes: []string{readScope, writeScope},
	}
}

func (h *house) String() string {
	return fmt.Sprintf("%s, sign-in at %s", h.server.Name, h.way.name)
}

// output is what the server last printed.
func (h *house) output() string {
	all := ""
	for _, p := range h.processes {
		all += p.Output()
	}
	return all
}

func (h *house) close() {
	for _, p := range h.processes {
		p.Stop()
	}
	if h.way != nil {
		h.way.stop()
	}
	os.RemoveAll(h.tmp)
}
