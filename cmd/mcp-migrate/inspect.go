package main

import (
	"github.com/spf13/cobra"
)

const inspectLong = `Show what the module holds: every MCP server, how it is served and whether a
stranger can reach it, and its tools, prompts and resources with the place where
each is made.

A transport is "protected" when every way to it passes a check, "unprotected"
when one does not, "unknown" when that could not be seen, and "local" when only
the process that runs the server can use it (stdio, in-process); the reason
stands below it. In JSON a local one has the verdict "unprotected" and its kind.

A tool "takes" the fields of its input that look like credentials. In JSON these
are "credential_fields", and "also" are further places that define the name.

Source files are read, and nothing is run: it works without the go command, the
network and a build cache, and on code that does not compile. --typed reads with
full types, as migrate does.

At the root of a go.work workspace that is every module of it; in one of them,
that module and what it imports of the others.

inspect does not judge: it ends with 0 whatever it finds, and with 3 when a part
of the module was not understood. To fail a CI job use "mcp-migrate lint".`

func (a *app) inspectCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:               "inspect [dir]",
		Short:             "Show servers, transports, tools and their protection",
		Long:              inspectLong,
		Example:           "  mcp-migrate inspect\n  mcp-migrate inspect --format json ./services/weather",
		Args:              atMostOneFolder,
		ValidArgsFunction: completeFolders,
		RunE: func(cmd *cobra.Command, args []string) error {
			an, err := a.look(cmd.Context(), first(args))
			if err != nil {
				return err
			}
			if format == "json" {
				err = a.resultJSON(an.report)
			} else {
				err = a.result(inspectText(an.report, palette{a.colorful(a.stdout)}))
			}
			if err == nil && !an.report.Complete {
				err = silent(exitTree)
			}
			return err
		},
	}
	addFormat(cmd, &format)
	a.addTyped(cmd)
	return cmd
}
