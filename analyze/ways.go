package analyze

import (
	"go/ast"
	"slices"
)

// maxWays is how many mounts are followed for one mux. Muxes that are mounted on each
// other have more ways than anybody can follow.
const maxWays = 1000

// waysTo returns the layers on each way to a mux, from the listener inwards.
func (a *analysis) waysTo(mux ast.Expr) []chain {
	f := &wayFinder{a: a, left: maxWays}
	if list := f.to(mux, nil); f.left > 0 {
		return list
	}
	return []chain{lostWay("muxes are mounted on each other in more ways than are followed")}
}

type wayFinder struct {
	a    *analysis
	left int // mounts that may still be followed
}

// to returns the ways to a mux; inner are the muxes on the way from it to the handler.
func (f *wayFinder) to(mux ast.Expr, inner []ast.Expr) []chain {
	if slices.Contains(inner, mux) { // a request that goes round may be changed on its way
		return []chain{lostWay("a mux in front of it is mounted on itself")}
	}
	inner = append(inner[:len(inner):len(inner)], mux)
	var list []chain
	for _, w := range f.a.waysOf(mux) {
		if f.left--; f.left <= 0 {
			return nil
		}
		if w.parent == nil {
			list = append(list, w.chain)
			continue
		}
		outer := f.to(w.parent, inner)
		if len(outer) == 0 {
			outer = []chain{nil}
		}
		for _, o := range outer {
			list = append(list, join(w.chain, o))
		}
	}
	return list
}

// lostWay is what stands in front of a way that is not followed to its end.
func lostWay(why string) chain {
	return &layer{name: "muxes on each other", kind: GuardNone, verdict: Unknown, reason: why, changes: true}
}
