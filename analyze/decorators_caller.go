package analyze

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// The interpreter of checks: what a caller holds.

// typed is the part of a caller that has type t.
func (r *trial) typed(n ast.Node, w heldWho, t types.Type) held {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		if isText(u.Elem()) {
			return r.setOf(n, w)
		}
	case *types.Map:
		if isText(u.Key()) && flagLike(u.Elem()) {
			return r.setOf(n, w)
		}
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			if s := r.source(n, w.names); s != nil {
				return heldWords{s}
			}
		}
	case *types.Struct, *types.Pointer, *types.Interface:
		return w
	}
	return heldUnclear{"what the context says under " + quoteName(w.names[len(w.names)-1])}
}

// flagLike reports whether what a map holds says nothing but that its key is there.
func flagLike(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsBoolean != 0
	case *types.Struct:
		return u.NumFields() == 0
	}
	return false
}

func (r *trial) setOf(n ast.Node, w heldWho) held {
	s := r.source(n, w.names)
	if s == nil {
		return heldUnclear{"the caller's " + quoteName(w.names[len(w.names)-1])}
	}
	r.asSet(n, s)
	return heldSet{s}
}

func (r *trial) asSet(n ast.Node, s *source) {
	if s.many = true; s.single {
		r.fail(n, "it takes one string for a name and for a list of names")
	}
}

// kind is what names are that were got at so: by the last that says it. Where there is a
// key of the context and nothing else, the function that looks it up may say it.
func (r *trial) kind(names []string) (kind DemandKind) {
	for i := len(names) - 1; i >= 0 && kind == ""; i-- {
		kind = kindNamed(names[i])
	}
	if kind == "" && len(names) == 1 && len(r.entered) > 0 {
		kind = kindNamed(r.entered[len(r.entered)-1])
	}
	return kind
}

// source is where names come from.
func (r *trial) source(n ast.Node, names []string) *source {
	kind := r.kind(names)
	if kind == "" {
		r.fail(n, "whether the caller's "+quoteName(names[len(names)-1])+" are scopes, roles or permissions can't be told")
		return nil
	}
	path, have := strings.Join(names, "."), r.all.of(kind)
	switch {
	case have == nil:
		have = &source{kind: kind, path: path}
		r.all.sources = append(r.all.sources, have)
	case have.path != path:
		r.fail(n, "it takes the caller's "+string(kind)+"s from two places")
		return nil
	}
	return have
}

// holds lists the names that the caller holds of a source.
func (r *trial) holds(s *source) []held {
	var out []held
	if r.absent {
		return nil
	}
	for _, name := range s.names {
		if r.has[nameOf{s.kind, name}] {
			out = append(out, heldText{name, s})
		}
	}
	if r.other && !(s.single && len(out) > 0) {
		out = slices.Insert(out, 0, held(heldText{otherName, s}))
	}
	if r.reversed {
		slices.Reverse(out)
	}
	return out
}

// contains reports whether the caller holds a name, and remembers that it was asked for.
func (r *trial) contains(s *source, name string) bool {
	r.remember(s, name)
	return !r.absent && r.has[nameOf{s.kind, name}]
}

func (r *trial) remember(s *source, name string) {
	if name != otherName && name != "" && !slices.Contains(s.names, name) {
		s.names = append(s.names, name)
	}
}

// one is a string of the caller's as the one name that it is.
func (r *trial) one(n ast.Node, s *source) heldText {
	if s.single = true; s.many {
		r.fail(n, "it takes one string for a name and for a list of names")
	}
	if names := r.holds(s); len(names) > 0 {
		return names[0].(heldText)
	}
	return heldText{"", s}
}
