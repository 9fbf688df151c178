package gosdk

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// middleware is the second check. It makes authlib.FromContext and authlib.Decided
// work in handlers: on a session the context that they get is the first request's,
// so the caller is taken from the request itself.
func (g *Guard) middleware(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if asking(ctx) {
			return next(ctx, method, req)
		}
		d, local := decision(ctx, req)
		if local {
			return g.serveLocal(ctx, next, method, req)
		}
		core := g.decider(d)
		err := each(method, req, func(op authlib.Operation) error {
			if err := core.Check(ctx, d, op); err != nil {
				return err
			}
			return core.AuthorizeRegistered(d.Principal(), op, func() (authlib.Registry, error) { return registered(ctx, next, req) })
		})
		if err != nil {
			core.AuditRefusal(ctx, d, err)
			return nil, wireError(err)
		}
		ctx = d.NewContext(ctx)
		res, err := next(ctx, method, req)
		if err != nil {
			return res, err
		}
		return g.filter(res, func(op authlib.Operation) bool { return core.AuthorizeItem(ctx, d.Principal(), op) == nil }), nil
	}
}

// serveLocal serves a caller that did not come over HTTP.
func (g *Guard) serveLocal(ctx context.Context, next mcp.MethodHandler, method string, req mcp.Request) (mcp.Result, error) {
	caller := g.local(ctx)
	p, asked := authlib.StdioPrincipal(caller)
	if !asked {
		return next(ctx, method, req)
	}
	err := each(method, req, func(op authlib.Operation) error {
		if err := g.core.CheckLocal(caller, op); err != nil {
			return err
		}
		return g.core.AuthorizeRegistered(p, op, func() (authlib.Registry, error) { return registered(ctx, next, req) })
	})
	if err != nil {
		g.core.AuditRefusal(caller, nil, err)
		return nil, wireError(err)
	}
	ctx = authlib.NewStdioContext(ctx, caller)
	res, err := next(ctx, method, req)
	if err != nil {
		return res, err
	}
	return g.filter(res, func(op authlib.Operation) bool { return g.core.AuthorizeItem(ctx, p, op) == nil }), nil
}

// each runs check for everything that req does, up to the first error.
func each(method string, req mcp.Request, check func(authlib.Operation) error) error {
	if method != "subscriptions/listen" {
		return check(operation(method, req))
	}
	// Its parameters have no type in older versions of the SDK.
	raw, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": req.GetParams()})
	if err != nil {
		return err
	}
	ops, err := authlib.Operations(raw)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if err := check(op); err != nil {
			return err
		}
	}
	return nil
}

// decision returns the guard's decision about req; nil when it passed none. local
// means that req did not come over HTTP at all.
func decision(ctx context.Context, req mcp.Request) (d *authlib.Decision, local bool) {
	extra := req.GetExtra()
	if extra == nil {
		// The SDK's SSE transport gives no Extra either, but its context is an HTTP one.
		return nil, ctx.Value(http.ServerContextKey) == nil
	}
	if extra.TokenInfo != nil {
		d, _ = extra.TokenInfo.Extra[decisionKey].(*authlib.Decision)
	}
	return d, false
}

// operation says what req does, in the terms of authlib.Decision.Operations.
func operation(method string, req mcp.Request) authlib.Operation {
	op := authlib.Operation{Method: method}
	switch p := req.GetParams().(type) {
	case *mcp.CallToolParamsRaw:
		op.Name = p.Name
	case *mcp.GetPromptParams:
		op.Name = p.Name
	case *mcp.ReadResourceParams:
		op.Name = p.URI
	case *mcp.SubscribeParams:
		op.Name = p.URI
	case *mcp.UnsubscribeParams:
		op.Name = p.URI
	case *mcp.CompleteParams:
		return completion(p)
	}
	return op
}

// completion is getting or reading what its ref names.
func completion(p *mcp.CompleteParams) authlib.Operation {
	switch {
	case p.Ref == nil:
		return authlib.Operation{}
	case p.Ref.Type == "ref/prompt":
		return authlib.Operation{Method: "prompts/get", Name: p.Ref.Name}
	}
	return authlib.Operation{Method: "resources/read", Name: p.Ref.URI}
}
