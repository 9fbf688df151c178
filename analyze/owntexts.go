package analyze

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Answers that stand in the program as JSON text.

// ownTexts adds what texts that the reached functions use list under the key of l.
func (a *analysis) ownTexts(s *Server, reached map[*flow.Func]bool, l ownList) {
	seen := map[ast.Expr]bool{}
	a.flow.Texts(func(fn *flow.Func, e ast.Expr) {
		if !reached[fn] || !textual(fn.Pkg.Info.TypeOf(e)) {
			return
		}
		for _, o := range a.flow.Origins(e, a.flow.Root(fn)) {
			if o.Kind != flow.Const || seen[o.Expr] || !strings.Contains(o.Value, `"`+l.key+`"`) {
				continue
			}
			seen[o.Expr] = true
			for _, name := range listedIn(o.Value, l) {
				at := sdk.Site{Role: l.role, Pkg: o.Frame.Fn.Pkg, File: o.Frame.Fn.File, Node: lineOf(o.Expr, name, l)}
				a.put(s, l.role, &Registration{Name: name, Defined: at, Registered: a.site(l.role, fn, e)})
			}
		}
	})
}

// textual reports whether a type is that of text: a string or bytes.
func textual(t types.Type) bool {
	if t == nil {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0
	case *types.Slice:
		b, ok := u.Elem().Underlying().(*types.Basic)
		return ok && b.Kind() == types.Byte
	}
	return false
}

// listedIn returns the names in an answer, with its envelope or without it.
func listedIn(text string, l ownList) []string {
	var answer struct {
		Result map[string]json.RawMessage `json:"result"`
	}
	var bare map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &answer) == nil && answer.Result[l.key] != nil {
		bare = answer.Result
	} else if json.Unmarshal([]byte(text), &bare) != nil {
		return nil
	}
	var elements []map[string]any
	if json.Unmarshal(bare[l.key], &elements) != nil {
		return nil
	}
	var names []string
	for _, e := range elements {
		if name, ok := e[l.name].(string); ok && name != "" {
			names = append(names, name)
		}
	}
	return names
}

// lineOf is the place of a name in a raw string literal, or the literal.
func lineOf(e ast.Expr, name string, l ownList) ast.Node {
	lit, ok := e.(*ast.BasicLit)
	if !ok || !strings.HasPrefix(lit.Value, "`") {
		return e
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return e
	}
	at := regexp.MustCompile(`"` + l.name + `"\s*:\s*` + regexp.QuoteMeta(string(quoted))).FindStringIndex(lit.Value)
	if at == nil {
		return e
	}
	return &ast.BasicLit{ValuePos: lit.Pos() + token.Pos(at[0]), Kind: token.STRING, Value: lit.Value[at[0]:at[1]]}
}
