package analyze

import (
	"go/types"
	"maps"
)

// Where many paths meet, those that found out the same are made one, in which nothing is
// known of the variables that they differ in. So a body has many paths without the run
// of it taking long; what then decides by such a variable is not followed.

const manyPaths = 48

func (m *machine) merged(list []*world) []*world {
	if len(list) <= manyPaths {
		return list
	}
	return joined(list)
}

// joined makes worlds one that found out the same.
func joined(list []*world) []*world {
	var out []*world
	for _, w := range list {
		if !mergeInto(out, w) {
			c := w.fork()
			c.vals = maps.Clone(w.vals)
			out = append(out, c)
		}
	}
	return out
}

// mergeInto makes w a part of one of the worlds, if there is one that found out the same.
func mergeInto(list []*world, w *world) bool {
	for _, have := range list {
		if sameResult(result{w: have}, result{w: w}) {
			forget(have.vals, w.vals)
			return true
		}
	}
	return false
}

// forget leaves in have what other says too.
func forget(have, other map[*types.Var]value) {
	for v, val := range have {
		if o, ok := other[v]; !ok || !sameValue(val, o) {
			have[v] = value{taint: fromNowhere, why: "how " + quoteName(v.Name()) + " gets its value has too many paths to follow"}
		}
	}
	for v := range other {
		if _, ok := have[v]; !ok {
			have[v] = value{taint: fromNowhere, why: "how " + quoteName(v.Name()) + " gets its value has too many paths to follow"}
		}
	}
}
