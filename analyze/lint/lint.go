// Package lint turns what the analysis found into findings that a person or a CI
// job acts on. It decides nothing about how findings are printed.
package lint

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strconv"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// The rules. An ID never changes its meaning.
const (
	RuleUnprotected = "MCP001" // an HTTP transport that anybody can call
	RuleUnknown     = "MCP002" // an HTTP transport whose protection could not be told
	RulePolicy      = "MCP003" // the policy and what is registered do not agree
	RuleNotAGuard   = "MCP004" // something that looks like a check and is none
	RuleBeside      = "MCP005" // a way in beside the transports that the program serves by itself
	RuleCopy        = "MCP006" // a copy of authlib that is old, or was changed
	RuleTasks       = "MCP010" // tool middleware on a server with tools that run as tasks
	RuleUnchecked   = "MCP011" // a credential that is asked for and not verified
	RuleDiscarded   = "MCP012" // what a guard gives back is thrown away
	RuleEqual       = "MCP013" // a credential is compared with == or !=
	RuleFactory     = "MCP014" // the function that picks a request's server reads a credential
	RuleTrust       = "MCP015" // something counts as a check because a person says so, or is said to and does not
	RuleArguments   = "MCP016" // a tool takes a credential as an argument
)

// A Severity is how bad a finding is.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// AtLeast reports whether s is as bad as min, or worse. One that is none of the
// severities is as bad as an error, to be on the safe side.
func (s Severity) AtLeast(min Severity) bool { return s.rank() >= min.rank() }

func (s Severity) rank() int {
	switch s {
	case Note:
		return 0
	case Warning:
		return 1
	}
	return 2
}

// A Diagnostic is one finding. File is relative to the module root and has
// forward slashes; lines and columns count from 1, columns in bytes. Names taken
// from the analysed code are quoted in every text, so that they can't pass for
// terminal or CI commands.
type Diagnostic struct {
	Rule     string    `json:"rule"`
	Severity Severity  `json:"severity"`
	File     string    `json:"file"`
	Line     int       `json:"line"`
	Column   int       `json:"column"`
	Message  string    `json:"message"`
	Cure     string    `json:"cure"`
	Related  []Related `json:"related"`
}

// A Related is another place that a finding is about.
type Related struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// A Report is the versioned JSON of a lint run. Fields are only ever added.
type Report struct {
	Version     int          `json:"version"` // 1
	Module      string       `json:"module"`
	Complete    bool         `json:"complete"`
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// NewReport checks r and returns the findings as a [Report].
func NewReport(r *analyze.Result) *Report {
	return &Report{Version: 1, Module: r.Program.Module, Complete: len(r.Incomplete) == 0, Diagnostics: Check(r)}
}

// Check returns the findings of an analysed module, by file, line, column and
// rule. It is never nil. What the analysis did not understand is in
// Result.Incomplete, not here: no findings with an incomplete result is not
// "clean". Safe for concurrent use.
func Check(r *analyze.Result) []Diagnostic {
	c := &checker{r: r, out: []Diagnostic{}, seen: map[string]bool{}}
	for _, s := range r.Servers {
		for _, t := range s.Transports {
			c.transport(s, t)
		}
		c.notGuards(s)
		c.arguments(s)
	}
	c.policies()
	c.beside()
	c.copies()
	c.pseudoGuards()
	c.trusts()
	slices.SortStableFunc(c.out, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column, cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return c.out
}

type checker struct {
	r    *analyze.Result
	out  []Diagnostic
	seen map[string]bool
}

// add records a finding at a site, once.
func (c *checker) add(rule string, sev Severity, at sdk.Site, msg, cure string, related ...Related) {
	c.addAt(rule, sev, at.Position(c.r.Program.Fset), msg, cure, related...)
}

// addAt is add for a place that may be in a file that is not Go.
func (c *checker) addAt(rule string, sev Severity, p token.Position, msg, cure string, related ...Related) {
	key := fmt.Sprint(rule, p, msg)
	if c.seen[key] {
		return
	}
	c.seen[key] = true
	c.out = append(c.out, Diagnostic{
		Rule: rule, Severity: sev, File: p.Filename, Line: p.Line, Column: p.Column,
		Message: msg, Cure: cure, Related: append([]Related{}, related...),
	})
}

func (c *checker) related(at sdk.Site, msg string) Related {
	p := at.Position(c.r.Program.Fset)
	return Related{File: p.Filename, Line: p.Line, Message: msg}
}

// quote makes a name from analysed code safe to print, and short.
func quote(name string) string {
	if r := []rune(name); len(r) > 60 {
		name = string(r[:60]) + "…"
	}
	return strconv.Quote(name)
}
