// Package flow answers where a value comes from, over all of a module at once.
//
// It works on syntax and go/types alone, so that a lenient loader can feed it as
// well as an exact one. A question ([Graph.Origins]) walks backwards from an
// expression: through variables (those of a function by the assignments that
// reach the use), fields, elements of slices and maps, parameters to the
// arguments of their callers, calls to what they return, closures to what they
// capture. It keeps the chain of calls it came through, so that a helper called
// twice gives each caller its own answer. What it can't follow it returns as an
// [Unknown] origin, never as nothing.
//
// It knows nothing of MCP: its user says at which functions to stop.
package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// A Func is one function body of the module, or the package-level initializers
// of one file (then Type and Body are nil).
type Func struct {
	Obj     *types.Func   // nil for a literal and for initializers
	Decl    *ast.FuncDecl // nil unless declared
	Lit     *ast.FuncLit  // nil unless a literal
	Outer   *Func         // of a literal: the function around it
	Pkg     *load.Package
	File    *load.File
	Sig     *types.Signature
	Type    *ast.FuncType
	Body    *ast.BlockStmt
	Returns []*ast.ReturnStmt
	Calls   []*Call
	Lits    []*Func

	live      bool
	literals  []*ast.CompositeLit // what stands in it, without the literals in it
	assigns   []*ast.AssignStmt
	addresses []*ast.UnaryExpr
	words     []ast.Expr // names that stand for something else, and literals of text
	selected  []*ast.SelectorExpr
}

// Pos is where the function starts.
func (f *Func) Pos() token.Pos {
	switch {
	case f.Decl != nil:
		return f.Decl.Pos()
	case f.Lit != nil:
		return f.Lit.Pos()
	}
	return f.File.AST.Pos()
}

// A Call is one call expression of the module.
type Call struct {
	Expr    *ast.CallExpr
	In      *Func
	Callee  *types.Func // declared function or interface method, generic origin; nil when dynamic
	Iface   bool        // Callee is a method of an interface
	Builtin string      // name of the builtin function
	Convert bool        // a type conversion
}

// Dynamic reports whether a function value is called.
func (c *Call) Dynamic() bool { return c.Callee == nil && c.Builtin == "" && !c.Convert }

// Recv returns the receiver expression of a method call; nil otherwise.
func (c *Call) Recv() ast.Expr { return receiver(c.In.Pkg.Info, c.Expr.Fun) }

// Name is the name that stands for the function of a call; nil where there is none.
func (c *Call) Name() *ast.Ident {
	switch f := unindex(c.Expr.Fun).(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	}
	return nil
}

func receiver(info *types.Info, fun ast.Expr) ast.Expr {
	sel, ok := unindex(fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if s := info.Selections[sel]; s == nil || s.Kind() == types.MethodExpr {
		return nil
	}
	return sel.X
}

// unindex strips parentheses and explicit type arguments.
func unindex(e ast.Expr) ast.Expr {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		default:
			return e
		}
	}
}

// A Kind says what an origin is.
type Kind int

// The kinds of origin.
const (
	Const   Kind = iota // a constant: Value
	Result              // result of a call that is not entered: Call, Callee, Index
	Literal             // a composite literal: Expr
	Value               // a function as a value: Fn, or Callee when it has no body here
	Nil                 // the nil literal
	Unknown             // not followed: Why
)

// An Origin is one place that a value may come from.
type Origin struct {
	Kind   Kind
	Expr   ast.Expr // where it is made
	Frame  *Frame   // in which activation
	Value  string   // Const: the value
	Call   *Call    // Result
	Index  int      // Result: which one
	Callee *types.Func
	Via    *Origin    // Result of a dynamic call: the function value that was called
	Fn     *Func      // Value: the body
	Recv   ast.Expr   // Value: receiver of a method value, evaluated in Frame
	Var    *types.Var // Unknown: the variable or parameter at which the trail ends
	Rest   *Path      // fields and elements still to be taken of it
	Why    string
}

// A Frame is one activation of a function: which call it came from, as far as
// that is known, and for a literal the activation it was made in.
type Frame struct {
	Fn     *Func
	Call   *Call    // nil: any caller
	Caller *Frame   // activation that Call stands in
	Env    *Frame   // literal: activation of Fn.Outer
	Self   ast.Expr // the receiver, where Call does not say it
	SelfAt *Frame
	depth  int
}

// up returns the activation of fn that f lies in.
func (f *Frame) up(fn *Func) *Frame {
	for ; f != nil; f = f.Env {
		if f.Fn == fn {
			return f
		}
	}
	return nil
}

// A Path is a list of fields and elements to take of a value, innermost last.
// Paths are interned: equal ones are the same pointer; nil is the value itself.
type Path struct {
	step Step
	tail *Path
	size int
}

// A Step is one field, or an element or key of a container.
type Step struct {
	Field *types.Var // nil: element
	Key   bool       // the key of a map, not its element
}

// Step returns the first step.
func (p *Path) Step() Step { return p.step }

// Tail returns the rest.
func (p *Path) Tail() *Path { return p.tail }
