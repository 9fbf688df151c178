package analyze

import (
	"cmp"
	"go/ast"
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// What a person says is a check. It makes protected of what is unknown, and never of
// what the code shows to be open; each use of it is in the report, and is a finding.

// An OwnGuard is a function of the module that the settings name as a check of callers.
type OwnGuard struct {
	Func         string // import path and name, such as "example.com/app/auth.Require" or "example.com/app/auth.(*Keys).Require"
	SHA256       string // of what it is made of, see [Trust]
	Reason       string
	File         string // the settings file, relative to the program's folder where it lies in there
	Line, Column int
}

// A Trust is one place where a person says that something is a check of callers: an
// entry of the settings, or a comment //mcpauth:trusted on the line that serves.
type Trust struct {
	File         string
	Line, Column int
	Func         string // of the settings; "" for a comment
	SHA256       string // what the function's content has now; "" for a comment, and where there is no such function
	Reason       string
	Fault        string // why it does not count; "" when it does
	Overruled    string // what the code shows that it can't overrule; "" for nothing
	Used         bool   // something is protected because of it
}

// where is the place of a trust, for a reason.
func (t *Trust) where() string { return t.File + ":" + itoa(t.Line) }

// because is the reason of what is protected by a trust.
func (t *Trust) because() string {
	return "trusted, and not proved: " + t.where() + " says " + quoteName(t.Reason)
}

// findTrusts finds the functions that the settings name, and the comments.
func (a *analysis) findTrusts() {
	a.trusted, a.comments = map[ast.Node]*Trust{}, map[commentLine]*Trust{}
	for _, g := range a.asked.Guards {
		a.trusts = append(a.trusts, a.configured(g))
	}
	for _, pkg := range a.prog.Packages {
		if a.book.looksOurs(pkg.Path) {
			continue
		}
		for _, f := range pkg.Files {
			a.findComments(f)
		}
	}
}

// configured is the trust of an entry of the settings.
func (a *analysis) configured(g OwnGuard) *Trust {
	t := &Trust{File: g.File, Line: g.Line, Column: g.Column, Func: g.Func, Reason: g.Reason}
	pkg, d := a.declaredFunc(g.Func)
	if d == nil {
		t.Fault = "the program has no function " + quoteName(g.Func) + " with a body"
		return t
	}
	if t.SHA256 = a.contentOf(pkg, d); t.SHA256 != g.SHA256 {
		t.Fault = "the function, or what it uses of the module, is not what was trusted: its sha256 is now " + t.SHA256
		return t
	}
	a.trusted[d.Body] = t
	return t
}

// declaredFunc finds a function by import path and name.
func (a *analysis) declaredFunc(name string) (*load.Package, *ast.FuncDecl) {
	for _, pkg := range a.prog.Packages {
		for _, f := range pkg.Files {
			for _, d := range f.AST.Decls {
				if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil && pkg.Path+"."+declaredName(d) == name {
					return pkg, d
				}
			}
		}
	}
	return nil, nil
}

// declaredName is Name, (T).Name or (*T).Name.
func declaredName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	t, star := ast.Unparen(d.Recv.List[0].Type), ""
	if p, ok := t.(*ast.StarExpr); ok {
		t, star = ast.Unparen(p.X), "*"
	}
	switch x := t.(type) {
	case *ast.IndexExpr:
		t = x.X
	case *ast.IndexListExpr:
		t = x.X
	}
	return "(" + star + lastField(t) + ")." + d.Name.Name
}

// trustOf returns the trust in a body: in the function itself, or in the one that makes it.
func (a *analysis) trustOf(fn *flow.Func) *Trust {
	for ; fn != nil; fn = fn.Outer {
		if t := a.trusted[fn.Body]; fn.Body != nil && t != nil {
			return t
		}
	}
	return nil
}

// trustedLayer is the layer of a handler of the module's own, with what the settings say
// of it: they decide where the code is not understood.
func (a *analysis) trustedLayer(fn *flow.Func, l chain, trail chain) chain {
	t := a.trustOf(fn)
	if t == nil || fn.Sig == nil || !takesRequest(fn.Sig) {
		return l
	}
	if l == nil {
		g := a.gateOf(fn)
		if !g.stops || !g.handed {
			t.Overruled = "the handler at " + a.where(fn, fn.Pos()) + " hands every request on"
			return nil
		}
		l = &layer{name: title(fn), kind: GuardNone, verdict: Unknown, own: true, trail: trail, preflight: g.preflight}
	}
	switch l.verdict {
	case Unprotected:
		t.Overruled = l.reason
	case Unknown:
		l.verdict, l.kind, l.trust, l.reason = Protected, GuardTrusted, t, ""
	}
	return l
}

// commentLine is a line of a file.
type commentLine struct {
	file *load.File
	line int
}

var directive = regexp.MustCompile(`^//\s*mcpauth:`)

// findComments finds the comments of a file that say something to this tool.
func (a *analysis) findComments(f *load.File) {
	for _, group := range f.AST.Comments {
		for _, c := range group.List {
			if !directive.MatchString(c.Text) {
				continue
			}
			at := a.prog.Fset.PositionFor(c.Pos(), f.Cgo)
			reason, known := strings.CutPrefix(c.Text, "//mcpauth:trusted")
			t := &Trust{File: f.Rel, Line: at.Line, Column: at.Column, Reason: strings.TrimSpace(reason)}
			switch {
			case !known || reason != "" && reason[0] != ' ' && reason[0] != '\t':
				t.Reason, t.Fault = "", "it is no comment that is known; write //mcpauth:trusted and a reason, without a blank in front"
			case t.Reason == "":
				t.Fault = "it gives no reason; write //mcpauth:trusted and why"
			case a.asked.NoComments:
				t.Fault = "comments do not count where the settings are read from elsewhere"
			default:
				line := at.Line
				if aloneOnLine(f.Src, a.prog.Fset.PositionFor(c.Pos(), false).Offset) {
					line++
				}
				a.comments[commentLine{f, line}] = t
			}
			a.trusts = append(a.trusts, t)
		}
	}
}

// aloneOnLine reports whether there are only blanks in front of an offset in its line.
func aloneOnLine(src []byte, offset int) bool {
	for i := offset - 1; i >= 0 && i < len(src) && src[i] != '\n'; i-- {
		if src[i] != ' ' && src[i] != '\t' {
			return false
		}
	}
	return true
}

// trustComment applies the comment on the line of a route to it.
func (a *analysis) trustComment(r *Route) {
	t := a.comments[commentLine{r.Site.File, r.Site.Position(a.prog.Fset).Line}]
	if t == nil {
		return
	}
	switch r.Verdict {
	case Unprotected:
		t.Overruled = r.Reason
	case Unknown:
		t.Used = true
		r.Verdict, r.GuardKind, r.Trust, r.Reason = Protected, GuardTrusted, t, t.because()
	}
}

// sortTrusts puts them in order of position.
func (a *analysis) sortTrusts() {
	slices.SortFunc(a.trusts, func(x, y *Trust) int {
		return cmp.Or(cmp.Compare(x.File, y.File), x.Line-y.Line, x.Column-y.Column)
	})
}
