package analyze

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// What is worth reading, and what is worth telling of that could not be read: code that
// speaks of scopes, roles or permissions.

// maxSpeaks is how deep functions are looked into.
const maxSpeaks = 4

// speaks reports whether a function, or one of the module that it calls, has words of
// scopes, roles or permissions in it.
func (d *decorations) speaks(fn *flow.Func, depth int) bool {
	is, known := d.speaking[fn]
	if known || fn.Body == nil || depth > maxSpeaks {
		return is
	}
	d.speaking[fn] = false // for functions that call each other
	is = saysKind(fn.Body)
	for _, c := range allCalls(fn) {
		if is {
			break
		}
		if c.Callee != nil {
			if callee := d.a.flow.FuncOf(c.Callee); callee != nil {
				is = d.speaks(callee, depth+1)
			}
		}
	}
	d.speaking[fn] = is
	return is
}

// saysKind reports whether a name below n is one of scopes, roles or permissions.
func saysKind(n ast.Node) bool {
	says := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			says = says || namesKind(id.Name)
		}
		return !says
	})
	return says
}

// namesKind reports whether a name has the word for one of them. Most have not even its
// letters, and are not taken apart.
func namesKind(name string) bool {
	letters := strings.ContainsAny(name, "pPlL") && slices.ContainsFunc([]string{"scope", "scp", "role", "perm"}, func(part string) bool { return containsFold(name, part) })
	return letters && slices.ContainsFunc(wordsOf(name), func(w string) bool { return kindWords[w] != "" })
}

// looksLikeCheck reports whether what a call puts around a handler may be a check: it, or
// what makes it, speaks of such things.
func (d *decorations) looksLikeCheck(call *ast.CallExpr, in *flow.Func) bool {
	if asksByName(calledText(call)) || namesKind(calledText(call)) {
		return true
	}
	fun := ast.Unparen(call.Fun)
	if inner, ok := fun.(*ast.CallExpr); ok {
		return d.looksLikeCheck(inner, in)
	}
	fn := d.funcOf(d.a.flow.Only(fun, d.a.flow.Root(in)), in)
	if inner, ok := d.a.flow.Only(fun, d.a.flow.Root(in)).(*ast.CallExpr); ok && fn == nil {
		return d.looksLikeCheck(inner, in)
	}
	return fn != nil && d.speaks(fn, 0)
}

// suspect reports whether a statement looks like a check of the caller: it goes by
// something that speaks of scopes, roles or permissions, and answers.
func (d *decorations) suspect(x *ast.IfStmt) bool {
	if len(x.Body.List) == 0 {
		return false
	}
	if _, ok := x.Body.List[len(x.Body.List)-1].(*ast.ReturnStmt); !ok {
		return false
	}
	if x.Init != nil {
		return asksByName(checkName(x))
	}
	return saysKind(x.Cond) || asksByName(checkName(x))
}

// asksByName reports whether a function is named like one that asks whether a caller may.
func asksByName(name string) bool {
	words := wordsOf(name)
	if slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "authoriz") || w == "allowed" }) {
		return true
	}
	asks := slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains([]string{"has", "require", "requires", "check", "ensure", "must", "need", "needs", "verify", "assert", "with", "only", "in"}, w)
	})
	return asks && namesKind(name)
}

// containsFold reports whether a name has a part, of lower-case letters, in whatever case.
func containsFold(name, part string) bool {
	for i := 0; i+len(part) <= len(name); i++ {
		if strings.EqualFold(name[i:i+len(part)], part) {
			return true
		}
	}
	return false
}
