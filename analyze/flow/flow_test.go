package flow_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// program type-checks one file that imports nothing.
func program(t *testing.T, src string) *load.Program {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "main.go", "package main\n"+src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances: map[*ast.Ident]types.Instance{}, Scopes: map[ast.Node]*types.Scope{},
	}
	pkg, err := (&types.Config{}).Check("main", fset, []*ast.File{f}, info)
	if err != nil {
		t.Fatal(err)
	}
	file := &load.File{Path: "main.go", Rel: "main.go", AST: f}
	return &load.Program{Fset: fset, Packages: []*load.Package{{Path: "main", Name: "main", Types: pkg, Info: info, Files: []*load.File{file}}}}
}

// sinks returns, for each call of sink in order, what its argument may be:
// constants as they are, anything else as "?".
func sinks(t *testing.T, src string) []string {
	t.Helper()
	g := flow.New(program(t, src+"\nfunc sink(string) {}\nfunc unknown() string"), nil)
	var list []string
	for _, c := range g.Calls {
		if c.Callee == nil || c.Callee.Name() != "sink" || !g.Live(c.In) {
			continue
		}
		var values []string
		for _, o := range g.Origins(c.Expr.Args[0], g.Root(c.In)) {
			v := "?"
			if o.Kind == flow.Const {
				v = o.Value
			}
			if !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
		slices.Sort(values)
		list = append(list, strings.Join(values, " "))
	}
	return list
}

func TestOrigins(t *testing.T) {
	tests := []struct {
		name, src string
		want      []string
	}{
		{"constant", `const c = "a" + "b"; func main() { sink(c) }`, []string{"ab"}},
		{"renamed on assignment", `func main() { s := "a"; sink(s); s = s + "b"; sink(s) }`, []string{"a", "ab"}},
		{"branch", `var on bool; func main() { s := "a"; if on { s = "b" }; sink(s) }`, []string{"a b"}},
		{"both branches", `var on bool; func main() { s := "a"; if on { s = "b" } else { s = "c" }; sink(s) }`, []string{"b c"}},
		{"branch that leaves", `var on bool; func main() { s := "a"; if on { s = "b"; return }; sink(s) }`, []string{"a"}},
		{"switch", `var n int; func main() { s := "a"; switch n { case 1: s = "b"; default: s = "c" }; sink(s) }`, []string{"b c"}},
		{"loop", `func main() { s := "a"; for i := 0; i < 2; i++ { sink(s); s = "b" }; sink(s) }`, []string{"a b", "a b"}},
		{"shadowed", `func main() { s := "a"; { s := "b"; sink(s) }; sink(s) }`, []string{"b", "a"}},
		{"each caller its own", `func id(s string) string { return s }; func main() { sink(id("a")); sink(id("b")) }`, []string{"a", "b"}},
		{"parameter", `func f(s string) { sink(s) }; func main() { f("a"); f("b") }`, []string{"a b"}},
		{"tuple", `func two() (string, string) { return "a", "b" }; func main() { _, s := two(); sink(s) }`, []string{"b"}},
		{"named results", `func two() (x, y string) { x, y = "a", "b"; return }; func main() { s, _ := two(); sink(s) }`, []string{"a"}},
		{"closure", `func main() { s := "a"; f := func() { sink(s) }; s = "b"; f() }`, []string{"a b"}},
		{"closure made by a call", `func mk(s string) func() string { return func() string { return s } }; func main() { f := mk("a"); g := mk("b"); _ = g; sink(f()) }`, []string{"a"}},
		{"field", `type t struct{ s string }; func main() { x := t{"a"}; y := &t{s: "b"}; sink(x.s); sink(y.s) }`, []string{"a", "b"}},
		{"field stored by a method", `type t struct{ s string }; func (x *t) set() { x.s = "a" }; func main() { x := &t{}; x.set(); sink(x.s) }`, []string{"a"}},
		{"embedded", `type in struct{ s string }; type out struct{ in }; func main() { x := out{in{"a"}}; sink(x.s) }`, []string{"a"}},
		{"table", `func main() { for _, r := range []struct{ s string }{{"a"}, {s: "b"}} { sink(r.s) } }`, []string{"a b"}},
		{"anonymous struct written twice", `func rows() []struct{ s string } { return []struct{ s string }{{"a"}, {s: "b"}} }; func main() { for _, r := range rows() { sink(r.s) } }`, []string{"a b"}},
		{"map keys", `func main() { m := map[string]int{"a": 1}; m["b"] = 2; for k := range m { sink(k) } }`, []string{"a b"}},
		{"append", `func main() { var l []string; l = append(l, "a"); l = append(l, []string{"b"}...); sink(l[0]) }`, []string{"a b"}},
		{"variadic", `func f(l ...string) { for _, s := range l { sink(s) } }; func main() { f("a", "b") }`, []string{"a b"}},
		{"interface", `type i interface{ s() string }; type a struct{}; func (a) s() string { return "a" }; type b struct{}; func (b) s() string { return "b" }; func main() { var x i = a{}; sink(x.s()) }`, []string{"a"}},
		{"method value", `type t struct{ s string }; func (x t) get() string { return x.s }; func main() { f := t{"a"}.get; sink(f()) }`, []string{"a"}},
		{"function value as argument", `func each(f func(string)) { f("a"); f("b") }; func main() { each(func(s string) { sink(s) }) }`, []string{"a b"}},
		{"generic", `func first[T any](l ...T) T { return l[0] }; func main() { sink(first("a")) }`, []string{"a"}},
		{"type switch", `func main() { var x any = "a"; switch v := x.(type) { case string: sink(v) } }`, []string{"a"}},
		{"channel", `func main() { c := make(chan string, 1); c <- "a"; sink(<-c) }`, []string{"a"}},
		{"recursion ends", `func f(s string, n int) string { if n == 0 { return s }; return f(s, n-1) }; func main() { sink(f("a", 3)) }`, []string{"a"}},
		{"not known", `func main() { sink(unknown()); sink("a" + unknown()) }`, []string{"?", "?"}},
		{"nobody calls", `func dead() { sink("dead") }; func main() { sink("a") }`, []string{"a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sinks(t, tt.src); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A question that is too wide must say so, not come back empty.
func TestBudget(t *testing.T) {
	var src strings.Builder
	src.WriteString("func main() { sink(f0(\"a\", \"b\")) }\n")
	const deep = 18
	for i := range deep {
		name, next := "f"+string(rune('a'+i)), "f"+string(rune('a'+i+1))
		if i == 0 {
			name = "f0"
		}
		if i == deep-1 {
			next = "last"
		}
		src.WriteString("func " + name + "(x, y string) string { if x == y { return " + next + "(x, y) }; return " + next + "(y, x) }\n")
	}
	src.WriteString("func last(x, y string) string { return x + y }\n")
	got := sinks(t, src.String())
	if len(got) != 1 || got[0] == "" {
		t.Errorf("got %q: a question must have an answer", got)
	}
}
