package analyze

import (
	"go/ast"
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

// isVerifier returns the known verifier that a call runs with a keyfunc of its own
// that can refuse, or none; nil for other calls.
func (m *machine) isVerifier(c *flow.Call) *types.Func {
	if c.Callee == nil || c.Callee.Pkg() == nil || c.Iface {
		return nil
	}
	if !verifiers[symbolKey{c.Callee.Pkg().Path(), receiverName(c.Callee), c.Callee.Name()}] {
		return nil
	}
	for _, arg := range c.Expr.Args {
		if sig, ok := orInvalid(m.info().TypeOf(arg)).Underlying().(*types.Signature); ok && sig.Results().Len() == 2 && !m.keyed(arg) {
			return nil
		}
	}
	m.issued = true
	return c.Callee
}

// keyed reports whether a key function surely gives a key that not everybody has: not
// the one that stands for no signature, nor nothing, nor a text that may be empty.
func (m *machine) keyed(arg ast.Expr) bool {
	origins := m.a.flow.Origins(arg, m.a.flow.Root(m.fn))
	for _, o := range origins {
		if o.Kind != flow.Value || o.Fn == nil || o.Fn.Body == nil || !givesKey(o.Fn) {
			return false
		}
	}
	return len(origins) > 0
}

func givesKey(fn *flow.Func) bool {
	ok := len(fn.Returns) > 0
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if id, is := n.(*ast.Ident); is {
			ok = ok && id.Name != "UnsafeAllowNoneSignatureType"
		}
		return ok
	})
	for _, r := range fn.Returns {
		if len(r.Results) == 2 && isNilExpr(r.Results[1]) {
			ok = ok && !isNilExpr(r.Results[0]) && !isText(fn, r.Results[0])
		}
	}
	return ok
}

// isText reports whether an expression is a text as bytes.
func isText(fn *flow.Func, e ast.Expr) bool {
	s, ok := orInvalid(fn.Pkg.Info.TypeOf(e)).Underlying().(*types.Slice)
	if !ok {
		return false
	}
	b, ok := s.Elem().Underlying().(*types.Basic)
	return ok && b.Kind() == types.Byte
}

func isNilExpr(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "nil"
}

// verified is what a verifier gives: the error tells, and field Valid of a token;
// what else it returns may be there with an error as well.
func (m *machine) verified(c *flow.Call) []value {
	res := c.Callee.Signature().Results()
	var list []value
	for i := range res.Len() {
		v := value{taint: fromCredential, fields: map[string]value{"Valid": {taint: fromCredential, good: true}}}
		if isError(res.At(i).Type()) {
			v = value{taint: fromCredential, good: true}
		}
		list = append(list, v)
	}
	return list
}

func isError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}
