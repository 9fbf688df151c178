// Package mcpgo guards servers built with github.com/mark3labs/mcp-go. It checks each
// HTTP request before the SDK reads it, and what the SDK is about to run inside the SDK
// again, as far as its version has hooks. It does not see clients' notifications and
// answers inside the SDK.
//
// The HTTP guard ([Guard.At], [Guard.Mount], [Guard.Handler], [Guard.Protect])
// authenticates and decides. [Guard.Server] adds the same check inside the SDK,
// so that a way into the server that goes past the HTTP guard leads nowhere. What
// the SDK's version has no hook for is checked by the HTTP guard alone; see
// [Guard.Coverage].
//
// # What it does not do
//
// The SDK shows nobody its clients' notifications and answers, so these are checked over
// HTTP only; see [Guard.Server]. Stdio and in-process sessions stay open unless
// [Guard.Stdio] is used. Log messages are not filtered by caller. What a handler does with
// other people's data is the handler's.
package mcpgo

import (
	"context"
	"net/http"
	"reflect"
	"sync"

	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// A Guard guards mcp-go servers. Its methods may be called concurrently, as long
// as no server that is being set up serves requests already.
type Guard struct {
	core   *authlib.Guard
	caller context.Context // of Stdio: the caller of everything local; else nil

	mu    sync.Mutex
	done  map[*server.MCPServer]bool
	order []*server.MCPServer // of done, oldest first
}

// String keeps the keys of the core guard out of logs.
func (g *Guard) String() string { return "mcpgo.Guard(" + g.core.Resource() + ")" }

// GoString is String, for %#v.
func (g *Guard) GoString() string { return g.String() }

// New returns a Guard that decides by g.
func New(g *authlib.Guard) *Guard {
	if g != nil { // as it is for Check
		g.DeferResources()
	}
	return &Guard{core: g, done: map[*server.MCPServer]bool{}}
}

// maxServers bounds how many servers are remembered as set up. A program that
// makes one per request would keep them all alive otherwise; setting up one that
// was forgotten checks twice, which changes nothing.
const maxServers = 1024

// Server adds the check to a finished server, whose other options, hooks and
// middleware are all set, and returns it. A second call for the same server does
// nothing. Call it where the transport is made, before anything is served.
//
// From then on the server refuses every request that g did not let through, on
// every transport but two, which lead to callers that share the process's own
// trust: stdio (the MCP specification keeps it outside of OAuth: Authorization,
// Protocol Requirements) and mcp-go's in-process sessions. They are told apart by
// the concrete type of their session, and stay open unless g is one of
// [Guard.Stdio] or their context one of [authlib.Guard.AuthenticateStdio]. A server
// belongs to one Guard, besides one of [Guard.Stdio].
//
// The SDK shows nobody its clients' notifications and answers, so those are
// guarded over HTTP only: mount a transport behind the guard, and nowhere else. What
// gets in elsewhere belongs to no caller's session, and can neither answer for
// somebody nor cancel anything of theirs; handlers that the program set with
// AddNotificationHandler run for it all the same.
//
// Where the policy names a resource by a template only, s is asked for its lists of
// resources and templates first, to see what it would serve (see [authlib.Policy]);
// the program's own hooks see these requests.
func (g *Guard) Server(s *server.MCPServer) *server.MCPServer {
	if !g.first(s) {
		return s
	}
	g.hookTools(s)
	g.hookFilter(s)
	g.hookPrompts(s)
	g.hookResources(s)
	g.hookInit(s)
	g.hookCache(s)
	return s
}

func (g *Guard) first(s *server.MCPServer) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.done[s] {
		return false
	}
	if len(g.order) == maxServers {
		delete(g.done, g.order[0])
		g.order = g.order[1:]
	}
	g.done[s], g.order = true, append(g.order, s)
	return true
}

// Protect is [authlib.Guard.Protect] for an mcp-go transport.
func (g *Guard) Protect(h http.Handler) http.Handler { return g.core.Protect(g.screen(h)) }

// Handler is [authlib.Guard.Handler] for an mcp-go transport.
func (g *Guard) Handler(path string, h http.Handler) http.Handler {
	return g.core.Handler(path, g.screen(h))
}

// Public is [authlib.Guard.Public].
func (g *Guard) Public(handle func(path string, h http.Handler)) { g.core.Public(handle) }

// Mount is [authlib.Guard.Mount] for an mcp-go transport.
func (g *Guard) Mount(mux *http.ServeMux, pattern string, h http.Handler) {
	g.core.Mount(mux, pattern, g.screen(h))
}

const sessionHeader = "Mcp-Session-Id"

// screen stops what the SDK would serve wrongly. Strangers get no lists that this
// SDK version gives no way to filter: they would name what the policy hides from
// them. And a stream needs a session: without one, a stateless transport lets all
// its streams share a single one, so that callers would get each other's messages;
// for the same reason each caller's other requests get one of their own.
func (g *Guard) screen(next http.Handler) http.Handler {
	streamable := isStreamable(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if streamable && r.Method == http.MethodGet && r.Header.Get(sessionHeader) == "" {
			w.Header().Set("Allow", "POST")
			http.Error(w, "a stream needs a session", http.StatusMethodNotAllowed)
			return
		}
		if d, ok := authlib.Decided(r.Context()); ok {
			separate(r, d)
			if err := g.unhooked(r.Context(), d); err != nil {
				g.core.Deny(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// unhooked decides on what no hook of this SDK version will: the lists that it
// can't filter, and which resource it would serve.
func (g *Guard) unhooked(ctx context.Context, d *authlib.Decision) error {
	if hasInit && d.Principal() != nil {
		return nil
	}
	for _, op := range d.Operations() {
		if d.Principal() == nil && unfiltered(op.Method) {
			return &authlib.DeniedError{Operation: op, Err: authlib.ErrUnauthenticated}
		}
		if hasInit {
			continue
		}
		if err := d.Guard().AuthorizeRegistered(d.Principal(), op, g.registeredAnywhere(ctx)); err != nil {
			return err
		}
	}
	return nil
}

func unfiltered(method string) bool {
	switch method {
	case "tools/list":
		return !hasFilter && !hasInit
	case "prompts/list":
		return !hasPrompts && !hasInit
	case "resources/list", "resources/templates/list":
		return !hasInit
	}
	return false
}

// check is the second check. The context it returns carries the caller, whatever
// the program's own context functions made of it.
func (g *Guard) check(ctx context.Context, op authlib.Operation) (context.Context, error) {
	if local(ctx) {
		ctx, err := g.checkLocal(ctx, op)
		if err != nil {
			g.core.AuditRefusal(ctx, nil, err)
			return ctx, refusal{err}
		}
		return ctx, nil
	}
	d, _ := authlib.Decided(ctx)
	core := g.decider(d)
	if err := core.Check(ctx, d, op); err != nil {
		core.AuditRefusal(ctx, d, err)
		return ctx, refusal{err}
	}
	if p, ok := authlib.FromContext(ctx); ok && p == d.Principal() {
		return ctx, nil
	}
	return authlib.NewContext(ctx, d.Principal()), nil
}

// checkOn is check for a server that is known, by whose resources it decides.
func (g *Guard) checkOn(ctx context.Context, s *server.MCPServer, op authlib.Operation) error {
	core, p, err := g.judge(ctx, op)
	if err == nil && core != nil { // else nobody asks who they are
		err = core.AuthorizeRegistered(p, op, func() (authlib.Registry, error) { return registered(ctx, s) })
	}
	if err != nil {
		d, _ := authlib.Decided(ctx)
		g.decider(d).AuditRefusal(ctx, d, err)
	}
	return err
}

// judge is the second check without what the registry says. core is the guard that
// decides about the caller p; nil where nobody asks who the caller is.
func (g *Guard) judge(ctx context.Context, op authlib.Operation) (core *authlib.Guard, p *authlib.Principal, err error) {
	if local(ctx) {
		ctx, err = g.checkLocal(ctx, op)
		if p, ok := g.localCaller(ctx); ok {
			return g.core, p, err
		}
		return nil, nil, err
	}
	d, _ := authlib.Decided(ctx)
	core = g.decider(d)
	if err := core.Check(ctx, d, op); err != nil {
		return nil, nil, err
	}
	return core, d.Principal(), nil
}

// usable reports whether the caller may use what op names, as a list does.
func (g *Guard) usable(ctx context.Context, op authlib.Operation) bool {
	if local(ctx) {
		p, asked := g.localCaller(ctx)
		_, err := g.checkLocal(ctx, op)
		return err == nil && (!asked || g.core.AuthorizeItem(ctx, p, op) == nil)
	}
	d, ok := authlib.Decided(ctx)
	return ok && d.Guard() == g.decider(d) && d.Guard().AuthorizeItem(ctx, d.Principal(), op) == nil
}

// keep returns those items that the caller may use, in a new slice.
func keep[T any](ctx context.Context, g *Guard, method string, items []T, name func(T) string) []T {
	op := func(t T) authlib.Operation { return authlib.Operation{Method: method, Name: name(t)} }
	return authlib.Filter(items, op, func(op authlib.Operation) bool { return g.usable(ctx, op) })
}

// local reports whether ctx belongs to a stdio or in-process session of mcp-go.
func local(ctx context.Context) bool {
	s := server.ClientSessionFromContext(ctx)
	return s != nil && localSession(s)
}

func localSession(s server.ClientSession) bool {
	t := reflect.TypeOf(s)
	if t.Kind() != reflect.Pointer || t.Elem().PkgPath() != reflect.TypeFor[server.MCPServer]().PkgPath() {
		return false
	}
	return t.Elem().Name() == "stdioSession" || t.Elem().Name() == "InProcessSession"
}

// A refusal is what the SDK sends to the caller: nothing about the operation.
type refusal struct{ err error }

func (r refusal) Error() string {
	if d, ok := r.err.(*authlib.DeniedError); ok {
		_, message := d.Public()
		return message
	}
	return "forbidden"
}

func (r refusal) Unwrap() error { return r.err }
