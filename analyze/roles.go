package analyze

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Which part a function or type plays: looked up by identity, never by text.

type symbolKey struct{ pkg, recv, name string }

// An entry is a symbol with the SDK it belongs to; spec is nil for net/http's,
// other libraries' and authlib's.
type entry struct {
	sym  sdk.Symbol
	spec *sdk.Spec
	ours bool // a symbol of authlib
	sure bool // ours, and trusted
}

type typeEntry struct {
	typ  sdk.Type
	spec *sdk.Spec
}

type book struct {
	symbols map[symbolKey]*entry
	types   map[symbolKey]*typeEntry
	trusted func(string) bool
	alike   map[string]bool // memo of looksOurs
}

func newBook(specs []*sdk.Spec, trusted func(string) bool) *book {
	b := &book{symbols: map[symbolKey]*entry{}, types: map[symbolKey]*typeEntry{}, trusted: trusted, alike: map[string]bool{}}
	for _, spec := range specs {
		for _, s := range spec.Symbols {
			b.symbols[symbolKey{s.Pkg, s.Recv, s.Name}] = &entry{sym: s, spec: spec}
		}
		for _, t := range spec.Types {
			b.types[symbolKey{t.Pkg, "", t.Name}] = &typeEntry{typ: t, spec: spec}
		}
	}
	for _, s := range webSymbols() {
		b.symbols[symbolKey{s.Pkg, s.Recv, s.Name}] = &entry{sym: s}
	}
	return b
}

// lookup returns the part that f plays; nil for an ordinary function.
func (b *book) lookup(f *types.Func) *entry {
	if f == nil || f.Pkg() == nil {
		return nil
	}
	path, recv := f.Pkg().Path(), receiverName(f)
	if e := b.symbols[symbolKey{path, recv, f.Name()}]; e != nil {
		return e
	}
	if s, ok := oursByRecv[recv][f.Name()]; ok && b.looksOurs(path) {
		return &entry{sym: s, ours: true, sure: b.sure(path)}
	}
	return nil
}

// known reports whether the flow of values stops at f.
func (b *book) known(f *types.Func) bool {
	return b.lookup(f) != nil || f.Pkg() != nil && b.authlib(f.Pkg().Path())
}

func receiverName(f *types.Func) string {
	recv := f.Signature().Recv()
	if recv == nil {
		return ""
	}
	if n := named(recv.Type()); n != nil {
		return n.Obj().Name()
	}
	return ""
}

// named returns the named type of t, through one pointer and aliases.
func named(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

// typeOf returns what is known of a type by itself.
func (b *book) typeOf(t types.Type) *typeEntry {
	n := named(t)
	if n == nil || n.Obj().Pkg() == nil {
		return nil
	}
	return b.types[symbolKey{n.Obj().Pkg().Path(), "", n.Obj().Name()}]
}

// guardSymbols are the methods of authlib.Guard and of the adapters' Guards.
var guardSymbols = map[string]sdk.Symbol{
	"Protect": {Name: "Protect", Role: sdk.RoleGuard, Handler: 1},
	"Handler": {Name: "Handler", Role: sdk.RoleGuard, Handler: 2},
	"Mount":   {Name: "Mount", Role: sdk.RoleMount, Mux: 1, Path: 2, Handler: 3},
	"At":      {Name: "At", Role: sdk.RoleOption, Path: 1, Effect: effectGuard},
	"AtSSE":   {Name: "AtSSE", Role: sdk.RoleOption, Effect: effectGuard},
	"Server":  {Name: "Server", Role: sdk.RoleMiddleware, Server: 1},
	"Servers": {Name: "Servers", Role: sdk.RoleMiddleware, Server: 1},
	"Stdio":   {Name: "Stdio", Role: roleStdioGuard},
}

// checkSymbols are the adapters' functions that do without a Guard at hand.
var checkSymbols = map[string]sdk.Symbol{
	"Check":        {Name: "Check", Role: sdk.RoleMiddleware, Server: 1},
	"CheckServers": {Name: "CheckServers", Role: sdk.RoleMiddleware, Server: 1},
}

// oursByRecv are both, by the type that they are methods of.
var oursByRecv = map[string]map[string]sdk.Symbol{"Guard": guardSymbols, "": checkSymbols}

// roleStdioGuard is the role of our own method that asks for the credential of a
// stdio server.
const roleStdioGuard sdk.Role = "stdio-guard"

// effectGuard is the effect of our own transport option.
const effectGuard sdk.Effect = "guard"

// looksOurs reports whether a path can be authlib or one of its adapters.
func (b *book) looksOurs(path string) bool {
	known, ok := b.alike[path]
	if !ok {
		known = authlibRoot(path) != "" || b.trusted != nil && b.trusted(path)
		b.alike[path] = known
	}
	return known
}

// authlib reports whether a package is part of authlib, the copy included: its
// code is not the user's own. A package that only looks like it is.
func (b *book) authlib(path string) bool { return b.looksOurs(path) && b.sure(path) }

func (b *book) sure(path string) bool { return b.trusted == nil || b.trusted(path) }

// authlibRoot returns the part of an import path up to authlib; "" if it has none.
func authlibRoot(path string) string {
	for _, name := range []string{"authlib", "mcpauthlib"} {
		if path == name || strings.HasPrefix(path, name+"/") {
			return name
		}
		if i := strings.Index(path+"/", "/"+name+"/"); i >= 0 {
			return path[:i+1+len(name)]
		}
	}
	return ""
}

// split parts an import path after authlib: "x/authlib/policyfile" is "x/authlib" and
// "/policyfile".
func (b *book) split(path string) (root, sub string) {
	root = authlibRoot(path)
	return root, strings.TrimPrefix(path, root)
}

func itoa(n int) string { return strconv.Itoa(n) }

// funcName names a function for a reader: "pkg.F", "pkg.T.M".
func funcName(f *types.Func) string {
	name := f.Name()
	if recv := receiverName(f); recv != "" {
		name = recv + "." + name
	}
	if f.Pkg() != nil {
		name = f.Pkg().Name() + "." + name
	}
	return name
}

// title names a function of the module for a reader.
func title(fn *flow.Func) string {
	for ; fn != nil; fn = fn.Outer {
		if fn.Obj != nil {
			return fn.Obj.Name()
		}
	}
	return "a package variable"
}

// fieldNamed returns field name of the struct that e has.
func fieldNamed(info *types.Info, e ast.Expr, name string) *types.Var {
	t := info.TypeOf(e)
	if t == nil || name == "" {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for i := range st.NumFields() {
		if st.Field(i).Name() == name {
			return st.Field(i)
		}
	}
	return nil
}
