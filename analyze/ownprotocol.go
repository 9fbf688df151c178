package analyze

import (
	"bytes"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Servers that speak MCP without an SDK. What they list is read, see ownlists.go. Who
// may call them is not, which is said.

// callMethod is the method by which a client calls a tool; what decides by it, and by
// another one that a server has to answer, answers requests.
const callMethod = "tools/call"

// otherMethods are further ones that a server answers, and a client only sends.
var otherMethods = map[string]bool{
	"initialize": true, "tools/list": true, "prompts/list": true, "resources/list": true, "resources/templates/list": true,
}

const ownProtocol = "an MCP server of its own protocol code: it decides by the method " + callMethod +
	" here, without an SDK that is known, so that how it is served and who may call it is not looked at"

// OwnProtocol is what a report calls the SDK of a server that has none.
const OwnProtocol = "own protocol code"

// ownSpec stands for the SDK of servers that have none. No call is looked up in it.
var ownSpec = &sdk.Spec{
	Name:   OwnProtocol,
	ByHand: "put the check in front of the http.Handler that reads its messages: guard.Protect(handler)",
}

// findOwnProtocol finds packages that answer the protocol's methods themselves. Code
// in front of a server or behind a client looks at methods as well, but does not
// write the answer to initialize.
func (a *analysis) findOwnProtocol() {
	found := map[*load.Package]*answers{}
	for _, fn := range a.flow.Funcs {
		if !a.mine(fn) || !bytes.Contains(fn.File.Src, []byte(`"`)) {
			continue
		}
		if found[fn.Pkg] == nil {
			found[fn.Pkg] = &answers{}
		}
		found[fn.Pkg].read(fn)
	}
	for _, pkg := range a.prog.Packages {
		m := found[pkg]
		if m != nil && m.call != nil && m.other && answersInitialize(a.prog, pkg) {
			a.note(m.in, m.call.Pos(), ownProtocol)
			a.ownServer(m)
		}
	}
}

// ownServer adds the server that a package with its own protocol code is.
func (a *analysis) ownServer(m *answers) {
	s := &Server{ID: m.in.Pkg.Name, Spec: ownSpec, New: a.site(sdk.RoleServer, m.in, m.call)}
	a.ownServers = append(a.ownServers, s)
	a.ownLists(s, m)
}

// answers are the methods by which a package decides what to do.
type answers struct {
	call  ast.Expr // where it is callMethod
	in    *flow.Func
	other bool
	by    []*flow.Func // that decide by any of them
	lists map[string]bool
}

func (m *answers) decide(fn *flow.Func, e ast.Expr) {
	tv, ok := fn.Pkg.Info.Types[e]
	if !ok || tv.Value == nil || tv.Value.Kind() != constant.String {
		return
	}
	method := constant.StringVal(tv.Value)
	if method != callMethod && !otherMethods[method] {
		return
	}
	if !slices.Contains(m.by, fn) {
		m.by = append(m.by, fn)
	}
	if method == callMethod && m.call == nil {
		m.call, m.in = e, fn
		return
	}
	m.other = m.other || method != callMethod
	if m.lists == nil {
		m.lists = map[string]bool{}
	}
	m.lists[method] = true
}

// read looks for methods in cases, comparisons, and tables of functions.
func (m *answers) read(fn *flow.Func) {
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return n == fn.Lit
		case *ast.CaseClause:
			for _, e := range n.List {
				m.decide(fn, e)
			}
		case *ast.BinaryExpr:
			if n.Op == token.EQL {
				m.decide(fn, n.X)
				m.decide(fn, n.Y)
			}
		case *ast.KeyValueExpr:
			if isFunc(fn, n.Value) {
				m.decide(fn, n.Key)
			}
		case *ast.AssignStmt:
			m.assigned(fn, n)
		case *ast.CallExpr:
			m.registered(fn, n)
		}
		return true
	}
	if fn.Body != nil {
		ast.Inspect(fn.Body, visit)
		return
	}
	for _, d := range fn.File.AST.Decls {
		if d, ok := d.(*ast.GenDecl); ok {
			ast.Inspect(d, visit)
		}
	}
}

// assigned reads handlers[method] = f.
func (m *answers) assigned(fn *flow.Func, s *ast.AssignStmt) {
	if len(s.Lhs) != len(s.Rhs) {
		return
	}
	for i, l := range s.Lhs {
		if x, ok := l.(*ast.IndexExpr); ok && isFunc(fn, s.Rhs[i]) {
			m.decide(fn, x.Index)
		}
	}
}

// registered reads handle(method, f).
func (m *answers) registered(fn *flow.Func, call *ast.CallExpr) {
	if len(call.Args) == 2 && isFunc(fn, call.Args[1]) {
		m.decide(fn, call.Args[0])
	}
}

func isFunc(fn *flow.Func, e ast.Expr) bool {
	t := fn.Pkg.Info.TypeOf(e)
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// answersInitialize reports whether a package, or one of the program that it imports,
// names the fields of the answer to initialize.
func answersInitialize(p *load.Program, pkg *load.Package) bool {
	imported := map[*types.Package]bool{pkg.Types: true}
	for _, i := range pkg.Types.Imports() {
		imported[i] = true
	}
	version, info := false, false
	for _, one := range p.Packages {
		if !imported[one.Types] {
			continue
		}
		for _, f := range one.Files {
			version = version || bytes.Contains(f.Src, []byte(`"protocolVersion`))
			info = info || bytes.Contains(f.Src, []byte(`"serverInfo`))
		}
	}
	return version && info
}
