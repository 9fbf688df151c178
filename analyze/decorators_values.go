package analyze

import (
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// What the interpreter of checks computes with. The caller is a sample: what it holds is
// given, so that every comparison has an answer.

// A held is a value, one of those below, or a bool.
type held any

type (
	// heldText is one string; src says of which of the caller's names it is one, and is
	// nil for the program's own.
	heldText struct {
		s   string
		src *source
	}
	// heldList is a list of the program's own.
	heldList []held
	// heldSize is how many there are of something.
	heldSize int
	// heldMap is a map by strings that the program fills itself.
	heldMap struct {
		m   map[string]held
		src *source // of the caller's names among its keys
	}
	// heldSet is all that the caller holds of a kind.
	heldSet struct{ src *source }
	// heldWords is one string of the caller's: a name, or several.
	heldWords struct{ src *source }
	// heldWho is what says who is calling: names are the key and the fields by which
	// it was got at.
	heldWho struct{ names []string }
	// heldNil is nil.
	heldNil struct{}
	// heldError is an error, or a result that says it is one.
	heldError struct{}
	// heldObject is something that is not nil.
	heldObject struct{}
	// heldParam is parameter i of the handler.
	heldParam struct {
		i   int
		ctx bool
	}
	// heldTuple is what a call gives that has several results.
	heldTuple []held
	// heldNext is the next handler, and heldServed its answer.
	heldNext   struct{}
	heldServed struct{}
	// heldFunc is a function with what it captured.
	heldFunc struct {
		fn   *flow.Func
		env  *heldVars
		recv held
	}
	// heldUnclear is what is not known; why is what to say if something depends on it.
	heldUnclear struct{ why string }
)

// A source is one set of names that the code takes from the caller.
type source struct {
	kind   DemandKind
	path   string
	single bool     // it is one name
	many   bool     // it is a set
	names  []string // that it is compared with, in order of discovery
}

// heldVars are those of one activation.
type heldVars struct {
	m  map[types.Object]held
	up *heldVars
}

func newHeldVars(up *heldVars) *heldVars { return &heldVars{m: map[types.Object]held{}, up: up} }

func (v *heldVars) find(o types.Object) (held, bool) {
	for ; v != nil; v = v.up {
		if h, ok := v.m[o]; ok {
			return h, true
		}
	}
	return nil, false
}

// set gives o a value where it is declared, or here.
func (v *heldVars) set(o types.Object, h held) {
	for at := v; at != nil; at = at.up {
		if _, ok := at.m[o]; ok {
			at.m[o] = h
			return
		}
	}
	v.m[o] = h
}
