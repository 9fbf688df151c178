package main

import (
	"context"
	"errors"
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

// shortLife is how long tokens last at the second process: on a busy machine a client
// may need seconds to use what it got.
const shortLife = 4 * time.Second

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
	bin, err := h.build(ctx)
	if err != nil {
		return err
	}
	return errors.Join(h.start(ctx, bin, ports[0], time.Hour), h.start(ctx, bin, ports[1], shortLife))
}

// build migrates a copy and builds it. It takes its address from a flag, so that one
// program does for both processes.
func (h *house) build(ctx context.Context) (bin string, err error) {
	if h.server.Listen != servers.ByFlag {
		return "", fmt.Errorf("%s takes no address from a flag", h.server.Name)
	}
	dir := filepath.Join(h.tmp, h.server.Name)
	flags := append([]string{"--scopes", readScope, "--tool-scopes", "delete_note=" + writeScope}, h.way.flags...)
	if err := migrate(ctx, h.server, dir, flags); err != nil {
		return "", err
	}
	if err := endTokensBy(dir); err != nil {
		return "", err
	}
	return probe.Build(ctx, dir, h.server.Pkg, h.tmp)
}

// start runs the program with tokens that last for life.
func (h *house) start(ctx context.Context, bin string, port int, life time.Duration) error {
	args, env := h.server.Run(port)
	env = append(append(env, h.way.env...), "MCP_RESOURCE_URL="+h.server.URL(port), lifeVariable+"="+life.String())
	p, err := probe.Start(ctx, probe.Options{Dir: h.tmp, Bin: bin, Args: args, Env: env, Addr: h.server.Addr(port)})
	if err == nil {
		h.processes = append(h.processes, p)
	}
	return err
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
