package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/docs/rules"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

const explainLong = `Explain a lint rule: what is wrong, the wrong code, the right code, why it
matters, and the source of the rule. Without an argument it lists the rules.`

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "explain [RULE]",
		Short:   "Explain a lint rule: wrong code, right code, why, source",
		Long:    explainLong,
		Example: "  mcp-migrate explain MCP001",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return rules.IDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch len(args) {
			case 0:
				return a.listRules()
			case 1:
				return a.explain(args[0])
			}
			return usagef("explain: takes one rule, not %d arguments", len(args))
		},
	}
}

func (a *app) explain(rule string) error {
	id := strings.ToUpper(rule)
	page, ok := rules.Page(id)
	if ok {
		return a.result([]byte(page))
	}
	if s := wizard.Suggest(id, rules.IDs()); s != "" {
		return usagef("%s: unknown rule; did you mean %s? rules: %s", wizard.Printable(rule), s, strings.Join(rules.IDs(), ", "))
	}
	return usagef("%s: unknown rule; rules: %s", wizard.Printable(rule), strings.Join(rules.IDs(), ", "))
}

func (a *app) listRules() error {
	var out bytes.Buffer
	for _, id := range rules.IDs() {
		fmt.Fprintf(&out, "%s  %s\n", id, rules.Title(id))
	}
	return a.result(out.Bytes())
}
