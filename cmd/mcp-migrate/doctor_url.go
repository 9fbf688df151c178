package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/internal/probe/discover"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

const doctorURLLong = `Walk the way of an MCP client: reach the server, be refused with 401, read the
challenge, find the metadata of the resource and of the authorization server,
and see that a user could sign in. Each step says what was seen and how to mend
it.

It only reads: it initializes, as a stranger and, where strangers may, with a
token that is none, and gets documents. It calls no tool, registers no client
and follows no redirect. What strangers can do with the tools, verify shows.`

func (a *app) doctorURL() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:               "url URL",
		Short:             "Walk a client's way to the sign-in, and explain each step",
		Long:              doctorURLLong,
		Example:           "  mcp-migrate doctor url http://localhost:8080/mcp\n  mcp-migrate doctor url https://mcp.acme.com/mcp --format json",
		Args:              oneURL,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.progress("calling %s …", wizard.Printable(args[0]))
			r, err := discover.URL(cmd.Context(), discover.Options{URL: args[0], Now: a.now})
			if err != nil {
				return usagef("doctor url: %w", err)
			}
			if cmd.Context().Err() != nil {
				return cmd.Context().Err()
			}
			return a.printDoctor(r, format)
		},
	}
	addFormat(cmd, &format)
	return cmd
}

func oneURL(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &exitError{exitUsage, errors.New("doctor url: takes one URL; write, say, mcp-migrate doctor url http://localhost:8080/mcp")}
	}
	return nil
}
