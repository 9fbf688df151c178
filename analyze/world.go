package analyze

import (
	"go/constant"
	"go/types"
	"maps"
)

// The symbols that a handler's body is run on.

// A taint says what of the request is in a value, in order of weight.
type taint int

const (
	fromProgram    taint = iota // nothing: configuration, constants
	fromAnybody                 // what every stranger can set: method, path, origin, body
	fromContext                 // what an outer handler put into the context
	fromHeader                  // a header that may carry a credential, or not
	fromRequest                 // the whole request
	fromCredential              // a credential as it was presented
	fromNowhere                 // the answer of code that is not known
)

// A value is what is known of a value on one path.
type value struct {
	taint  taint
	why    string           // fromNowhere: what code that is
	lit    constant.Value   // the constant that it is
	null   bool             // nil
	made   bool             // surely not nil
	filled bool             // surely not empty
	good   bool             // true only if the credential was verified
	err    bool             // nil only if the credential was verified
	bound  bool             // a variable or field of the program
	mixed  bool             // computed of what the request brought and what the program holds
	method bool             // the method of the request
	path   bool             // of the path of the request
	part   bool             // a piece of what it was taken from
	hashed bool             // the hash of it
	fields map[string]value // of a struct that was made here
	deep   int              // how many such structs are one in the other
}

// A world is one path through a body, up to some place.
type world struct {
	proved   bool
	handed   bool   // it was handed on
	aborted  bool   // no handler behind is run any more
	harmless bool   // an OPTIONS request: no message of MCP is one
	demands  bool   // a credential was there
	weighed  bool   // something that the caller sent was held against what the program knows
	unset    string // where a setting is empty
	exempt   string // what of the configuration decided, last
	doubt    string
	vals     map[*types.Var]value
}

func (w *world) fork() *world {
	c := *w
	return &c
}

// set returns the world in which v has a value.
func (w *world) set(v *types.Var, val value) *world {
	c := w.fork()
	c.vals = maps.Clone(w.vals)
	if c.vals == nil {
		c.vals = map[*types.Var]value{}
	}
	c.vals[v] = val
	return c
}

// prove returns the world in which the credential turned out to be right.
func (w *world) prove() *world {
	c := w.fork()
	c.proved = true
	return c
}

// weigh returns the world in which a credential was held against something.
func (m *machine) weigh(w *world) *world {
	if m.coarse {
		return w
	}
	c := w.fork()
	c.weighed = true
	return c
}

// unsure returns the world in which something decided that is not understood.
func (w *world) unsure(why string) *world {
	c := w.fork()
	if c.doubt == "" {
		c.doubt = why
	}
	return c
}

// join is the value of an operation on two.
func join2(x, y value) value {
	out := value{taint: max(x.taint, y.taint), why: x.why, part: x.part || y.part, hashed: x.hashed || y.hashed, path: x.path || y.path, bound: x.bound || y.bound, mixed: x.mixed || y.mixed || mixes(x, y) || mixes(y, x)}
	if out.why == "" {
		out.why = y.why
	}
	return out
}

// mixes reports whether x is of the request, and may be a credential, and y the program's.
func mixes(x, y value) bool {
	return x.taint == fromCredential && y.taint == fromProgram && y.bound
}

func joinAll(list []value) value {
	var out value
	for _, v := range list {
		out = join2(out, v)
	}
	return out
}

func constBool(b bool) value { return value{lit: constant.MakeBool(b), made: true} }

// isEmpty and isFilled tell of a string or list what is sure.
func (v value) isEmpty() bool {
	return v.lit != nil && v.lit.Kind() == constant.String && constant.StringVal(v.lit) == ""
}

func (v value) isFilled() bool {
	return v.filled || v.lit != nil && v.lit.Kind() == constant.String && constant.StringVal(v.lit) != ""
}
