package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

const lintLong = `Report every place where a stranger can reach a server, or may be able to.

The whole module is analysed, and at the root of a workspace every module of it,
since a server made in one package may be served in another; packages choose
which findings are reported (default: all). They are folders, and stand for
everything below them, with /... or without. Modules below that are not of the
workspace are named and not looked at. Files that the build tags leave out are
not looked at; see --tags.

It ends with 1 when there is a finding at or above --severity, with 3 when a
part of the module was not understood (also when there are findings), and with 0
otherwise. A server that speaks stdio only is no finding. "mcp-migrate explain
RULE" explains a rule.`

// severities, from the lowest.
var severities = []string{string(lint.Note), string(lint.Warning), string(lint.Error)}

func (a *app) lintCommand() *cobra.Command {
	var format, severity, trustFrom string
	cmd := &cobra.Command{
		Use:               "lint [packages]",
		Short:             "Report what lets a stranger in; for CI",
		Long:              lintLong,
		Example:           "  mcp-migrate lint\n  mcp-migrate lint --severity warning ./cmd\n  mcp-migrate lint --format json > findings.json",
		ValidArgsFunction: completeFolders,
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := a.patterns(args)
			if err == nil {
				err = chosen.oneModule()
			}
			if err != nil {
				return err
			}
			an, err := a.look(trusting(cmd.Context(), a.fileNamed(trustFrom)), chosen.start())
			if err != nil {
				return err
			}
			all := a.rooms.lint(an.result)
			total := len(all)
			found := slices.DeleteFunc(all, func(d lint.Diagnostic) bool {
				return d.Rule != lint.RuleTrust && !chosen.whole(an.root()) && !chosen.hold(filepath.Join(an.root(), filepath.FromSlash(d.File)))
			})
			if hidden := total - len(found); hidden > 0 {
				a.note("%d findings in other folders of the module are left out: without a folder, lint reports them all", hidden)
			}
			if err := a.printFindings(an, found, format); err != nil {
				return err
			}
			return lintExit(an.report, found, lint.Severity(severity))
		},
	}
	addFormat(cmd, &format)
	a.addTyped(cmd)
	cmd.Flags().Var(newChoice(&severity, "error", severities...), "severity", "lowest severity that makes the exit code 1 (default error)")
	completeChoices(cmd, "severity", severities)
	cmd.Flags().StringVar(&trustFrom, "trust-from", "", "`file` to read lint.guards from in place of the module's "+wizard.AnswersFile+", such as that of the branch that a\npull request goes to; comments //mcpauth:trusted do not count then")
	return cmd
}

// lintExit judges. Not having understood everything weighs more than findings:
// a script must not take the list for the whole of it.
func lintExit(r *analyze.Report, found []lint.Diagnostic, severity lint.Severity) error {
	switch {
	case !r.Complete:
		return silent(exitTree)
	case slices.ContainsFunc(found, func(d lint.Diagnostic) bool { return d.Severity.AtLeast(severity) }):
		return silent(exitFindings)
	}
	return nil
}

func (a *app) printFindings(an *analysis, found []lint.Diagnostic, format string) error {
	if format == "json" {
		return a.resultJSON(struct {
			*analyze.Report
			Findings []lint.Diagnostic `json:"findings"`
		}{an.report, append([]lint.Diagnostic{}, found...)})
	}
	base, err := a.folder("")
	if err != nil {
		return err
	}
	a.noteIncomplete(an.report)
	if len(an.report.Servers) == 0 {
		a.note("no MCP server found in %s", wizard.Printable(moduleName(an.report)))
	}
	return a.result(findingsText(an.root(), base, found))
}

// findingsText is one line per finding, as compilers print it, and its cure below.
func findingsText(root, base string, found []lint.Diagnostic) []byte {
	var b bytes.Buffer
	for _, f := range found {
		fmt.Fprintf(&b, "%s:%d:%d: %s: %s\n", wizard.Printable(relative(root, base, f.File)), f.Line, f.Column, f.Rule, oneLine(f.Message))
		if f.Cure != "" {
			fmt.Fprintf(&b, "\t%s\n", oneLine(f.Cure))
		}
	}
	return b.Bytes()
}

// relative returns a file of the module as seen from the folder base, so that
// editors find it, or as seen from the root where base is elsewhere.
func relative(root, base, file string) string {
	rel, err := filepath.Rel(base, filepath.Join(root, filepath.FromSlash(file)))
	if err != nil || filepath.IsAbs(filepath.FromSlash(file)) { // settings from elsewhere
		return file
	}
	return rel
}

// oneLine keeps a message from starting a second line, which a reader of logs
// could take for another finding.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// A packageSet is the folders that lint reports on, absolute, each with everything
// below it; nil means all. Unlike for go vet, DIR means DIR/...: a server in cmd/server
// that "lint ." passed over would look like a clean bill.
type packageSet []string

// patterns resolves package arguments. Import paths are refused: they would have
// to be resolved with the go command.
func (a *app) patterns(args []string) (packageSet, error) {
	var set packageSet
	for _, arg := range args {
		dir := strings.TrimSuffix(strings.TrimSuffix(filepath.ToSlash(arg), "..."), "/")
		abs := filepath.Join(a.chdir, filepath.FromSlash(orDot(dir)))
		if filepath.IsAbs(dir) {
			abs = dir
		}
		abs, err := filepath.Abs(abs)
		if err != nil {
			return nil, treef("%w", err)
		}
		if info, err := os.Stat(abs); err != nil || !info.IsDir() {
			return nil, usagef("%s: is no folder; name folders, such as ./cmd", wizard.Printable(arg))
		}
		set = append(set, abs)
	}
	return set, nil
}

// start returns the folder whose module is read, "" meaning the one the program
// works in. For packages of several modules of a workspace that is its root.
func (s packageSet) start() string {
	if len(s) == 0 {
		return ""
	}
	for _, p := range s {
		if rootOf(p) != rootOf(s[0]) {
			return workspaceOf(s[0])
		}
	}
	return s[0]
}

// oneModule refuses packages of several modules that no workspace holds: one module
// is read, and silence about the others would look like a clean bill.
func (s packageSet) oneModule() error {
	for _, p := range s {
		first := workspaceOf(s[0])
		if rootOf(p) != rootOf(s[0]) && (first == "" || workspaceOf(p) != first) {
			return usagef("%s: belongs to another module than %s; run lint once for each module", wizard.Printable(p), wizard.Printable(s[0]))
		}
	}
	return nil
}

// whole reports whether the folder of all that was read is among the packages.
func (s packageSet) whole(root string) bool {
	return slices.ContainsFunc(s, func(dir string) bool { return sameFolder(dir, root) })
}

// hold reports whether the file belongs to one of the packages.
func (s packageSet) hold(file string) bool {
	return len(s) == 0 || slices.ContainsFunc(s, func(dir string) bool {
		return strings.HasPrefix(file, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
	})
}

// sameFolder reports whether two paths lead to one folder, also through links.
func sameFolder(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
