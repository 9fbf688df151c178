package authlib

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

// What the policy refuses stays refused, whatever the rule of the handler says, and
// so does what nobody decided on.
func TestRequireRefuses(t *testing.T) {
	g, op := newGuard(t, withPublic), func(tool string) Operation { return Operation{"tools/call", tool} }
	user := &Principal{Subject: "u", Scopes: []string{"read"}}
	write := Rule{AllScopes: []string{"write"}}
	for _, tt := range []struct {
		name string
		d    *Decision
		op   Operation
		rule Rule
		want error
	}{
		{"allowed", &Decision{g, user, []Operation{op("echo")}, 0}, op("echo"), Rule{}, nil},
		{"no decision", nil, op("echo"), Rule{}, ErrForbidden},
		{"a decision on something else", &Decision{g, user, []Operation{op("echo")}, 0}, op("hello"), Rule{}, ErrForbidden},
		{"a decision on the session", &Decision{g, user, []Operation{{"initialize", ""}}, 0}, op("echo"), Rule{}, ErrForbidden},
		{"the policy refuses", &Decision{g, user, []Operation{op("delete")}, 0}, op("delete"), Rule{}, ErrInsufficientScope},
		{"the rule refuses", &Decision{g, user, []Operation{op("echo")}, 0}, op("echo"), write, ErrInsufficientScope},
		{"a stranger", &Decision{g, nil, []Operation{op("hello")}, 0}, op("hello"), write, ErrUnauthenticated},
		{"a stranger, the zero rule", &Decision{g, nil, []Operation{op("hello")}, 0}, op("hello"), Rule{}, ErrUnauthenticated},
		{"a stranger, a rule that opens", &Decision{g, nil, []Operation{op("hello")}, 0}, op("hello"), Rule{Public: true}, ErrForbidden},
		{"a scope that can't be", &Decision{g, user, []Operation{op("echo")}, 0}, op("echo"), Rule{AnyScope: []string{"read", "a b"}}, ErrForbidden},
		{"a permission that can't be", &Decision{g, user, []Operation{op("echo")}, 0}, op("echo"), Rule{AnyPermission: []string{"*:x"}}, ErrForbidden},
		{"a permission of no role", &Decision{g, user, []Operation{op("echo")}, 0}, op("echo"), Rule{AnyPermission: []string{"a:x"}}, ErrForbidden},
	} {
		err := tt.d.Require(context.Background(), tt.op, tt.rule)
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		var d *DeniedError
		if errors.As(err, &d); errors.Is(err, ErrUnauthenticated) && slices.Contains(d.Scopes, "write") != (len(tt.rule.AllScopes) > 0) {
			t.Errorf("%s: asks for %q", tt.name, d.Scopes)
		}
	}
}

// Over stdio the policy and the end of the credential hold at each call.
func TestRequireStdio(t *testing.T) {
	now := clock
	g := newGuard(t, func(c *Config) { c.Now = func() time.Time { return now } })
	ctx, err := g.AuthenticateStdio(context.Background(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, tool string
		ctx        context.Context
		later      time.Duration
		want       error
	}{
		{"allowed", "echo", ctx, 0, nil},
		{"carried into another context", "echo", NewStdioContext(context.Background(), ctx), 0, nil},
		{"the policy refuses", "delete", ctx, 0, ErrInsufficientScope},
		{"nobody was asked", "echo", context.Background(), 0, ErrUnauthenticated},
		{"a principal of the program's own", "echo", NewContext(context.Background(), &Principal{Subject: "root"}), 0, ErrUnauthenticated},
		{"carried from nobody", "echo", NewStdioContext(context.Background(), context.Background()), 0, ErrUnauthenticated},
		{"the credential has ended", "echo", ctx, time.Hour, ErrUnauthenticated},
	} {
		now = clock.Add(tt.later)
		if err := RequireStdio(tt.ctx, Operation{"tools/call", tt.tool}, Rule{}); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}
