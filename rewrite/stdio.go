package rewrite

import (
	"fmt"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// What --stdio token does: the program takes the credential of its caller from the
// environment, and serves over stdio nobody but whom that belongs to.

// stdioEnv is the variable with the credential (MCP authorization, Protocol
// Requirements: over stdio credentials come from the environment).
const stdioEnv = "MCP_ACCESS_TOKEN"

// unusedResource names a server that has no URL, where a URL is needed for the
// form only: nobody's token is compared with it.
const unusedResource = "http://localhost"

// wireAllStdio plans the wiring of every stdio transport. It comes after that of
// HTTP, whose guards it shares.
func (b *builder) wireAllStdio() {
	if b.ans.Stdio != "token" {
		return
	}
	for _, s := range b.res.Servers {
		if !b.selected(s) {
			continue
		}
		for _, t := range s.Transports {
			if t.Kind == sdk.KindStdio && t.Verdict != analyze.Protected {
				b.wireStdio(s, t)
			}
		}
	}
}

// wireStdio decides what happens to one stdio transport.
func (b *builder) wireStdio(s *analyze.Server, t *analyze.Transport) {
	wirer := b.opt.Wirers[s.Spec.Name]
	switch {
	case t.Verdict == analyze.Unknown:
		b.manual(t.New, "whoever reaches the server here would be served as the one whose credential the program was started with: "+t.Reason, "")
		return
	case wirer == nil:
		b.manual(t.New, "no adapter guards servers of "+s.Spec.Name+": over stdio nothing else could ask for a credential", "")
		return
	}
	if why, want := wirer.StdioTooOld(s.Version); why != "" {
		b.manual(t.New, fmt.Sprintf("%s: move to %s or later, then run migrate again", why, want),
			fmt.Sprintf("go get %s@%s && go mod tidy", s.Spec.Module, want))
		return
	}
	if g := b.wired[t.New.Node]; g != nil { // one call that serves several servers
		g.addStdio(s)
		return
	}
	side := b.sidecarFor(t.New.Pkg, wirer)
	g := b.stdioGuardFor(side, s)
	if err := b.editStdio(side, g, s, t); err != nil {
		g.addStdio(s)
		b.manual(t.New, err.Error(), b.stdioByHand(g, t))
	}
	g.addStdio(s)
	b.keep(side, g)
	b.wired[t.New.Node] = g
}

// stdioGuardFor is guardFor for a server that is served over stdio. Where it is
// served over HTTP by another package it is the same resource all the same.
func (b *builder) stdioGuardFor(side *sidecar, server *analyze.Server) *guarded {
	g := b.guardFor(side, server)
	for _, other := range b.guards() {
		if other != g && slices.Contains(other.servers, server) {
			g.env, g.further = other.env, other.further
		}
	}
	if g.stdio == "" {
		suffix := strings.TrimPrefix(g.variable, "mcpAuth")
		g.stdio = b.freshName(side.pkg, "newMCPStdio"+suffix)
	}
	return g
}

// addStdio records a server that the guard protects over stdio.
func (g *guarded) addStdio(server *analyze.Server) {
	if !slices.Contains(g.servers, server) {
		g.servers = append(g.servers, server)
	}
}

// local reports whether what g protects is served over stdio only.
func (g *guarded) local() bool { return g.stdio != "" && !g.http }

// editStdio plans the edits of one call that serves over stdio: the guard is made
// before it, and the server is given to the guard.
func (b *builder) editStdio(side *sidecar, g *guarded, s *analyze.Server, t *analyze.Transport) error {
	if t.New.File.Cgo || t.New.File.Generated {
		return manualf("the file is generated or uses cgo and is not edited")
	}
	if !isServer(side.wirer, t) {
		return manualf("what is served here is no server of the SDK itself, but something around it")
	}
	at, err := findAnchor(b.prog.Fset, []sdk.Site{t.New})
	if err != nil {
		return err
	}
	if b.stdioAt[at.block()] {
		return manualf("two servers are served over stdio one after the other here: a process has one standard input")
	}
	errName := at.errName()
	stop, err := at.onError(errName)
	if err != nil {
		return err
	}
	stdio := at.fresh(g.stdioVariable())
	plan := &group{b: b, wirer: side.wirer, server: s, transport: t}
	plan.add(t.New.File, sdk.Wrap(b.prog.Fset, t.New.File, t.Server, stdio+".Server(", ")", "serve the owner of the credential, as the policy has it"))
	plan.insert(at, declaration(stdio, errName, g.stdio+"()", stop))
	for _, fe := range plan.edits {
		b.edits[fe.file.Rel] = append(b.edits[fe.file.Rel], fe)
	}
	b.stdioAt[at.block()] = true
	b.touch(side.pkg.Path)
	return nil
}

func (g *guarded) stdioVariable() string {
	return "mcpStdio" + strings.TrimPrefix(g.variable, "mcpAuth")
}

// declaration returns the statements that set name to the first result of call,
// and stop when its second is an error.
func declaration(name, errName, call string, stop []string) []string {
	lines := []string{name + ", " + errName + " := " + call, "if " + errName + " != nil {"}
	for _, s := range stop {
		lines = append(lines, "\t"+s)
	}
	return append(lines, "}")
}

// isServer reports whether the server argument of a transport is a pointer to the
// SDK's own server.
func isServer(wirer sdk.Wirer, t *analyze.Transport) bool {
	importPath, typ := wirer.ServerType()
	p, ok := types.Unalias(t.New.Pkg.Info.TypeOf(t.Server)).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == importPath && "*"+path.Base(importPath)+"."+n.Obj().Name() == typ
}

// stdioByHand returns the statements that do what editStdio does.
func (b *builder) stdioByHand(g *guarded, t *analyze.Transport) string {
	stop := []string{"return err"}
	if at, err := findAnchor(b.prog.Fset, []sdk.Site{t.New}); err == nil {
		if lines, err := at.onError("err"); err == nil {
			stop = lines
		}
	}
	name := g.stdioVariable()
	lines := declaration(name, "err", g.stdio+"()", stop)
	if t.New.File.Cgo || !isServer(b.opt.Wirers[g.servers[0].Spec.Name], t) {
		return strings.Join(append(lines, name+".Server(server) // in place of the server"), "\n")
	}
	edits := sdk.Wrap(b.prog.Fset, t.New.File, t.Server, name+".Server(", ")", "")
	return strings.Join(append(lines, b.edited(t.New.File, t.New.Node, edits)+" // in place of "+firstLine(sdk.Text(b.prog.Fset, t.New.File, t.New.Node))), "\n")
}

// stdioVariables returns what the program reads besides, to be served over stdio.
func (b *builder) stdioVariables() []EnvVar {
	guards := b.guards()
	if !slices.ContainsFunc(guards, func(g *guarded) bool { return g.stdio != "" }) {
		return nil
	}
	var what []string
	for _, p := range credentials(b.ans) {
		what = append(what, map[string]string{"apikey": "API key", "jwt": "access token"}[p])
	}
	only := !slices.ContainsFunc(guards, func(g *guarded) bool { return !g.local() })
	help := "Over stdio: the " + strings.Join(what, " or ") + " of the caller. The client that starts the server sets it (env in its configuration)."
	return []EnvVar{{stdioEnv, only, help}}
}

// credentials are the providers whose callers bring what others issued.
func credentials(ans wizard.Answers) []string {
	return slices.DeleteFunc(slices.Clone(ans.Provider), func(p string) bool { return wizard.Brokered(wizard.Answers{Provider: []string{p}}) })
}
