package analyze

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Report returns the facts of r flat, in a stable order. Slices are never nil, so
// that the JSON has [] where there is nothing.
func (r *Result) Report() *Report {
	rep := &Report{
		Version: 1, Module: r.Program.Module, Complete: len(r.Incomplete) == 0,
		Incomplete: append([]Incomplete{}, r.Incomplete...), Servers: []ServerReport{}, Workspace: r.workspace(),
	}
	for _, s := range r.Program.StandIns {
		rep.Notes = append(rep.Notes, fmt.Sprintf("%s %s is not in the module cache; its names were read from %s", s.Module, s.Wanted, s.Used))
	}
	rep.Notes = append(rep.Notes, r.besideNotes()...)
	rep.Notes = append(rep.Notes, r.forkNotes()...)
	rep.Notes = append(rep.Notes, r.metadataNotes()...)
	rep.Notes = append(rep.Notes, r.skipped...)
	for _, e := range r.Program.Errors {
		file, line, column := e.Place()
		rep.Errors = append(rep.Errors, ErrorReport{File: file, Line: line, Column: column, Message: e.Msg})
	}
	rep.Beside = r.beside()
	rep.Copies = r.Copies
	for _, t := range r.Trusts {
		rep.Trusts = append(rep.Trusts, TrustReport(t))
	}
	for _, s := range r.Servers {
		rep.Servers = append(rep.Servers, r.server(s))
	}
	return rep
}

// beside lists the ways in that are no transport of the program's.
func (r *Result) beside() []Beside {
	var list []Beside
	for _, b := range r.Bridges() {
		list = append(list, Beside{File: b.File, Line: b.Line, Why: b.Name + " puts a program that speaks stdio on the network"})
	}
	for _, d := range r.SideDoors {
		at := r.place(d.Site)
		list = append(list, Beside{File: at.File, Line: at.Line, Why: "importing " + d.Package + " puts handlers beside the server on http.DefaultServeMux: anybody gets " + d.Opens})
	}
	return list
}

// workspace lists the modules of the go.work in effect; nil without one.
func (r *Result) workspace() *Workspace {
	w := r.Program.Workspace
	if w == nil {
		return nil
	}
	rel, err := filepath.Rel(r.Program.Dir, w.File)
	if err != nil {
		rel = w.File // another volume
	}
	rep := &Workspace{File: filepath.ToSlash(rel), Modules: []WorkspaceModule{}}
	for _, m := range r.Program.Modules {
		rep.Modules = append(rep.Modules, WorkspaceModule{Module: m.Path, Dir: m.Rel, LookedAt: m.LookedAt})
	}
	return rep
}

func (r *Result) place(s sdk.Site) Place {
	p := s.Position(r.Program.Fset)
	return Place{File: p.Filename, Line: p.Line}
}

func (r *Result) server(s *Server) ServerReport {
	at := r.place(s.New)
	rep := ServerReport{
		ID: s.ID, SDK: s.Spec.Name, SDKVersion: s.Version, File: at.File, Line: at.Line,
		Transports: []TransportReport{},
	}
	if r.Program.Workspace != nil {
		rep.Module = s.New.Pkg.Module.Path
	}
	policy := s.Policy
	if policy == nil {
		policy = &Policy{}
	} else {
		rep.Policy = r.policy(policy)
	}
	rep.Tools = r.items(s.Tools, policy, policy.Tools)
	rep.Prompts = r.items(s.Prompts, policy, policy.Prompts)
	rep.Resources = r.items(s.Resources, policy, policy.Resources)
	for _, t := range s.Transports {
		rep.Transports = append(rep.Transports, r.transport(t)...)
	}
	return rep
}

// transport gives one entry per place where t is served, or one in all.
func (r *Result) transport(t *Transport) []TransportReport {
	if len(t.Routes) == 0 {
		at := r.place(t.New)
		return []TransportReport{{
			Kind: string(t.Kind), File: at.File, Line: at.Line, Path: t.Path, Verdict: string(t.Verdict),
			Guard: t.Guard, GuardKind: string(t.GuardKind), OwnGuard: t.OwnGuard, Reason: t.Reason, Checks: []CheckReport{},
		}}
	}
	var list []TransportReport
	for _, route := range t.Routes {
		at := r.place(route.Site)
		path := route.Pattern
		if route.Kind == RouteStart {
			path = t.Path
		}
		list = append(list, TransportReport{
			Kind: string(t.Kind), File: at.File, Line: at.Line, Path: path, Verdict: string(route.Verdict),
			Guard: route.Guard, GuardKind: string(route.GuardKind), OwnGuard: route.OwnGuard, Reason: route.Reason, Checks: r.checks(route),
			Trusted: route.Trust.place(),
		})
	}
	return list
}

// checks lists what stands in front of a route, from the handler outwards.
func (r *Result) checks(route *Route) []CheckReport {
	out := []CheckReport{}
	for _, c := range slices.Concat(route.Checks, route.Outside) {
		at := r.place(c.Site)
		out = append(out, CheckReport{
			Name: c.Name, File: at.File, Line: at.Line, Verdict: string(c.Verdict), GuardKind: string(c.Kind),
			Headers: append([]string{}, c.Headers...),
		})
	}
	return out
}

// policy says where p stands.
func (r *Result) policy(p *Policy) *PolicyReport {
	at := r.place(p.Site)
	rep := &PolicyReport{Source: "go", File: at.File, Line: at.Line, Reason: p.Doubt, Unlisted: "deny", Implies: p.Implies, Roles: p.Permissions}
	switch {
	case p.Unknown != "":
		rep.Source, rep.Reason, rep.Unlisted = "unknown", p.Unknown, ""
	case p.File != "":
		rep.Source, rep.File, rep.Line = "file", p.File, 0
	}
	if p.UnlistedBase {
		rep.Unlisted = "base"
	}
	for _, m := range []*map[string][]string{&rep.Implies, &rep.Roles} {
		if *m == nil {
			*m = map[string][]string{}
		}
	}
	return rep
}

// items lists registrations with what the policy demands for each: the base and
// its own rule, unless it is public.
func (r *Result) items(list []*Registration, p *Policy, rules map[string]PolicyRule) []ItemReport {
	out := []ItemReport{}
	for _, reg := range list {
		at := r.place(reg.Defined)
		item := ItemReport{
			Name: reg.Name, Dynamic: reg.Dynamic, Source: reg.Source, File: at.File, Line: at.Line,
			Registered: r.place(reg.Registered), ReadOnly: reg.ReadOnly, Destructive: reg.Destructive,
			CredentialFields: reg.Credentials, Checks: r.toolChecks(reg),
		}
		for _, site := range reg.Also {
			item.Also = append(item.Also, r.place(site))
		}
		own, named := rules[reg.Name]
		base := p.Base
		item.Unlisted = p.Names() && !p.Partial && !named && !reg.Dynamic
		item.Public = own.Public
		if own.Public {
			own, base = PolicyRule{}, PolicyRule{}
		}
		item.Scopes = p.needed(base, own)
		item.AnyScope = both(base.AnyScope, own.AnyScope)
		item.Roles = both(base.Roles, own.Roles)
		item.Permissions = both(base.Permissions, own.Permissions)
		item.Issuers = both(base.Issuers, own.Issuers)
		out = append(out, item)
	}
	return out
}

// both is never nil.
func both(a, b []string) []string { return append(append([]string{}, a...), b...) }

// needed returns the scopes that two rules demand, without those that another one of
// them includes: a caller who has that needs no more.
func (p *Policy) needed(base, own PolicyRule) []string {
	all := both(base.Scopes, own.Scopes)
	any := both(base.AnyScope, own.AnyScope)
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool {
		return !slices.Contains(any, s) && slices.ContainsFunc(all, func(broader string) bool {
			return !slices.Contains(any, broader) && p.includes(broader, s)
		})
	})
}

// includes reports whether the scope broader includes s, at any remove.
func (p *Policy) includes(broader, s string) bool {
	seen := map[string]bool{broader: true}
	for queue := []string{broader}; len(queue) > 0; queue = queue[1:] {
		for _, next := range p.Implies[queue[0]] {
			if next == s && s != broader {
				return true
			}
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return false
}

// place is where a trust stands; nil for none.
func (t *Trust) place() *Place {
	if t == nil {
		return nil
	}
	return &Place{File: t.File, Line: t.Line}
}
