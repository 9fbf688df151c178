package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// What is told of checks in handlers of tools, and where what they demanded comes from
// from now on.

// liftedReason starts the notes about checks that went.
const liftedReason = "checks in handlers: "

// noteToolChecks tells of checks that stay because nothing else was asked for.
func (b *builder) noteToolChecks(lifts []*lift) {
	for _, l := range lifts {
		if l.Demands == nil {
			b.note(l.Site, fmt.Sprintf("%s, which looks like a check of callers of %s, was kept and not read: %s", l.named(b), l.toolList(), l.Why))
			continue
		}
		b.note(l.Site, fmt.Sprintf("%s demands %s for %s and was kept: behind the guard it refuses whoever your own code puts nothing into the context for; "+
			"--existing replace has the policy demand it instead", l.named(b), demandText(l.Demands), l.toolList()))
	}
}

// noteLifts tells what became of each check, and leaves what could not be done to a person.
func (b *builder) noteLifts(lifts []*lift) {
	kinds := map[analyze.DemandKind]bool{}
	for _, l := range lifts {
		switch {
		case l.why != "" && b.ans.Existing == "add":
			b.note(l.Site, fmt.Sprintf("%s stays, and the policy demands nothing of the kind for %s: %s", l.named(b), l.toolList(), l.why))
			continue
		case l.why != "":
			b.manual(l.Site, fmt.Sprintf("%s, which looks like a check of callers of %s, was left: %s", l.named(b), l.toolList(), l.why), b.liftText(l))
			continue
		case b.ans.Existing == "add":
			b.note(l.Site, fmt.Sprintf("%s%s demands %s for %s, and so does the policy from now on; it stays behind the guard, and callers pass both", liftedReason, l.named(b), demandText(l.Demands), l.toolList()))
		default:
			b.note(l.Site, fmt.Sprintf("%s%s was taken out: the policy demands %s for %s", liftedReason, l.named(b), demandText(l.Demands), l.toolList()))
		}
		for _, d := range l.Demands {
			if !kinds[d.Of] {
				kinds[d.Of] = true
				b.note(l.Site, liftedReason+b.whence(d.Of))
			}
		}
	}
}

func (l *lift) named(b *builder) string {
	p := l.Site.Position(b.prog.Fset)
	return fmt.Sprintf("%s (%s:%d)", l.Name, p.Filename, p.Line)
}

// toolList names the tools that a check is for.
func (l *lift) toolList() string {
	var names []string
	for _, t := range l.tools {
		name := wizard.Printable(t.Name)
		if t.Dynamic {
			name = "a tool whose name is made at run time"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// demandText says what a caller needs.
func demandText(demands []analyze.Demand) string {
	var parts []string
	for _, d := range demands {
		if len(d.All) > 0 {
			parts = append(parts, plural(d.Of, d.All)+strings.Join(d.All, " and "))
		}
		if len(d.Any) > 0 {
			parts = append(parts, "one of the "+string(d.Of)+"s "+strings.Join(d.Any, ", "))
		}
	}
	return strings.Join(parts, ", and ")
}

func plural(kind analyze.DemandKind, names []string) string {
	if len(names) > 1 {
		return "the " + string(kind) + "s "
	}
	return "the " + string(kind) + " "
}

// whence says in one line where what checks demanded comes from from now on (decision
// 0011): a name in the program's own world need not be one at whoever issues tokens now.
func (b *builder) whence(kind analyze.DemandKind) string {
	role := kind == analyze.DemandRole
	var from []string
	if uses(b.ans, "jwt") {
		from = append(from, map[bool]string{true: "the claim that OIDC_ROLES_CLAIM names in tokens of the issuer", false: "the scopes in tokens of the issuer, which must know these names"}[role])
	}
	if uses(b.ans, "apikey") {
		from = append(from, fmt.Sprintf("the %ss beside each API key's hash", kind))
	}
	if wizard.Brokered(b.ans) {
		from = append(from, map[bool]string{true: "MCP_ROLES, which says who has which role",
			false: "the sign-in, where whoever --allow lets in can grant a client any of them (to reserve a tool for some people, demand a role)"}[role])
	}
	return fmt.Sprintf("what your code put into the context as %ss does not count for it; they come from %s", kind, strings.Join(from, ", and from "))
}

// liftText is what a person writes into the policy for a check that stays.
func (b *builder) liftText(l *lift) string {
	var out strings.Builder
	for _, t := range l.tools {
		rule := ruleText(l.Demands)
		if rule == "" {
			rule = "/* what the check demands */"
		}
		if t.Dynamic {
			out.WriteString("// give the tool a name that is a constant\n")
			continue
		}
		fmt.Fprintf(&out, "%q: {%s}, // in Tools of the policy; then take the check out\n", t.Name, rule)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// ruleText returns the fields of a rule; "" where there are none for it.
func ruleText(demands []analyze.Demand) string {
	var fields []string
	for _, d := range demands {
		switch {
		case d.Of == analyze.DemandPermission:
			fields = append(fields, "AnyPermission: []string{"+quoteAll(slices.Concat(d.All, d.Any))+"}")
		case d.Of == analyze.DemandRole:
			fields = append(fields, "AnyRole: []string{"+quoteAll(slices.Concat(d.All, d.Any))+"}")
		default:
			if len(d.All) > 0 {
				fields = append(fields, "AllScopes: []string{"+quoteAll(d.All)+"}")
			}
			if len(d.Any) > 0 {
				fields = append(fields, "AnyScope: []string{"+quoteAll(d.Any)+"}")
			}
		}
	}
	severalRoles := func(d analyze.Demand) bool { return d.Of == analyze.DemandRole && inexpressible(d) != "" }
	if slices.ContainsFunc(demands, severalRoles) {
		return ""
	}
	return strings.Join(fields, ", ")
}
