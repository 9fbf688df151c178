package gosdk

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// A Request is one that names what it wants: a tool, a prompt or a resource.
type Request interface {
	*mcp.CallToolRequest | *mcp.GetPromptRequest | *mcp.ReadResourceRequest
	mcp.Request
}

// Require returns a handler that runs h for callers who satisfy rule, and refuses
// the others: the rule stands beside the handler, and holds whatever the policy
// says of it. The policy holds as well, so that a rule can only take something away.
// It is checked by the guard that let the request through, on every transport;
// without one (no guard, or a stdio server without [Guard.Stdio]) nobody has decided
// who is calling, and every call is refused. [RequireFor] is for handlers with typed
// arguments.
//
// A refusal is a JSON-RPC error. It makes no client sign in or ask for more scope,
// and lists show the tool all the same: that is the policy's part. What a rule can
// say is at [authlib.Rule]; see [authlib.Decision.Require].
func Require[R Request, Result any](rule authlib.Rule, h func(context.Context, R) (Result, error)) func(context.Context, R) (Result, error) {
	return func(ctx context.Context, r R) (Result, error) {
		if err := require(ctx, r, rule); err != nil {
			var none Result
			return none, wireError(err)
		}
		return h(ctx, r)
	}
}

// RequireFor is [Require] for what [mcp.AddTool] takes. From go-sdk v1.2.0 on a
// refusal is a JSON-RPC error; before it is a result that is marked as an error.
func RequireFor[In, Out any](rule authlib.Rule, h mcp.ToolHandlerFor[In, Out]) mcp.ToolHandlerFor[In, Out] {
	return func(ctx context.Context, r *mcp.CallToolRequest, in In) (*mcp.CallToolResult, Out, error) {
		if err := require(ctx, r, rule); err != nil {
			var none Out
			return nil, none, wireError(err)
		}
		return h(ctx, r, in)
	}
}

// require takes the decision from the request, not from the context: that one is
// another request's where no middleware of ours has been.
func require[R Request](ctx context.Context, r R, rule authlib.Rule) error {
	op, ok := wanted(r)
	if !ok {
		return &authlib.DeniedError{Err: authlib.ErrForbidden}
	}
	d, local := decision(ctx, r)
	if local {
		return authlib.RequireStdio(ctx, op, rule)
	}
	return d.Require(ctx, op, rule)
}

// wanted says what r does, in the terms of authlib.Decision.Operations. ok is false
// for a request that nothing has been decoded into.
func wanted[R Request](r R) (op authlib.Operation, ok bool) {
	switch r := any(r).(type) {
	case *mcp.CallToolRequest:
		if r != nil && r.Params != nil {
			return authlib.Operation{Method: "tools/call", Name: r.Params.Name}, true
		}
	case *mcp.GetPromptRequest:
		if r != nil && r.Params != nil {
			return authlib.Operation{Method: "prompts/get", Name: r.Params.Name}, true
		}
	case *mcp.ReadResourceRequest:
		if r != nil && r.Params != nil {
			return authlib.Operation{Method: "resources/read", Name: r.Params.URI}, true
		}
	}
	return op, false
}
