package analyze

import (
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What could hold or receive a server and was not understood.

// findEscapes finds servers that are handed to code outside of the module that
// is not the SDK's.
func (a *analysis) findEscapes() {
	for _, c := range a.flow.Calls {
		if !a.abroad(c) || !a.mine(c.In) {
			continue
		}
		for _, arg := range c.Expr.Args {
			if e := a.book.typeOf(orInvalid(c.In.Pkg.Info.TypeOf(arg))); e != nil && e.typ.Role == sdk.RoleServer {
				a.note(c.In, c.Expr.Pos(), "a server is handed to "+quoteName(enteredName(c))+", which is outside of the module")
			}
		}
	}
}

// abroad reports whether the function that a call enters is known to be neither the
// module's nor an SDK's, or not known at all.
func (a *analysis) abroad(c *flow.Call) bool {
	if c.Callee == nil {
		t := c.In.Pkg.Info.TypeOf(c.Expr.Fun)
		return c.Dynamic() && orInvalid(t) == types.Typ[types.Invalid]
	}
	p := c.Callee.Pkg()
	return p != nil && !c.Iface && !a.book.known(c.Callee) && !a.inModule(p) && !a.ofSDK(p.Path()) && !printing[p.Path()]
}

// enteredName names the function that a call enters.
func enteredName(c *flow.Call) string {
	if c.Callee == nil {
		return types.ExprString(c.Expr.Fun)
	}
	return funcName(c.Callee)
}

// printing are packages that do nothing with a server or handler but print or encode it.
var printing = map[string]bool{
	"fmt": true, "log": true, "log/slog": true, "errors": true, "strings": true, "strconv": true, "bytes": true,
	"encoding/json": true, "encoding/xml": true, "encoding/gob": true, "encoding/binary": true, "database/sql": true,
	"text/template": true, "html/template": true,
}

func (a *analysis) ofSDK(path string) bool {
	is, known := a.sdkPaths[path]
	if !known {
		is = slices.ContainsFunc(a.specs, func(s *sdk.Spec) bool {
			return slices.ContainsFunc(s.Modules(), func(m string) bool { return path == m || strings.HasPrefix(path, m+"/") })
		})
		if a.sdkPaths == nil {
			a.sdkPaths = map[string]bool{}
		}
		a.sdkPaths[path] = is
	}
	return is
}

// because gives what the compiler says of a line, as the end of a sentence.
func (a *analysis) because(file string, line int) string {
	for _, e := range a.prog.Errors {
		if f, l, _ := e.Place(); f == file && l == line {
			return ": " + e.Msg
		}
	}
	return ""
}

// findUnread finds files that import an SDK and were not looked at, and packages
// for which the SDK's own types are missing: there nothing can be recognised, and
// finding nothing must not pass for clean.
func (a *analysis) findUnread() {
	for _, pkg := range a.prog.Packages {
		for _, imported := range pkg.Types.Imports() {
			if a.ofSDK(imported.Path()) && !imported.Complete() && len(pkg.Files) > 0 {
				file, line := a.importedAt(pkg, func(path string) bool { return path == imported.Path() })
				a.incomplete[Incomplete{File: file, Line: line, Why: "the types of " + imported.Path() + " could not be loaded" + a.because(file, line)}] = true
			}
		}
	}
	for _, u := range a.prog.Unread {
		a.incomplete[Incomplete{File: u.Rel, Line: u.Line, Why: u.Why}] = true
	}
	a.findSkipped()
}
