package mcpgo

import (
	"context"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// Stdio verifies the credential that the environment of the process holds, once,
// and returns a Guard for servers that are served over stdio: what reaches them
// over stdio or from within the process is served to whom the credential belongs
// to, as the policy has it. An empty credential, and one that the verifier does not
// accept, is an error, which never holds it.
//
// The caller is the same until the process ends or the credential does: one that is
// revoked meanwhile is refused at the next start. A server may be served over HTTP
// as well, by g.
func (g *Guard) Stdio(ctx context.Context, credential string) (*Guard, error) {
	caller, err := g.core.AuthenticateStdio(ctx, credential)
	if err != nil {
		return nil, err
	}
	stdio := New(g.core)
	stdio.caller = caller
	return stdio, nil
}

// checkLocal is the second check of what came over stdio or from within the
// process. The context it returns carries the caller, if there is one.
func (g *Guard) checkLocal(ctx context.Context, op authlib.Operation) (context.Context, error) {
	if g.caller == nil {
		return ctx, g.core.CheckLocal(ctx, op)
	}
	return authlib.NewStdioContext(ctx, g.caller), g.core.CheckLocal(g.caller, op)
}

// localCaller returns who the local callers of ctx are; ok is false where they are
// not asked.
func (g *Guard) localCaller(ctx context.Context) (p *authlib.Principal, ok bool) {
	if g.caller != nil {
		ctx = g.caller
	}
	return authlib.StdioPrincipal(ctx)
}

// asked reports whether local callers of ctx are asked who they are.
func (g *Guard) asked(ctx context.Context) bool {
	_, asked := g.localCaller(ctx)
	return asked
}
