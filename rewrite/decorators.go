package rewrite

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// Checks of callers that stand in handlers of tools, or around them one by one, move into
// the policy, if that is asked for (--existing replace): what one demands is demanded by
// the policy, and the check goes. The demands become answers, so that a further run finds
// them where the others are.

// A lift is one check on its way into the policy, with the tools that it is for.
type lift struct {
	*analyze.ToolCheck
	tools []*analyze.Registration
	why   string // why it stays; "" where it moves
}

// liftChecks decides about the checks of all tools.
func (b *builder) liftChecks() {
	lifts := b.toolChecks()
	switch {
	case len(lifts) == 0:
		return
	case b.ans.Existing == "keep":
		b.noteToolChecks(lifts)
		return
	}
	b.bar(lifts)
	b.cutChecks(lifts)
	b.demand(lifts)
	b.noteLifts(lifts)
}

// toolChecks lists every check once, in order of the tools.
func (b *builder) toolChecks() []*lift {
	var list []*lift
	for _, s := range b.res.Servers {
		if !b.selected(s) {
			continue
		}
		for _, t := range s.Tools {
			for _, c := range t.Checks {
				i := slices.IndexFunc(list, func(l *lift) bool { return l.ToolCheck == c })
				if i < 0 {
					i, list = len(list), append(list, &lift{ToolCheck: c})
				}
				list[i].tools = append(list[i].tools, t)
			}
		}
	}
	return list
}

// bar says of each check why it stays by itself.
func (b *builder) bar(lifts []*lift) {
	for _, l := range lifts {
		switch {
		case l.Demands == nil:
			l.why = l.Why
		default:
			l.why = b.barred(l)
		}
	}
}

// barred says why a check that was read can't move; "" where it can.
func (b *builder) barred(l *lift) string {
	for _, s := range b.res.Servers {
		for _, t := range s.Tools {
			if !slices.Contains(l.tools, t) && !slices.Contains(t.Checks, l.ToolCheck) {
				continue
			}
			if why := b.openBeside(s); why != "" {
				return why
			}
			if why := b.nameBars(s, t); why != "" {
				return why
			}
		}
	}
	for _, d := range l.Demands {
		if why := inexpressible(d); why != "" {
			return why
		}
	}
	return ""
}

// inexpressible says why the policy can't demand what a check does.
func inexpressible(d analyze.Demand) string {
	switch {
	case d.Of == analyze.DemandPermission:
		return "it demands a permission, and which role gives that only you know: say it in RolePermissions of the policy, with AnyPermission for the tool"
	case d.Of == analyze.DemandRole && len(d.All)+min(len(d.Any), 1) > 1:
		return "it demands several roles at once, and a rule of the policy has one list of which one is enough: make a role for it"
	}
	return ""
}

// openBeside says over which way the server could be called without a guard of ours: a
// check must not go while there is one.
func (b *builder) openBeside(s *analyze.Server) string {
	if !b.selected(s) {
		return "the tool is on the server " + s.ID + " as well, which gets no guard in this run"
	}
	if len(s.Transports) == 0 {
		return "how the server " + s.ID + " is served was not found, so that nothing of ours would ask"
	}
	if i := slices.IndexFunc(b.steps, func(st Step) bool { return st.Kind == StepManual }); i >= 0 {
		return "something is left to you first (" + b.steps[i].Site + "): until that is done it is the only check on the way; then run migrate again"
	}
	for _, t := range s.Transports {
		if !b.covers(t) {
			at := t.New.Position(b.prog.Fset)
			if t.Kind == sdk.KindStdio {
				return fmt.Sprintf("over stdio (%s:%d) nothing of ours asks: use --stdio token, or take it out yourself", at.Filename, at.Line)
			}
			return fmt.Sprintf("nothing of ours stands in front of the transport at %s:%d", at.Filename, at.Line)
		}
	}
	return ""
}

// covers reports whether a guard of ours stands in front of a transport wherever it is
// served, once the plan is carried out.
func (b *builder) covers(t *analyze.Transport) bool {
	if len(t.Routes) == 0 {
		return t.Guard == analyze.OurGuard && t.Verdict == analyze.Protected || t.Kind == sdk.KindStdio && b.ans.Stdio == "token" && b.wired[t.New.Node] != nil
	}
	return !slices.ContainsFunc(t.Routes, func(r *analyze.Route) bool {
		return !(r.Guard == analyze.OurGuard && r.Verdict == analyze.Protected) && !b.routed[guardSite(t, r).Node]
	})
}

// nameBars says why the policy can't speak of a tool by its name.
func (b *builder) nameBars(s *analyze.Server, t *analyze.Registration) string {
	switch {
	case t.Dynamic:
		return "the tool's name is made at run time, so that the policy can't name it"
	case strings.ContainsAny(t.Name, "*?,="):
		return "the tool's name has signs in it that mean something in answers"
	case t.Registrations() > 1:
		return "the tool is registered at several places, of which one replaces the other"
	case matchesAny(b.ans.Public, t.Name):
		return "the answers make the tool public"
	case !b.namesTool(s, t.Name):
		return "the policy that is there does not name the tool: name it first"
	}
	return ""
}

// namesTool reports whether the policy of a server will name a tool: one of an earlier
// run that names others and not this one may be a person's.
func (b *builder) namesTool(s *analyze.Server, name string) bool {
	for _, side := range b.sidecars {
		for _, g := range side.guards {
			if g.named == nil || len(g.named.Tools) == 0 || !slices.Contains(g.servers, s) {
				continue
			}
			if !slices.ContainsFunc(g.named.Tools, func(n *analyze.Registration) bool { return n.Name == name }) {
				return false
			}
		}
	}
	return true
}

// barTools keeps the checks of tools whose demands can't be put together, with each
// other and with the answers.
func (b *builder) barTools(lifts []*lift) {
	for changed := true; changed; {
		changed = false
		for _, name := range toolNames(lifts) {
			why := b.clashes(name, lifts)
			if why == "" {
				continue
			}
			for _, l := range lifts {
				if l.why == "" && l.isFor(name) {
					l.why, changed = why, true
				}
			}
		}
	}
}

func toolNames(lifts []*lift) []string {
	var names []string
	for _, l := range lifts {
		if l.why != "" {
			continue
		}
		for _, t := range l.tools {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (l *lift) isFor(name string) bool {
	return slices.ContainsFunc(l.tools, func(t *analyze.Registration) bool { return t.Name == name })
}

// clashes says why the demands of a tool can't be put together.
func (b *builder) clashes(name string, lifts []*lift) string {
	var scopes, roles []string
	for _, l := range lifts {
		if l.why != "" || !l.isFor(name) {
			continue
		}
		for _, s := range b.res.Servers {
			for _, t := range s.Tools {
				if t.Name == name && !slices.Contains(t.Checks, l.ToolCheck) {
					return "the server " + s.ID + " has a tool of this name without the check, and answers go by names"
				}
			}
		}
		for _, d := range l.Demands {
			if why := oneOf(d, &scopes, &roles); why != "" {
				return why
			}
		}
	}
	for _, have := range []struct{ found, said []string }{{scopes, union(b.ans.ToolAnyScopes, name)}, {roles, union(b.ans.ToolRoles, name)}} {
		if len(have.found) > 0 && len(have.said) > 0 && !slices.Equal(have.found, have.said) {
			return fmt.Sprintf("the answers say that one of %s is enough for the tool %s, and a rule has one such list", strings.Join(have.said, ", "), wizard.Printable(name))
		}
	}
	return b.wrongNames(name, lifts)
}

// oneOf notes the lists of which one is enough: a rule has one of scopes and one of roles.
func oneOf(d analyze.Demand, scopes, roles *[]string) string {
	list, have := d.Any, scopes
	if d.Of == analyze.DemandRole {
		list, have = slices.Concat(d.All, d.Any), roles
	}
	if len(list) == 0 {
		return ""
	}
	if *have != nil && !slices.Equal(*have, list) {
		return "the tool's checks demand one of several " + string(d.Of) + "s twice, and a rule of the policy has one such list"
	}
	*have = list
	return ""
}

// wrongNames says which name can't be one of a scope or role.
func (b *builder) wrongNames(name string, lifts []*lift) string {
	var ans wizard.Answers
	addDemands(&ans, name, lifts)
	if errs := wizard.ValidateValues(ans); len(errs) > 0 {
		return errs[0].Error()
	}
	return ""
}

// demand has the answers say what the checks did that move.
func (b *builder) demand(lifts []*lift) {
	ans := b.ans
	ans.ToolScopes, ans.ToolAnyScopes, ans.ToolRoles = maps.Clone(ans.ToolScopes), maps.Clone(ans.ToolAnyScopes), maps.Clone(ans.ToolRoles)
	for _, name := range toolNames(lifts) {
		b.lifted = append(b.lifted, name)
		addDemands(&ans, name, lifts)
	}
	b.ans = ans
}

// addDemands adds what the checks of one tool demand.
func addDemands(ans *wizard.Answers, name string, lifts []*lift) {
	add := func(to *map[string][]string, names []string) {
		if len(names) == 0 {
			return
		}
		if *to == nil {
			*to = map[string][]string{}
		}
		all := append(slices.Clone((*to)[name]), names...)
		slices.Sort(all)
		(*to)[name] = slices.Compact(all)
	}
	for _, l := range lifts {
		if l.why != "" || !l.isFor(name) {
			continue
		}
		for _, d := range l.Demands {
			switch d.Of {
			case analyze.DemandScope:
				add(&ans.ToolScopes, d.All)
				add(&ans.ToolAnyScopes, d.Any)
			case analyze.DemandRole:
				add(&ans.ToolRoles, slices.Concat(d.All, d.Any))
			}
		}
	}
}

// liftedAreNamed makes sure that the policy says what the checks said that go. Where it
// does not, nothing may be written.
func (b *builder) liftedAreNamed() error {
	if b.held {
		return nil
	}
	for _, name := range b.lifted {
		rule := regexp.MustCompile(fmt.Sprintf("%s:\\s+\\{%s\\}", regexp.QuoteMeta(fmt.Sprintf("%q", name)), regexp.QuoteMeta(toolRule(name, b.ans))))
		in := func(src []byte) bool { return rule.Match(src) }
		wired := slices.ContainsFunc(b.files, func(f FileChange) bool { return in(f.New) }) ||
			slices.ContainsFunc(b.sidecars, func(s *sidecar) bool { return s.adopted() && !b.changes(s.rel) && in(s.disk.Src) })
		if !wired {
			return fmt.Errorf("the policy would not demand what a check of the tool %s does: leave the check with --existing keep", wizard.Printable(name))
		}
	}
	return nil
}

func (b *builder) changes(rel string) bool {
	return slices.ContainsFunc(b.files, func(f FileChange) bool { return f.Rel == rel })
}
