package analyze

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/policyfile"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// The policy that the user's wiring reads from a file, read as the program will.

// filePolicy returns the policy that a call of authlib's reader gives; nil for other
// calls.
func (a *analysis) filePolicy(c *flow.Call) *Policy {
	if c.Callee == nil || c.Callee.Pkg() == nil || !a.mine(c.In) {
		return nil
	}
	root, sub := a.book.split(c.Callee.Pkg().Path())
	if sub != "/policyfile" || !a.book.looksOurs(root) {
		return nil
	}
	r := &fileReader{a: a, call: c, p: &Policy{Site: a.site(sdk.RoleGuard, c.In, c.Expr)}}
	switch {
	case !slices.Contains([]string{"Load", "LoadFS", "Parse"}, c.Callee.Name()):
		return nil
	case !a.book.sure(c.Callee.Pkg().Path()):
		r.p.Unknown = "the copy of authlib that reads it at " + r.at() + " is not as this version copies it: it is of another version, or was changed"
	case c.Callee.Name() == "Load":
		r.path(r.arg(0), "")
	case c.Callee.Name() == "LoadFS":
		r.inFS()
	default:
		r.data()
	}
	return r.p
}

// A fileReader finds and reads the file of one call.
type fileReader struct {
	a    *analysis
	call *flow.Call
	p    *Policy
}

func (r *fileReader) at() string { return r.a.where(r.call.In, r.call.Expr.Pos()) }

func (r *fileReader) unknown(format string, args ...any) {
	r.p.Unknown = fmt.Sprintf(format, args...)
}

func (r *fileReader) arg(i int) ast.Expr {
	if i < len(r.call.Expr.Args) {
		return r.call.Expr.Args[i]
	}
	return nil
}

// name returns the constant that e is, or says why there is none.
func (r *fileReader) name(e ast.Expr) string {
	name := ""
	if e != nil {
		name = r.a.constant(e, r.a.flow.Root(r.call.In))
	}
	if name == "" {
		r.unknown("the name of the policy file at %s is computed when the program runs", r.at())
	}
	return name
}

// path reads a file by its path, below the folder dir where that is not "". What is
// relative depends on the folder in which the program is started: the module's and
// those of the packages concerned are looked at.
func (r *fileReader) path(e ast.Expr, dir string) {
	name := r.name(e)
	if name == "" {
		return
	}
	if name = filepath.Join(filepath.FromSlash(dir), filepath.FromSlash(name)); filepath.IsAbs(name) {
		r.unknown("the policy file at %s is %q, a place of the machine that runs the program", r.at(), name)
		return
	}
	var found []dataFile
	for _, dir := range r.folders() {
		f, err := r.a.data(filepath.Join(dir, name))
		if err == nil && !slices.ContainsFunc(found, func(o dataFile) bool { return string(o.text) == string(f.text) }) {
			found = append(found, f)
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.unknown("the policy file at %s can't be read: %v", r.at(), err)
			return
		}
	}
	switch len(found) {
	case 0:
		r.unknown("the policy file %q at %s was not found in the module's folder or the package's", filepath.ToSlash(name), r.at())
	case 1:
		r.read(name, found[0])
		r.p.Doubt = "its path is relative to the folder in which the program is started; embed the file to be certain"
	default:
		r.unknown("which policy file %s reads depends on the folder in which the program is started: %s and %s differ", r.at(), found[0].rel, found[1].rel)
	}
}

// folders returns where programs of this module are likely to be started.
func (r *fileReader) folders() []string {
	list := []string{r.a.prog.Dir, r.call.In.Pkg.Dir}
	if m := r.call.In.Pkg.Module; m != nil {
		list = append(list, m.Dir)
	}
	for _, pkg := range r.a.prog.Packages {
		if pkg.Name == "main" {
			list = append(list, pkg.Dir)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// inFS reads a file of a file system: what the program embeds, or a folder.
func (r *fileReader) inFS() {
	if pkg, patterns := r.a.embeds(r.variable(r.arg(0))); pkg != nil {
		if name := r.name(r.arg(1)); name != "" {
			r.embedded(pkg, patterns, name)
		}
		return
	}
	for _, o := range r.a.flow.Origins(r.arg(0), r.a.flow.Root(r.call.In)) {
		if o.Kind == flow.Result && o.Callee != nil && o.Callee.FullName() == "os.DirFS" && len(o.Call.Expr.Args) == 1 {
			if dir := r.a.constant(o.Call.Expr.Args[0], o.Frame); dir != "" {
				r.path(r.arg(1), dir)
				return
			}
		}
	}
	r.unknown("it is not known which file system the policy file at %s is in", r.at())
}

// data reads what is embedded as text or bytes, or written out in Go.
func (r *fileReader) data() {
	name := r.name(r.arg(0))
	if name == "" {
		return
	}
	e := unconverted(r.call.In.Pkg.Info, r.arg(1))
	if pkg, patterns := r.a.embeds(r.variable(e)); len(patterns) == 1 {
		r.embedded(pkg, patterns, patterns[0])
		return
	}
	if text := r.a.constant(e, r.a.flow.Root(r.call.In)); text != "" {
		r.read(name, dataFile{[]byte(text), r.call.In.File.Rel})
		r.inGo()
		return
	}
	r.unknown("what is read as a policy at %s is computed when the program runs", r.at())
}

// inGo forgets places in a file that is none: the text stands in Go.
func (r *fileReader) inGo() {
	for _, rules := range []map[string]PolicyRule{r.p.Tools, r.p.Prompts, r.p.Resources} {
		for name, rule := range rules {
			rule.At = FilePlace{}
			rules[name] = rule
		}
	}
	r.p.File = ""
	line := r.a.prog.Fset.Position(r.call.Expr.Pos())
	for i := range r.p.Faults {
		r.p.Faults[i].Line, r.p.Faults[i].Column = line.Line, line.Column
	}
}

// embedded reads a file that the package embeds, which is what the program will have.
func (r *fileReader) embedded(pkg *load.Package, patterns []string, name string) {
	if !slices.ContainsFunc(patterns, func(p string) bool { return embeds(p, name) }) {
		r.unknown("the policy file %q at %s is not embedded: the patterns are %s", name, r.at(), strings.Join(patterns, " "))
		return
	}
	f, err := r.a.data(filepath.Join(pkg.Dir, filepath.FromSlash(name)))
	if err != nil {
		r.unknown("the policy file at %s can't be read: %v", r.at(), err)
		return
	}
	r.read(name, f)
}

// embeds reports whether a pattern of go:embed takes name, itself or by a folder.
func embeds(pattern, name string) bool {
	pattern = strings.TrimPrefix(pattern, "all:")
	for dir := name; dir != "." && dir != "/"; dir = path.Dir(dir) {
		if ok, err := path.Match(pattern, dir); ok && err == nil {
			return true
		}
	}
	return pattern == "."
}

// variable returns the package's variable that e is; nil for everything else.
func (r *fileReader) variable(e ast.Expr) *types.Var {
	if u, ok := ast.Unparen(orBad(e)).(*ast.UnaryExpr); ok {
		e = u.X
	}
	var id *ast.Ident
	switch x := ast.Unparen(orBad(e)).(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	default:
		return nil
	}
	v, _ := r.call.In.Pkg.Info.Uses[id].(*types.Var)
	return v
}

func orBad(e ast.Expr) ast.Expr {
	if e == nil {
		return &ast.BadExpr{}
	}
	return e
}

// unconverted takes conversions off e, as in []byte(text).
func unconverted(info *types.Info, e ast.Expr) ast.Expr {
	for {
		call, ok := ast.Unparen(orBad(e)).(*ast.CallExpr)
		if !ok || len(call.Args) != 1 || !info.Types[call.Fun].IsType() {
			return e
		}
		e = call.Args[0]
	}
}

// embeds returns the package of a variable that go:embed fills, and its patterns.
func (a *analysis) embeds(v *types.Var) (*load.Package, []string) {
	if v == nil {
		return nil, nil
	}
	for _, pkg := range a.prog.Packages {
		if pkg.Types != v.Pkg() {
			continue
		}
		for _, file := range pkg.Files {
			for _, d := range file.AST.Decls {
				if patterns := embedOf(pkg, d, v); patterns != nil {
					return pkg, patterns
				}
			}
		}
	}
	return nil, nil
}

// embedOf returns the patterns above v in d.
func embedOf(pkg *load.Package, d ast.Decl, v *types.Var) (patterns []string) {
	gen, ok := d.(*ast.GenDecl)
	if !ok {
		return nil
	}
	for _, s := range gen.Specs {
		spec, ok := s.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || pkg.Info.Defs[spec.Names[0]] != v {
			continue
		}
		for _, doc := range []*ast.CommentGroup{gen.Doc, spec.Doc} {
			for _, line := range commentsOf(doc) {
				if list, ok := strings.CutPrefix(line, "//go:embed "); ok {
					for _, p := range strings.Fields(list) {
						patterns = append(patterns, strings.Trim(p, "\"`"))
					}
				}
			}
		}
	}
	return patterns
}

func commentsOf(g *ast.CommentGroup) (lines []string) {
	if g == nil {
		return nil
	}
	for _, c := range g.List {
		lines = append(lines, c.Text)
	}
	return lines
}

// A dataFile is a file beside the sources.
type dataFile struct {
	text []byte
	rel  string
}

func (a *analysis) data(name string) (dataFile, error) {
	text, rel, err := a.prog.ReadData(name, policyfile.MaxSize+1) // what is too large is the reader's to say
	return dataFile{text, rel}, err
}

// read takes over what the file says, as the program's own reader reads it.
func (r *fileReader) read(name string, f dataFile) {
	r.p.File = f.rel
	policy, err := policyfile.Parse(name, f.text)
	if err != nil {
		r.p.Faults = faults(err, f.rel)
		r.unknown("the policy file %s has faults: the program refuses it", f.rel)
		return
	}
	places := map[string]FilePlace{}
	list, _ := policyfile.Names(name, f.text) // it has just been read
	for _, n := range list {
		places[n.Kind+" "+n.Name] = FilePlace{f.rel, n.Line, n.Column}
	}
	r.p.Base = r.rule(policy.Base)
	r.p.Tools, r.p.Prompts, r.p.Resources = r.rules("tool", policy.Tools, places), r.rules("prompt", policy.Prompts, places), r.rules("resource", policy.Resources, places)
	r.p.UnlistedBase = policy.Unlisted == authlib.UnlistedBase
	r.p.Implies, r.p.Permissions = policy.Implies, policy.RolePermissions
}

func (r *fileReader) rules(kind string, rules map[string]authlib.Rule, places map[string]FilePlace) map[string]PolicyRule {
	out := map[string]PolicyRule{}
	for name, rule := range rules {
		one := r.rule(rule)
		one.At = places[kind+" "+name]
		out[name] = one
	}
	return out
}

func (r *fileReader) rule(rule authlib.Rule) PolicyRule {
	return PolicyRule{
		Site: r.p.Site, Public: rule.Public, Scopes: slices.Concat(rule.AllScopes, rule.AnyScope), AnyScope: rule.AnyScope,
		Roles: rule.AnyRole, Permissions: rule.AnyPermission, Issuers: rule.AnyIssuer,
	}
}

// faults returns what the reader said, place by place.
func faults(err error, rel string) []Fault {
	list := []error{err}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		list = several.Unwrap()
	}
	var out []Fault
	for _, e := range list {
		var one *policyfile.Error
		if errors.As(e, &one) {
			out = append(out, Fault{FilePlace{rel, max(one.Line, 1), max(one.Column, 1)}, one.Problem, one.Cure})
		}
	}
	return out
}
