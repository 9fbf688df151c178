package analyze

import (
	"go/constant"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The machine that runs a body on symbols: calls whose meaning is known by name.

// headersOf reports whether a call is a method of the headers of the request.
func (m *machine) headersOf(c *flow.Call, name ...string) bool {
	return c.Callee != nil && slices.Contains(name, c.Callee.Name()) && c.Recv() != nil && isNetHTTP(m.info().TypeOf(c.Recv()), "Header")
}

// known runs the calls whose meaning is known by name.
func (m *machine) known(c *flow.Call, r result) ([]result, bool) {
	recv, args := r.vals[0], r.vals[1:]
	if m.headersOf(c, "Get", "Values") && recv.taint == fromRequest {
		return just(r.w, m.headerGot(c, args)), true
	}
	if c.Callee == nil || c.Callee.Pkg() == nil {
		return nil, false
	}
	name := c.Callee.FullName()
	switch {
	case m.trusts(c, args):
		return m.verified(c, r.w), true
	case comparing[name] && len(args) == 2:
		return m.compares(c, r), true
	}
	return m.ofRequest(name, c, r)
}

// headerGot is a header that is read.
func (m *machine) headerGot(c *flow.Call, args []value) value {
	if name := headerName(m.fn, c.Expr); name != "" {
		return m.header(name, c.Expr)
	}
	if name := stringConst(joinLit(args)); name != "" {
		return m.header(strings.ToLower(name), c.Expr)
	}
	return value{taint: fromHeader}
}

func joinLit(args []value) value {
	if len(args) == 1 {
		return args[0]
	}
	return value{}
}

// comparing are functions that say whether two values are equal.
var comparing = map[string]bool{
	"crypto/subtle.ConstantTimeCompare": true, "crypto/hmac.Equal": true, "bytes.Equal": true,
}

func (m *machine) compares(c *flow.Call, r result) []result {
	var yes, no []*world
	a, b := r.vals[1], r.vals[2]
	if a.lit != nil && b.lit == nil {
		a, b = b, a
	}
	switch {
	case b.lit != nil:
		yes, no = m.same(r.w, a, b, c.Expr.Args[0], c.Expr.Args[1])
	default:
		yes, no = m.matchesSecret(r.w, a, b, c.Expr.Args[0], c.Expr.Args[1])
	}
	number := c.Callee.Name() == "ConstantTimeCompare"
	var out []result
	for _, w := range yes {
		out = append(out, result{w, []value{truthOf(true, number)}})
	}
	for _, w := range no {
		out = append(out, result{w, []value{truthOf(false, number)}})
	}
	return out
}

func truthOf(b, number bool) value {
	if !number {
		return constBool(b)
	}
	n := int64(0)
	if b {
		n = 1
	}
	return value{lit: constant.MakeInt64(n), made: true}
}

// ofRequest runs methods of a request, of a context and of what is sent elsewhere.
func (m *machine) ofRequest(name string, c *flow.Call, r result) ([]result, bool) {
	recv, args := r.vals[0], r.vals[1:]
	if strings.HasPrefix(name, "(*net/http.Request).") && recv.taint != fromRequest {
		return nil, false
	}
	switch name {
	case "(*net/http.Request).Context":
		return just(r.w, value{taint: fromContext, made: true}), true
	case "(*net/http.Request).WithContext", "(*net/http.Request).Clone":
		return just(r.w, recv), true
	case "(*net/http.Request).BasicAuth":
		cred := value{taint: fromCredential}
		return []result{{r.w, []value{{taint: fromHeader}, cred, {taint: fromAnybody}}}}, true
	case "(*net/http.Request).Cookie", "(*net/http.Request).Cookies":
		if len(args) == 0 {
			return just(r.w, value{taint: fromHeader}), true
		}
		v := value{taint: fromHeader}
		if credentialName(stringConst(joinLit(args))) {
			v.taint = fromCredential
		}
		return []result{{r.w, []value{v, {taint: fromAnybody}}}}, true
	case "strings.Split", "strings.SplitN":
		v := join2(args[0].without(), args[1].without())
		v.part = v.part || stringConst(args[1]) != " " && v.taint == fromCredential
		return just(r.w, v), true
	case "(net/url.Values).Get", "(*net/http.Request).FormValue", "(*net/http.Request).PathValue", "(*net/http.Request).PostFormValue":
		if recv.taint == fromProgram {
			return nil, false
		}
		if credentialName(stringConst(joinLit(args))) {
			return just(r.w, value{taint: fromCredential}), true
		}
		return just(r.w, value{taint: fromHeader}), true
	case "(context.Context).Err", "(context.Context).Done", "(*net/http.Request).UserAgent", "(*net/http.Request).Referer", "net/http.MaxBytesReader":
		return just(r.w, value{taint: fromAnybody}), true
	case "(context.Context).Value":
		return just(r.w, value{taint: recv.taint, why: recv.why}), true
	case "crypto/sha256.Sum256", "crypto/sha512.Sum512":
		return just(r.w, value{taint: args[0].taint, why: args[0].why, filled: args[0].isFilled(), hashed: true}), true
	case "strings.CutPrefix", "strings.CutSuffix", "strings.Cut":
		v := join2(args[0].without(), args[1].without())
		if name == "strings.Cut" {
			rest := value{taint: min(v.taint, fromCredential), why: v.why}
			return []result{{r.w, []value{{taint: noSecret(v.taint), why: v.why}, v, rest}}}, true
		}
		return []result{{r.w, append(repeat(v, m.results(c.Expr)-1), value{taint: min(v.taint, fromCredential), why: v.why})}}, true
	}
	return nil, false
}
