package authlib

import (
	"context"
	"errors"
	"log/slog"
)

// Require is [Guard.Check] for a handler that has a rule of its own: op must be one
// that the guard let through, its policy must still allow it, and rule must hold as
// well. So rule can take something away from what the policy allows, and add
// nothing. Scopes and permissions mean what the policy of d's guard says. The zero
// Rule demands an authenticated caller; one that is Public or ill-formed is refused,
// which is logged. d may be nil. The error is a [*DeniedError].
func (d *Decision) Require(ctx context.Context, op Operation, rule Rule) error {
	if d == nil {
		return &DeniedError{Operation: op, Err: ErrForbidden}
	}
	if err := d.guard.Check(ctx, d, op); err != nil {
		return err
	}
	return d.guard.require(ctx, d.principal, op, rule)
}

// RequireStdio is [Decision.Require] for what did not come over HTTP: the caller is
// [StdioPrincipal]. Where there is none nobody decided, and op is refused.
func RequireStdio(ctx context.Context, op Operation, rule Rule) error {
	c, ok := ctx.Value(stdioKey{}).(*stdioCaller)
	if !ok {
		return &DeniedError{Operation: op, Err: ErrUnauthenticated}
	}
	if err := c.guard.CheckLocal(ctx, op); err != nil {
		return err
	}
	return c.guard.require(ctx, c.principal, op, rule)
}

// require checks the rule of a handler, which no policy has checked.
func (g *Guard) require(ctx context.Context, p *Principal, op Operation, rule Rule) error {
	denied := g.requireOf(p, op, rule)
	if denied == nil {
		return nil
	}
	reason := denied.Err.Error()
	if err := rule.checkHandler(); err != nil {
		reason = err.Error()
	}
	g.audit(ctx, auditAccessDenied, append(opAttrs(p, op), slog.String("reason", quote(reason)), slog.String("request", RequestID(ctx)))...)
	return denied
}

func (g *Guard) requireOf(p *Principal, op Operation, rule Rule) *DeniedError {
	var denied *DeniedError
	switch {
	case rule.checkHandler() != nil:
		return &DeniedError{Operation: op, Err: ErrForbidden}
	case p == nil:
		return &DeniedError{Operation: op, Scopes: g.words.ask(nil, rule), Err: ErrUnauthenticated}
	}
	errors.As(g.satisfy(p, op, rule), &denied)
	return denied
}

// checkHandler reports what is wrong with the rule of a handler. It can't be public:
// whether strangers may come in is the policy's to say.
func (r Rule) checkHandler() error {
	if r.Public {
		return errors.New("authlib: the rule of a handler is Public, but it can only restrict: make the operation public in the policy")
	}
	return r.validate("the rule of a handler")
}
