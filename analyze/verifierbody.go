package analyze

import (
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// Verifiers of the user's own, which are told a token and say by an error that it is
// not good. Their bodies are run on symbols like those of handlers: a path that ends
// without an error must have proved the token.

// unproven says why a verifier's body is not known to refuse each wrong token; "" when
// it is.
func (a *analysis) unproven(fn *flow.Func) string {
	m := newMachine(a, fn)
	for _, e := range m.verifies() {
		if why := accepts(e); why != "" {
			return why
		}
	}
	switch why := m.unplain(); {
	case m.wide:
		return "has too many paths to follow"
	case m.lost != "":
		return "is not followed: " + m.lost
	case why != "":
		return "is not followed: " + why
	case m.issued && !a.comparesAudience(fn, 0):
		return "does not compare the token's audience"
	}
	return ""
}

// verifies runs a verifier's body for any token that is not empty.
func (m *machine) verifies() []exit {
	w := &world{}
	for i := range m.fn.Sig.Params().Len() {
		v := m.fn.Sig.Params().At(i)
		val := paramValue(v)
		if b, ok := v.Type().Underlying().(*types.Basic); ok && b.Kind() == types.String {
			val = value{taint: fromCredential, filled: true}
		}
		w = w.set(v, val)
	}
	return m.block(m.fn.Body.List, []*world{w}).exits
}

// accepts says how a path lets a token in that was not proved; "" when it does not.
func accepts(e exit) string {
	last := value{}
	if len(e.vals) > 0 {
		last = e.vals[len(e.vals)-1]
	}
	switch {
	case e.w.proved, last.made, last.err:
		return ""
	case e.w.doubt != "":
		return "is not followed: " + e.w.doubt
	case last.taint == fromNowhere:
		return "is not followed: " + last.why
	}
	return "takes some tokens without verifying them"
}
