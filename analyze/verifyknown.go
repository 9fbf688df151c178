package analyze

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// Functions of other libraries that verify a token: without an error the token is
// one that its issuer signed, or said is good.

// verifiers are by import path, receiver and name; what follows the path may be a
// version.
var verifiers = map[symbolKey]bool{
	{"github.com/golang-jwt/jwt/v5", "", "Parse"}:                      true,
	{"github.com/golang-jwt/jwt/v5", "", "ParseWithClaims"}:            true,
	{"github.com/golang-jwt/jwt/v5", "Parser", "Parse"}:                true,
	{"github.com/golang-jwt/jwt/v5", "Parser", "ParseWithClaims"}:      true,
	{"github.com/golang-jwt/jwt/v4", "", "Parse"}:                      true,
	{"github.com/golang-jwt/jwt/v4", "", "ParseWithClaims"}:            true,
	{"github.com/golang-jwt/jwt/v4", "Parser", "Parse"}:                true,
	{"github.com/golang-jwt/jwt/v4", "Parser", "ParseWithClaims"}:      true,
	{"github.com/coreos/go-oidc/v3/oidc", "IDTokenVerifier", "Verify"}: true,
	{"github.com/coreos/go-oidc/oidc", "IDTokenVerifier", "Verify"}:    true,
	{"google.golang.org/api/idtoken", "", "Validate"}:                  true,
	{"google.golang.org/api/idtoken", "Validator", "Validate"}:         true,
}

// verifierOf returns the known verifier that a call runs; nil for other calls.
func verifierOf(c *flow.Call) *types.Func {
	if c.Callee == nil || c.Callee.Pkg() == nil || c.Iface {
		return nil
	}
	if !verifiers[symbolKey{c.Callee.Pkg().Path(), receiverName(c.Callee), c.Callee.Name()}] {
		return nil
	}
	return c.Callee
}

// trusts reports whether a call runs a known verifier, with a key function that can
// refuse, or none.
func (m *machine) trusts(c *flow.Call, args []value) bool {
	if verifierOf(c) == nil || m.a.skipsSignatures() || !m.callers(c, args) {
		return false
	}
	for _, arg := range c.Expr.Args {
		if sig, ok := orInvalid(m.info().TypeOf(arg)).Underlying().(*types.Signature); ok && sig.Results().Len() == 2 && !m.keyed(arg) {
			return false
		}
	}
	m.issued = true
	return true
}

// callers reports whether the first text that a verifier is told is the caller's
// credential.
func (m *machine) callers(c *flow.Call, args []value) bool {
	for i, arg := range c.Expr.Args {
		if isText(m.info().TypeOf(arg)) {
			return i < len(args) && args[i].taint == fromCredential
		}
	}
	return false
}

// skipsSignatures reports whether the module switches off, anywhere, what verifiers
// are for.
func (a *analysis) skipsSignatures() bool {
	if a.skips == nil {
		found := false
		for _, pkg := range a.prog.Packages {
			for id, o := range pkg.Info.Uses {
				found = found || o != nil && a.own[pkg.Types] && id.Name == "InsecureSkipSignatureCheck"
			}
		}
		a.skips = &found
	}
	return *a.skips
}

// keyed reports whether a key function surely gives a key that not everybody has: not
// the one that stands for no signature, nor nothing, nor a text that may be empty, nor
// one that the token itself brings or points to.
func (m *machine) keyed(arg ast.Expr) bool {
	origins := m.a.flow.Origins(arg, m.a.flow.Root(m.fn))
	for _, o := range origins {
		if o.Kind != flow.Value || o.Fn == nil || o.Fn.Body == nil || !givesKey(o.Fn) || !ownKeys(o.Fn) {
			return false
		}
	}
	return len(origins) > 0
}

func givesKey(fn *flow.Func) bool {
	ok := len(fn.Returns) > 0
	for _, r := range fn.Returns {
		if len(r.Results) != 2 {
			return false
		}
		if isNilExpr(r.Results[1]) {
			ok = ok && isKey(orInvalid(fn.Pkg.Info.TypeOf(r.Results[0])))
		}
	}
	return ok
}

// isKey reports whether a type is that of a public key, by which nobody can sign.
func isKey(t types.Type) bool {
	return isOf(t, "crypto/rsa", "PublicKey") || isOf(t, "crypto/ecdsa", "PublicKey") || isOf(t, "crypto/ed25519", "PublicKey")
}

// ownKeys reports whether a key function looks at nothing of the token but its method,
// and the name of its key to take that out of a table.
func ownKeys(fn *flow.Func) bool {
	if fn.Sig.Params().Len() != 1 {
		return false
	}
	tok, told := fn.Sig.Params().At(0), 0
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.SelectorExpr:
			if x.Sel.Name == "Method" && isVarExpr(fn, x.X, tok) {
				return false
			}
		case *ast.IndexExpr:
			if headerOf(fn, x, tok, "alg") || headerOf(fn, x.Index, tok, "kid") {
				return false
			}
		case *ast.Ident:
			if fn.Pkg.Info.Uses[x] == tok {
				told++
			}
		}
		return true
	})
	return told == 0
}

// headerOf reports whether an expression is that header of the token: t.Header["alg"].
func headerOf(fn *flow.Func, e ast.Expr, tok *types.Var, name string) bool {
	if t, ok := ast.Unparen(e).(*ast.TypeAssertExpr); ok {
		e = t.X
	}
	x, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok {
		return false
	}
	v := fn.Pkg.Info.Types[x.Index].Value
	sel, ok := ast.Unparen(x.X).(*ast.SelectorExpr)
	return ok && v != nil && constText(v) == name && sel.Sel.Name == "Header" && isVarExpr(fn, sel.X, tok)
}

func isVarExpr(fn *flow.Func, e ast.Expr, v *types.Var) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && fn.Pkg.Info.Uses[id] == v
}

func isNilExpr(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "nil"
}

// verified is what a verifier gives: the error tells, and field Valid of a token;
// what else it returns, or fills, may be there with an error as well.
func (m *machine) verified(c *flow.Call, w *world) []result {
	res := c.Callee.Signature().Results()
	var list []value
	for i := range res.Len() {
		v := value{taint: fromCredential, fields: map[string]value{"Valid": {taint: fromCredential, good: true}}}
		if isError(res.At(i).Type()) {
			v = value{taint: fromCredential, err: true}
		}
		list = append(list, v)
	}
	for _, arg := range c.Expr.Args {
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok && u.Op == token.AND {
			arg = u.X
		}
		if o, ok := m.root(arg); ok && !isBasic(orInvalid(o.Type())) && !isContext(o.Type()) {
			w = w.set(o, value{taint: fromCredential})
		}
	}
	return []result{{w, list}}
}

func isError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}
