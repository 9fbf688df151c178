package analyze

import (
	"go/types"

	"golang.org/x/mod/semver"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Middleware of libraries of which it was read whom it lets in. None of it is called
// protected: who wires it brings no verifier that could be looked at.

// libraryCheck returns what is known of a function of a library, in the version that the
// program uses; nil for others.
func (a *analysis) libraryCheck(f *types.Func) *sdk.Check {
	if f == nil || f.Pkg() == nil {
		return nil
	}
	return a.checkNamed(symbolKey{f.Pkg().Path(), receiverName(f), f.Name()})
}

// checkNamed is libraryCheck by name.
func (a *analysis) checkNamed(name symbolKey) *sdk.Check {
	if a.libraries == nil {
		a.libraries = map[symbolKey][]sdk.Check{}
		known := sdk.LibraryChecks()
		for _, s := range a.specs {
			known = append(known, s.Checks...)
		}
		for _, c := range known {
			key := symbolKey{c.Pkg, c.Recv, c.Name}
			a.libraries[key] = append(a.libraries[key], c)
		}
	}
	for _, c := range a.libraries[name] {
		if a.usesVersion(c) {
			return &c
		}
	}
	return nil
}

// usesVersion reports whether the program is built with a version that was read, and
// with no other module in its place.
func (a *analysis) usesVersion(c sdk.Check) bool {
	for _, m := range a.prog.Modules {
		for _, r := range m.Mod.Replace {
			if r.Old.Path == c.Module {
				return false
			}
		}
	}
	v := a.prog.Requires[c.Module]
	return semver.Compare(v, c.From) >= 0 && semver.Compare(v, c.Through) <= 0
}

// libraryLayer is the layer of a library's check that is made at call.
func (a *analysis) libraryLayer(c *sdk.Check, name string, call *flow.Call, trail chain) chain {
	l := &layer{name: name, kind: GuardPassthrough, verdict: Unprotected, trail: trail}
	if c.Verifies {
		l.kind, l.verdict = GuardVerified, Unknown
	}
	l.reason = quoteName(l.name) + " of " + c.Module + " at " + a.where(call.In, call.Expr.Pos()) + " " + c.LetsIn
	return l
}

// authorizerLayer is the layer of the check that an option of the SDK's is given.
func (a *analysis) authorizerLayer(opt *flow.Call, f *flow.Frame) chain {
	name := funcName(opt.Callee)
	unknown := &layer{name: name, kind: GuardNone, verdict: Unknown,
		reason: "whom " + quoteName(name) + " at " + a.where(opt.In, opt.Expr.Pos()) + " refuses is not known"}
	if len(opt.Expr.Args) != 1 {
		return unknown
	}
	var found chain
	for _, o := range a.flow.Origins(opt.Expr.Args[0], f) {
		c := a.libraryCheck(o.Callee)
		if c == nil || o.Kind != flow.Value || found != nil && found.verdict != verdictOf(c) {
			return unknown
		}
		found = a.libraryLayer(c, funcName(o.Callee), opt, nil)
	}
	if found == nil {
		return unknown
	}
	return found
}

func verdictOf(c *sdk.Check) Verdict {
	if c.Verifies {
		return Unknown
	}
	return Unprotected
}
