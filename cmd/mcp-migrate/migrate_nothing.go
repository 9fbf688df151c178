package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// nothingToDo ends a run that has nothing to change, and explains why. A module
// that was not understood is refused: what was not seen would stay open.
func (r *migration) nothingToDo(ctx context.Context) (bool, error) {
	rep := r.an.report
	if !rep.Complete {
		return true, treef("a part of the module was not understood, so a server could stay open; nothing was changed%s", incompleteLines(rep.Incomplete))
	}
	if len(rep.Servers) == 0 {
		return true, treef("no MCP server found in %s; looked for servers made with github.com/mark3labs/mcp-go (server.NewMCPServer), "+
			"github.com/modelcontextprotocol/go-sdk (mcp.NewServer) and the SDKs that are read only; name the folder of the module that makes one%s%s", wizard.Printable(moduleName(rep)), elsewhere(rep), brokenLines(rep))
	}
	why := ""
	if r.noAdapters() {
		return true, r.leftByHand()
	}
	switch open := r.openTransports(); {
	case open <= 0 && len(r.unseen()) > 0:
		return true, r.leftUnseen()
	case open <= 0 && len(r.byHand()) > 0: // beside servers that need nothing
		return true, r.leftByHand()
	case open < 0:
		why = "No server is served over HTTP. Over stdio the caller is the process that starts the\n" +
			"server, and the MCP specification asks for no sign-in there: nothing to change. To demand\n" +
			"a credential there all the same, add --stdio token --provider apikey (or jwt)."
	case open == 0:
		if done, err := r.sameAgain(ctx); done || err != nil {
			return true, err
		}
		return false, nil
	default:
		return false, nil
	}
	if r.prove {
		r.app.note("%s", why)
		return true, usagef("--prove: nothing was written that could be proven; start the program and use mcp-migrate verify --url")
	}
	if done, err := r.addPackages(ctx); done || err != nil {
		return true, err
	}
	r.app.note("%s", why)
	return true, r.unchanged(exitOK)
}

func incompleteLines(list []analyze.Incomplete) string {
	var b strings.Builder
	for _, i := range list {
		fmt.Fprintf(&b, "\n  %s: %s", place(i.File, i.Line), oneLine(i.Why))
	}
	return b.String()
}

// openTransports counts the transports that answers are about and that are not
// known to be protected by us; -1 when there is none at all. A server in the answers
// that does not exist is left for validation to name.
func (r *migration) openTransports() int {
	n := -1
	for _, s := range r.an.report.Servers {
		for _, t := range s.Transports {
			if !overHTTP(t) && !r.wantsStdio(t) {
				continue
			}
			n = max(n, 0)
			if t.Verdict != "protected" || t.OwnGuard || r.answers.Existing == "replace" && replaceable(t) {
				n++
			}
		}
	}
	return n
}

func overHTTP(t analyze.TransportReport) bool {
	return t.Kind == string(sdk.KindStreamable) || t.Kind == string(sdk.KindSSE)
}

// wantsStdio reports whether t is served over stdio and shall demand a credential.
func (r *migration) wantsStdio(t analyze.TransportReport) bool {
	return r.answers.Stdio == "token" && t.Kind == string(sdk.KindStdio)
}

// replaceable reports whether t is protected by something that is not ours.
func replaceable(t analyze.TransportReport) bool { return t.Guard != analyze.OurGuard }

// kind names the transports that the answers are about.
func (r *migration) kind() string {
	if r.answers.Stdio == "token" {
		return "HTTP and stdio"
	}
	return "HTTP"
}

// noAdapters reports whether something is open that is of SDKs without an adapter,
// and nothing else is.
func (r *migration) noAdapters() bool {
	open := r.byHand()
	for _, s := range r.an.result.Servers {
		if r.wirable(s) && len(s.Transports) > 0 {
			return false
		}
	}
	return len(open) > 0
}

// byHand returns the servers that strangers may reach and that no adapter guards.
func (r *migration) byHand() []*analyze.Server {
	return slices.DeleteFunc(slices.Clone(r.an.result.Servers), func(s *analyze.Server) bool {
		return r.wirable(s) || !slices.ContainsFunc(s.Transports, func(t *analyze.Transport) bool {
			local := t.Kind == sdk.KindStdio && r.answers.Stdio != "token" || t.Kind == sdk.KindInProcess && t.Verdict != analyze.Unknown
			return t.Verdict != analyze.Protected && !local
		})
	})
}

// wirable reports whether migrate can guard s; only where its SDK is known to have no
// adapter it can't.
func (r *migration) wirable(s *analyze.Server) bool {
	return s.Spec == nil || bundled().Wirers[s.Spec.Name] != nil
}

// leftByHand ends a run that can wire nothing, and says what a person can do.
func (r *migration) leftByHand() error {
	fmt.Fprintln(r.app.stderr, "Nothing was changed, and these servers stay open:")
	for _, s := range r.byHand() {
		at := s.New.Position(r.an.result.Program.Fset)
		fmt.Fprintf(r.app.stderr, "  %s: %s\n", place(at.Filename, at.Line), rewrite.NoAdapter(s.Spec))
	}
	fmt.Fprintln(r.app.stderr, "A check for any http.Handler is Guard.Protect of github.com/mcp-migrate/mcp-migrate/authlib.")
	return r.unchanged(exitFindings)
}

// unseen returns the ways out of a server that are not net/http and that can't
// be told to be local: the program may hand a network's messages to the server.
func (r *migration) unseen() []analyze.TransportReport {
	var list []analyze.TransportReport
	for _, s := range r.an.report.Servers {
		for _, t := range s.Transports {
			if t.Kind == string(sdk.KindInProcess) && t.Verdict == string(analyze.Unknown) {
				list = append(list, t)
			}
		}
	}
	return list
}

// leftUnseen ends a run that can wire nothing, and can't say that nothing is open.
func (r *migration) leftUnseen() error {
	fmt.Fprintln(r.app.stderr, "Nothing was changed: who can reach the server could not be told at")
	for _, t := range r.unseen() {
		fmt.Fprintf(r.app.stderr, "  %s: %s\n", place(t.File, t.Line), oneLine(t.Reason))
	}
	fmt.Fprintln(r.app.stderr, "If strangers can reach it, serve it over the SDK's streamable HTTP transport and run\nmigrate again.")
	return r.unchanged(exitFindings)
}

// unchanged ends a run before there is a plan.
func (r *migration) unchanged(code int) error {
	if r.format == "json" {
		r.plan = &rewrite.Plan{}
		if err := r.printJSON(nil); err != nil {
			return err
		}
	}
	if code != exitOK {
		return silent(code)
	}
	return nil
}
