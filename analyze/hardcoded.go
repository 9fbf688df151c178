package analyze

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// A Hardcoded is a credential that stands in the source as a string. Its value is in
// the syntax of Site alone: a Hardcoded can be printed.
type Hardcoded struct {
	Site  sdk.Site     // Node is the *ast.BasicLit
	Name  string       // of the field, variable, parameter or header that it is given to
	Of    string       // package by whose name the provider is known, such as "github"; "" mostly
	Const *ast.GenDecl // the declaration, where it is the value of a constant
}

// HardcodedCredentials returns the credentials that stand in the source of the packages
// that look wants, in order of position. A string is one if what it is given to is named
// so (a field ClientSecret, a parameter token, a variable apiKey, a comparison with the
// header X-API-Key), and if it looks like a value and not like a name.
func HardcodedCredentials(p *load.Program, look func(*load.Package) bool) []Hardcoded {
	var out []Hardcoded
	for _, pkg := range p.Packages {
		if !look(pkg) {
			continue
		}
		for _, f := range pkg.Files {
			if f.AST != nil {
				finder := &credentialFinder{pkg: pkg, file: f, seen: map[*ast.BasicLit]bool{}}
				ast.PreorderStack(f.AST, nil, finder.visit)
				out = append(out, finder.found...)
			}
		}
	}
	return out
}

// A credentialFinder looks through one file.
type credentialFinder struct {
	pkg   *load.Package
	file  *load.File
	seen  map[*ast.BasicLit]bool
	found []Hardcoded
}

func (c *credentialFinder) visit(n ast.Node, around []ast.Node) bool {
	switch n := n.(type) {
	case *ast.CompositeLit:
		c.fields(n)
	case *ast.AssignStmt:
		for i, right := range n.Rhs {
			if len(n.Rhs) == len(n.Lhs) {
				c.given(nameGiven(n.Lhs[i]), "", right, nil)
			}
		}
	case *ast.ValueSpec:
		decl, _ := around[len(around)-1].(*ast.GenDecl)
		if decl != nil && decl.Tok != token.CONST {
			decl = nil
		}
		for i, right := range n.Values {
			c.given(n.Names[i].Name, "", right, decl)
		}
	case *ast.CallExpr:
		c.arguments(n)
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			c.compared(n.X, n.Y)
			c.compared(n.Y, n.X)
		}
	}
	return true
}

// fields looks at what a struct or map is made of.
func (c *credentialFinder) fields(lit *ast.CompositeLit) {
	of := ""
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && nameGiven(kv.Key) == "Endpoint" {
			if sel, ok := kv.Value.(*ast.SelectorExpr); ok {
				of = nameGiven(sel.X)
			}
		}
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			name := nameGiven(kv.Key)
			if key, ok := kv.Key.(*ast.BasicLit); ok && key.Kind == token.STRING {
				name, _ = strconv.Unquote(key.Value)
			}
			c.given(name, of, kv.Value, nil)
		}
	}
}

// arguments looks at what a function is given, by the names of its parameters.
func (c *credentialFinder) arguments(call *ast.CallExpr) {
	sig, ok := c.pkg.Info.TypeOf(call.Fun).(*types.Signature)
	if c.pkg.Info.Types[call.Fun].IsType() || !ok {
		return
	}
	for i, arg := range call.Args {
		if i < sig.Params().Len() && (!sig.Variadic() || i < sig.Params().Len()-1) {
			c.given(sig.Params().At(i).Name(), "", arg, nil)
		}
	}
	if fn, ok := calleeOf(c.pkg, call); ok && (fn == "crypto/subtle.ConstantTimeCompare" || fn == "crypto/hmac.Equal") && len(call.Args) == 2 {
		c.compared(call.Args[0], call.Args[1])
		c.compared(call.Args[1], call.Args[0])
	}
}

func calleeOf(pkg *load.Package, call *ast.CallExpr) (string, bool) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	fn, ok := pkg.Info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return "", false
	}
	return fn.FullName(), true
}

// compared looks at a string that other is compared with.
func (c *credentialFinder) compared(other, e ast.Expr) {
	other = c.unconverted(other)
	name := nameGiven(other)
	if call, ok := other.(*ast.CallExpr); ok && len(call.Args) == 1 {
		if key, ok := call.Args[0].(*ast.BasicLit); ok && key.Kind == token.STRING {
			if name, _ = strconv.Unquote(key.Value); strings.EqualFold(name, "Authorization") {
				name = "token"
			}
		}
	}
	c.given(name, "", e, nil)
}

// given notes e if it is a credential by what it is given to.
func (c *credentialFinder) given(name, of string, e ast.Expr, decl *ast.GenDecl) {
	lit, ok := c.unconverted(e).(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING || c.seen[lit] || !c.plain(lit) || !looksSecret(name, "") {
		return
	}
	if value, err := strconv.Unquote(lit.Value); err != nil || !looksValue(name, strings.TrimPrefix(value, "Bearer ")) {
		return
	}
	c.seen[lit] = true
	c.found = append(c.found, Hardcoded{Site: sdk.Site{Pkg: c.pkg, File: c.file, Node: lit}, Name: name, Of: of, Const: decl})
}

// plain reports whether the literal is a string to the compiler: one of a type of its
// own is a key or a name.
func (c *credentialFinder) plain(lit *ast.BasicLit) bool {
	t := c.pkg.Info.TypeOf(lit)
	if t == nil {
		return false
	}
	_, ok := types.Unalias(t).(*types.Basic)
	return ok
}

// unconverted returns what a conversion to a string or to bytes is of.
func (c *credentialFinder) unconverted(e ast.Expr) ast.Expr {
	e = ast.Unparen(e)
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !c.pkg.Info.Types[call.Fun].IsType() {
		return e
	}
	switch t := types.Unalias(c.pkg.Info.TypeOf(call)).(type) {
	case *types.Slice, *types.Basic:
		_ = t
		return ast.Unparen(call.Args[0])
	}
	return e
}

// nameGiven returns the name that an expression ends in.
func nameGiven(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// shortest is the length from which on a string may be a credential.
const shortest = 8

// What is a name, an address or a template, and no value.
var (
	variableLike = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$`)
	headerLike   = regexp.MustCompile(`^[A-Z][A-Za-z]*(-[A-Z][A-Za-z]*)+$`)
	template     = regexp.MustCompile(`\s|://|^/|%[a-z]|\{\{|\$\{|^\$|<.*>`)
)

// looksValue reports whether a string that is given to name may be a credential itself.
func looksValue(name, value string) bool {
	if len(value) < shortest || variableLike.MatchString(value) || headerLike.MatchString(value) || template.MatchString(value) {
		return false
	}
	known := append(wordsOf(name), "access", "refresh", "id", "auth", "oauth", "api", "mcp", "x", "token", "key", "secret", "client", "bearer", "jwt", "header", "authorization")
	return slices.ContainsFunc(wordsOf(value), func(word string) bool { return !slices.Contains(known, word) })
}
