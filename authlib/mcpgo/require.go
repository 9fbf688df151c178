package mcpgo

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// A Request is one that names what it wants: a tool, task tools included, a prompt
// or a resource.
type Request interface {
	mcp.CallToolRequest | mcp.GetPromptRequest | mcp.ReadResourceRequest
}

// Require returns a handler that runs h for callers who satisfy rule, and refuses
// the others: the rule stands beside the handler, and holds whatever the policy
// says of it. The policy holds as well, so that a rule can only take something away.
// It is checked by the guard that let the request through, on every transport;
// without one (no guard, or a stdio server without [Guard.Stdio]) nobody has decided
// who is calling, and every call is refused. Over stdio, task tools, and whatever
// [Guard.Coverage] says is checked by the HTTP guard only, need a context of
// [authlib.Guard.AuthenticateStdio] instead, for want of a hook in the SDK.
//
// A refusal is a JSON-RPC error. It makes no client sign in or ask for more scope,
// and lists show the tool all the same: that is the policy's part. What a rule can
// say is at [authlib.Rule]; see [authlib.Decision.Require].
func Require[R Request, Result any](rule authlib.Rule, h func(context.Context, R) (Result, error)) func(context.Context, R) (Result, error) {
	return func(ctx context.Context, r R) (Result, error) {
		if err := require(ctx, wanted(r), rule); err != nil {
			var none Result
			return none, refusal{err}
		}
		return h(ctx, r)
	}
}

func require(ctx context.Context, op authlib.Operation, rule authlib.Rule) error {
	if local(ctx) {
		return authlib.RequireStdio(ctx, op, rule)
	}
	d, _ := authlib.Decided(ctx)
	return d.Require(ctx, op, rule)
}

// wanted says what r does, in the terms of authlib.Decision.Operations.
func wanted[R Request](r R) authlib.Operation {
	switch r := any(r).(type) {
	case mcp.CallToolRequest:
		return authlib.Operation{Method: "tools/call", Name: r.Params.Name}
	case mcp.GetPromptRequest:
		return authlib.Operation{Method: "prompts/get", Name: r.Params.Name}
	case mcp.ReadResourceRequest:
		return authlib.Operation{Method: "resources/read", Name: r.Params.URI}
	}
	return authlib.Operation{}
}
