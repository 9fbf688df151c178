package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/prove"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// byYourself is what to do where --prove can't.
const byYourself = "leave --prove out, start the program and use mcp-migrate verify --url"

// provable says how the program can be started, before anything is written: a
// proof that can't be made must not come as a surprise after it.
func (r *migration) provable() (*prove.Options, error) {
	if err := provableProvider(r.answers.Provider); err != nil {
		return nil, err
	}
	served, err := r.proofRoute()
	if err != nil {
		return nil, usagef("--prove: %w; %s", err, byYourself)
	}
	launch, err := r.an.result.Launch(served.route)
	if err != nil {
		return nil, usagef("--prove: %w; %s", err, byYourself)
	}
	o, err := r.proofOptions(launch, served.path)
	if err != nil {
		return nil, usagef("--prove: %w; %s", err, byYourself)
	}
	return o, nil
}

// provableProvider refuses providers with which nobody can sign in on their own.
func provableProvider(providers []string) error {
	if p := strings.Join(providers, ","); p != "dev" {
		return usagef("--prove: not supported yet with --provider %s, where nobody can sign in without an account; %s", wizard.Printable(p), byYourself)
	}
	return nil
}

// A servedAt is the route that a proof calls.
type servedAt struct {
	route *analyze.Route
	path  string // of the MCP endpoint
}

// proofRoute returns the first route of the only server that is migrated.
func (r *migration) proofRoute() (*servedAt, error) {
	var found *servedAt
	var server *analyze.Server
	for _, s := range r.an.result.Servers {
		if !r.selected(s.ID) {
			continue
		}
		for _, t := range s.Transports {
			if t.Kind != sdk.KindStreamable || t.Verdict == analyze.Protected || len(t.Routes) == 0 {
				continue
			}
			if server != nil && server != s {
				return nil, fmt.Errorf("the servers %s and %s are migrated, and only one is supported yet; choose one with --server, or",
					wizard.Printable(server.ID), wizard.Printable(s.ID))
			}
			if found == nil {
				server, found = s, &servedAt{t.Routes[0], endpointPath(t, t.Routes[0])}
			}
		}
	}
	if found == nil {
		return nil, errors.New("no place was found where a server is served over streamable HTTP")
	}
	if found.path == "" {
		return nil, fmt.Errorf("the path of the MCP endpoint at %s is no constant", found.route.Site.ID(r.an.result.Program.Fset))
	}
	return found, nil
}

func (r *migration) selected(id string) bool {
	for _, s := range r.answers.Servers {
		if s == id {
			return true
		}
	}
	return len(r.answers.Servers) == 0
}

// endpointPath returns the path at which a route serves MCP, "" when it is not
// known. A handler that is served without a mux answers at every path.
func endpointPath(t *analyze.Transport, r *analyze.Route) string {
	switch r.Kind {
	case analyze.RouteStart:
		return t.Path
	case analyze.RouteMount:
		if !strings.HasPrefix(r.Pattern, "/") || strings.ContainsAny(strings.TrimSuffix(r.Pattern, "{$}"), "{}") {
			return ""
		}
		return "/" + strings.Trim(strings.TrimSuffix(r.Pattern, "{$}"), "/")
	case analyze.RouteListen, analyze.RouteServer:
		return "/mcp"
	case analyze.RouteOther:
		if r.Mounting != nil && strings.HasPrefix(r.Mounting.Path, "/") && !strings.ContainsAny(r.Mounting.Path, ":*{") {
			return "/" + strings.Trim(r.Mounting.Path, "/")
		}
	}
	return ""
}

// proofOptions chooses a free port where the program takes one; otherwise its own
// is used, and that is said.
func (r *migration) proofOptions(l *analyze.Launch, path string) (*prove.Options, error) {
	root := r.an.root()
	if l.Pkg.Module != nil {
		root = l.Pkg.Module.Dir
	}
	rel, err := filepath.Rel(root, l.Pkg.Dir)
	if err != nil {
		return nil, err
	}
	o := &prove.Options{Dir: root, Pkg: "./" + strings.TrimPrefix(filepath.ToSlash(rel), "./"), Tags: r.app.tags,
		Optional: r.answers.Requirement == "optional", Public: r.publicTools()}
	host, port := "localhost", ""
	if l.Addr != "" {
		if host, port, err = loopbackOf(l.Addr); err != nil {
			return nil, err
		}
		r.app.note("note: the address %s is a constant in the source, so the program will listen there while it is called", wizard.Printable(l.Addr))
	} else {
		free, err := probe.FreePort()
		if err != nil {
			return nil, err
		}
		port = strconv.Itoa(free)
	}
	o.Addr = net.JoinHostPort(host, port)
	o.URL = "http://" + o.Addr + path
	value := o.Addr
	if l.Port {
		value = port
	}
	switch {
	case l.Flag != "":
		o.Args = []string{"-" + l.Flag + "=" + value}
	case l.Env != "":
		o.Env = []string{l.Env + "=" + value}
	}
	if len(r.answers.ToolRoles) > 0 {
		// The user who signs in is to see every tool.
		o.Env = append(o.Env, "MCP_ROLES="+rewrite.RolesFor(r.answers, "user:"+prove.User))
	}
	return o, nil
}

// publicTools returns the names of the tools that the answers make public.
func (r *migration) publicTools() []string {
	return slices.DeleteFunc(r.facts.ToolNames(r.answers), func(name string) bool {
		return !slices.ContainsFunc(r.answers.Public, func(pattern string) bool { return wizard.MatchTool(pattern, name) })
	})
}

// loopbackOf returns under which loopback address a listen address is reached.
func loopbackOf(addr string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(addr)
	if err != nil || port == "" || port == "0" {
		return "", "", fmt.Errorf("the address %s has no port", wizard.Printable(addr))
	}
	ip := net.ParseIP(host)
	switch {
	case host == "" || host == "localhost" || ip != nil && ip.IsUnspecified():
		return "localhost", port, nil
	case ip != nil && ip.IsLoopback():
		return host, port, nil
	}
	return "", "", fmt.Errorf("the address %s is not one of this machine alone, which is all that --provider dev serves", wizard.Printable(addr))
}

// proveWritten starts and calls what was written. An error says why there is no
// proof; a proof that failed is in r.proof.
func (r *migration) proveWritten(ctx context.Context, o *prove.Options) error {
	switch {
	case o == nil:
		return nil
	case len(r.plan.Manual()) > 0:
		return errors.New("manual steps are left; do them, start the program and use mcp-migrate verify --url")
	}
	var report *probe.Report
	err := r.app.working("building, starting and calling the migrated program at "+wizard.Printable(o.URL), "", func() (err error) {
		report, err = r.app.rooms.prove(ctx, *o)
		return err
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("the migrated program could not be called: %w; the change is written: start the program as you do, and use mcp-migrate verify --url", err)
	}
	r.proof = report
	return nil
}

// printProof writes the result for programs, or the proof for a person.
func (r *migration) printProof() error {
	switch {
	case r.format == "json":
		return r.printJSON(nil)
	case r.proof != nil:
		return r.app.resultReport(r.proof)
	}
	return nil
}
