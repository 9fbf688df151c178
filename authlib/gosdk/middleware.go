package gosdk

import (
	"context"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// middleware is the second check. It makes authlib.FromContext work in handlers:
// on a session the context that they get is the first request's, so the caller is
// taken from the request itself.
func (g *Guard) middleware(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		op := operation(method, req)
		d, local := decision(ctx, req)
		if local {
			return g.serveLocal(ctx, next, method, req, op)
		}
		if err := g.decider(d).Check(ctx, d, op); err != nil {
			return nil, wireError(err)
		}
		ctx = authlib.NewContext(ctx, d.Principal())
		res, err := next(ctx, method, req)
		if err != nil {
			return res, err
		}
		return g.filter(res, func(op authlib.Operation) bool { return d.Guard().Authorize(ctx, d.Principal(), op) == nil }), nil
	}
}

// serveLocal serves a caller that did not come over HTTP.
func (g *Guard) serveLocal(ctx context.Context, next mcp.MethodHandler, method string, req mcp.Request, op authlib.Operation) (mcp.Result, error) {
	caller := g.local(ctx)
	if err := g.core.CheckLocal(caller, op); err != nil {
		return nil, wireError(err)
	}
	if p, asked := authlib.StdioPrincipal(caller); asked {
		ctx = authlib.NewContext(ctx, p)
	}
	res, err := next(ctx, method, req)
	if err != nil {
		return res, err
	}
	return g.filter(res, func(op authlib.Operation) bool { return g.core.CheckLocal(caller, op) == nil }), nil
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
