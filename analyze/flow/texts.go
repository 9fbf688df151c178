package flow

import (
	"fmt"
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

// Functions of the standard library that make a text of texts. What they make of
// constants is one; of anything else it is not known, and they are its origin.

// textFuncs are those that take strings and return one.
var textFuncs = map[string]func(args []string) string{
	"strings.ToLower":    func(a []string) string { return strings.ToLower(a[0]) },
	"strings.ToUpper":    func(a []string) string { return strings.ToUpper(a[0]) },
	"strings.TrimSpace":  func(a []string) string { return strings.TrimSpace(a[0]) },
	"strings.TrimPrefix": func(a []string) string { return strings.TrimPrefix(a[0], a[1]) },
	"strings.TrimSuffix": func(a []string) string { return strings.TrimSuffix(a[0], a[1]) },
	"strings.ReplaceAll": func(a []string) string { return strings.ReplaceAll(a[0], a[1], a[2]) },
}

// text follows a call of a function that makes a text; false for another one, and
// where an argument is no constant.
func (q *query) text(c *Call, callee *types.Func, f *Frame) bool {
	if callee.Pkg() == nil || callee.Signature().Recv() != nil || c.Expr.Ellipsis.IsValid() {
		return false
	}
	args, name := c.Expr.Args, callee.Pkg().Path()+"."+callee.Name()
	of := textFuncs[name]
	switch {
	case of != nil && len(args) == callee.Signature().Params().Len():
	case name == "fmt.Sprintf" && len(args) > 0:
		of = sprintf
	case name == "strings.Join" && len(args) == 2:
		lit, ok := ast.Unparen(args[0]).(*ast.CompositeLit)
		if !ok || len(lit.Elts) == 0 {
			return false
		}
		args = append([]ast.Expr{args[1]}, lit.Elts...)
		of = func(a []string) string { return strings.Join(a[1:], a[0]) }
	default:
		return false
	}
	made, ok := q.g.products(args, f)
	for _, values := range made {
		q.emit(Origin{Kind: Const, Expr: c.Expr, Frame: f, Value: of(values)})
	}
	return ok
}

// sprintf formats constants. A number is written as its text is, which is what %d and
// %v do; of other verbs for numbers the result only looks alike.
func sprintf(args []string) string {
	values := make([]any, len(args)-1)
	for i, a := range args[1:] {
		values[i] = text(a)
	}
	return fmt.Sprintf(args[0], values...)
}

// A text is written as it is by %s and %v, and by %d where it is a number.
type text string

// Format writes t.
func (t text) Format(s fmt.State, verb rune) {
	if n, err := strconv.ParseInt(string(t), 10, 64); err == nil && verb != 's' && verb != 'v' && verb != 'q' {
		fmt.Fprintf(s, fmt.FormatString(s, verb), n)
		return
	}
	if verb == 'd' { // of a text that is no number: as the program would print it, which nobody means
		verb = 'v'
	}
	fmt.Fprintf(s, fmt.FormatString(s, verb), string(t))
}

// products returns every choice of one constant for each argument; false where one
// may be something else, or there are too many.
func (g *Graph) products(args []ast.Expr, f *Frame) ([][]string, bool) {
	all := [][]string{nil}
	for _, a := range args {
		values, ok := g.Strings(a, f)
		if !ok || len(all)*len(values) > maxJoin {
			return nil, false
		}
		var longer [][]string
		for _, head := range all {
			for _, v := range values {
				longer = append(longer, append(append([]string(nil), head...), v))
			}
		}
		all = longer
	}
	return all, true
}
