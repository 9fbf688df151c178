package analyze

import (
	"slices"
	"strings"
)

// What a check demands is found by showing it callers: with nothing, with every
// combination of the names that it compares with, and with others besides. The
// interpreter knows no operation on a caller's names but to compare them, so that these
// callers stand for all. What the check did to them must then be, for each one, what the
// demand would do; else it can't be said in those words.

// An outcome is what became of one caller.
type outcome int

const (
	unread outcome = iota
	refused
	let
)

// A caller is one sample.
type caller struct {
	absent   bool // nobody signed in
	has      map[nameOf]bool
	other    bool // it holds a name that the check does not know
	reversed bool // its names are in the other order
}

type nameOf struct {
	kind DemandKind
	name string
}

// otherName is a name that no check knows.
const otherName = "\x00other"

// maxNames bounds what one check may compare with: there are four callers for each set.
const maxNames = 8

// maxTrials bounds how often names are found that were not known before.
const maxTrials = 12

// A row is what became of one caller.
type row struct {
	caller
	out outcome
}

// demands runs a check on every caller there may be, and puts into words whom it lets
// through.
func (d *decorations) demands(run func(*trial) outcome) ([]Demand, string) {
	u := &universe{}
	for range maxTrials {
		before := u.size()
		rows, why := d.table(u, run)
		if why != "" {
			return nil, why
		}
		if u.size() == before {
			return u.inWords(rows)
		}
	}
	return nil, "it compares with names that are made as it runs"
}

// table shows the check every caller that is made of the names known so far.
func (d *decorations) table(u *universe, run func(*trial) outcome) ([]row, string) {
	if u.size() > maxNames {
		return nil, "it compares with more names than are tried here"
	}
	var rows []row
	for _, c := range u.callers() {
		r := &trial{d: d, a: d.a, caller: c, all: u}
		out := run(r)
		if r.why != "" {
			return nil, r.why
		}
		if r.crashed {
			out = refused
		}
		if out == unread {
			return nil, "what it answers is not read"
		}
		rows = append(rows, row{c, out})
	}
	return rows, ""
}

// A universe is all that a check compares with.
type universe struct{ sources []*source }

func (u *universe) size() int {
	n := 0
	for _, s := range u.sources {
		n += len(s.names)
	}
	return n
}

func (u *universe) of(kind DemandKind) *source {
	i := slices.IndexFunc(u.sources, func(s *source) bool { return s.kind == kind })
	if i < 0 {
		return nil
	}
	return u.sources[i]
}

// callers makes the samples.
func (u *universe) callers() []caller {
	list := []caller{{absent: true}}
	var names []nameOf
	for _, s := range u.sources {
		for _, n := range s.names {
			names = append(names, nameOf{s.kind, n})
		}
	}
	for bits := range 1 << len(names) {
		c := caller{has: map[nameOf]bool{}}
		for i, n := range names {
			if bits>>i&1 == 1 {
				c.has[n] = true
			}
		}
		if !u.possible(c) {
			continue
		}
		for _, other := range []bool{false, true} {
			for _, reversed := range []bool{false, true} {
				c.other, c.reversed = other, reversed
				list = append(list, c)
			}
		}
	}
	return list
}

// possible reports whether there may be such a caller: of a kind that is one name, one
// can't hold two.
func (u *universe) possible(c caller) bool {
	for _, s := range u.sources {
		n := 0
		for _, name := range s.names {
			if c.has[nameOf{s.kind, name}] {
				n++
			}
		}
		if s.single && n > 1 {
			return false
		}
	}
	return true
}

// inWords finds demands that let through whom the check did, and nobody else.
func (u *universe) inWords(rows []row) ([]Demand, string) {
	lets := slices.ContainsFunc(rows, func(r row) bool { return r.out == let })
	refuses := slices.ContainsFunc(rows, func(r row) bool { return r.out == refused && !r.absent })
	switch {
	case !lets:
		return nil, "it lets nobody through"
	case !refuses, u.size() == 0:
		return nil, "it compares nothing that a caller holds with what it demands: whoever is there passes"
	}
	for _, try := range u.candidates(rows) {
		if try != nil && agrees(try, rows) {
			return try, ""
		}
	}
	return nil, "whom it lets through is neither all of its names nor any one of them"
}

// candidates lists what the demands may be, one of each kind together.
func (u *universe) candidates(rows []row) [][]Demand {
	list := [][]Demand{nil}
	for _, s := range u.sources {
		var more [][]Demand
		for _, have := range list {
			more = append(more, have)
			for _, dm := range s.candidates(rows) {
				more = append(more, append(slices.Clone(have), dm))
			}
		}
		list = more
	}
	return list
}

// candidates lists the demands that the rows allow for one kind.
func (s *source) candidates(rows []row) []Demand {
	var needed, rest []string
	for _, n := range s.names {
		holds := func(r row) bool { return r.has[nameOf{s.kind, n}] }
		if !slices.ContainsFunc(rows, func(r row) bool { return r.out == let && !holds(r) }) {
			needed = append(needed, n)
		} else {
			rest = append(rest, n)
		}
	}
	// Of the rest, one is enough; names that it knows and that nobody needs are left out.
	var any []string
	for _, n := range rest {
		if slices.ContainsFunc(rows, func(r row) bool { return r.out == let && s.onlyOf(r, n, rest) }) {
			any = append(any, n)
		}
	}
	slices.Sort(needed)
	slices.Sort(any)
	out := []Demand{}
	if len(needed) > 0 {
		out = append(out, Demand{Of: s.kind, All: needed})
	}
	if len(any) > 0 {
		out = append(out, Demand{Of: s.kind, Any: any})
	}
	if len(needed) > 0 && len(any) > 0 {
		out = append(out, Demand{Of: s.kind, All: needed, Any: any})
	}
	return out
}

// onlyOf reports whether n is the only one of names that a caller holds.
func (s *source) onlyOf(r row, n string, names []string) bool {
	for _, other := range names {
		if r.has[nameOf{s.kind, other}] != (other == n) {
			return false
		}
	}
	return true
}

// agrees reports whether the demands would do to every caller what the check did.
func agrees(demands []Demand, rows []row) bool {
	for _, r := range rows {
		if (r.out == let) != satisfied(demands, r.caller) {
			return false
		}
	}
	return true
}

func satisfied(demands []Demand, c caller) bool {
	for _, d := range demands {
		holds := func(n string) bool { return c.has[nameOf{d.Of, n}] }
		if slices.ContainsFunc(d.All, func(n string) bool { return !holds(n) }) || len(d.Any) > 0 && !slices.ContainsFunc(d.Any, holds) {
			return false
		}
	}
	return !c.absent
}

// kindNamed says of what kind the names are that something called so holds; "" where the
// name does not say, or says two.
func kindNamed(name string) DemandKind {
	var kind DemandKind
	for _, w := range wordsOf(name) {
		k := kindWords[strings.ToLower(w)]
		if k == "" {
			continue
		}
		if kind != "" && kind != k {
			return ""
		}
		kind = k
	}
	return kind
}

var kindWords = map[string]DemandKind{
	"scope": DemandScope, "scopes": DemandScope, "scp": DemandScope,
	"role": DemandRole, "roles": DemandRole,
	"permission": DemandPermission, "permissions": DemandPermission, "perm": DemandPermission, "perms": DemandPermission,
}
