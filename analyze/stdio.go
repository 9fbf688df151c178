package analyze

import (
	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What a stdio server asks of the process that starts it: nothing, or a credential.

// guardStdio gives a stdio transport the verdict of our guard, where everything
// that it may serve has passed one that a credential was verified for.
func (a *analysis) guardStdio(t *Transport, servers []flow.Origin) {
	if t.Kind != sdk.KindStdio || len(servers) == 0 {
		return
	}
	why := ""
	for _, o := range servers {
		guarded, weak := a.stdioGuarded(o)
		if !guarded {
			return
		}
		if weak != "" {
			why = weak
		}
	}
	t.Guard, t.GuardKind, t.Verdict, t.Reason = OurGuard, GuardVerified, Protected, ""
	if why != "" {
		t.GuardKind, t.Verdict, t.Reason = GuardNone, Unknown, why
	}
}

// stdioGuarded reports whether a server is what Server of a guard returned that
// Stdio made, and why that may not ask for a credential all the same.
func (a *analysis) stdioGuarded(o flow.Origin) (guarded bool, weak string) {
	e := a.book.lookup(o.Callee)
	if o.Kind != flow.Result || e == nil || !e.ours || e.sym.Name != "Server" {
		return false, ""
	}
	for _, g := range a.flow.Receiver(o.Call, o.Frame) {
		if g.Kind == flow.Nil { // what a constructor returns beside an error
			continue
		}
		e := a.book.lookup(g.Callee)
		if g.Kind != flow.Result || e == nil || !e.ours || e.sym.Role != roleStdioGuard {
			return false, ""
		}
		guarded = true
		at := a.where(g.Call.In, g.Call.Expr.Pos())
		if !e.sure {
			weak = "the copy of authlib that asks for a credential at " + at + " is not as this version copies it: it is of another version, or was changed"
		} else if why := a.weakGuard(a.flow.Receiver(g.Call, g.Frame), 0); why != "" {
			weak = "the guard at " + at + " is as good as its verifier, and " + why
		}
	}
	return guarded, weak
}
