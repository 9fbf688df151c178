package main

import (
	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
)

const doctorLong = `Look at what a migrated program depends on, and explain each step: what was
seen, what is wrong, and how to mend it.

  url       walks a client's way from the URL of a server to the sign-in
  sessions  opens the store of signed-in users, and looks at the environment
  token     says which check a token passes and which it fails

Nothing is changed, and no token, key or secret is shown.

It ends with 0 when nothing is wrong, with 1 when something is, and with 2 when
what was to be looked at could not be: something is missing in the call or its
environment, or nobody answers.`

func (a *app) doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Find out why signing in does not work, and how to mend it",
		Long:    doctorLong,
		Example: "  mcp-migrate doctor url https://mcp.acme.com/mcp\n  mcp-migrate doctor sessions\n  mcp-migrate doctor token < token.txt",
		Args:    doctorArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.doctorURL(), a.doctorSessions(), a.doctorToken())
	return cmd
}

// doctorArgs refuses what is no subcommand. It does not repeat it: somebody may have
// written a token there.
func doctorArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("doctor: looks at url, sessions or token; write one of these words after it")
	}
	return nil
}

// printDoctor writes what was found to stdout, and ends with its exit code.
func (a *app) printDoctor(r *doctor.Report, format string) error {
	var err error
	if format == "json" {
		err = a.resultJSON(r)
	} else {
		err = a.result(r.Text(a.now()))
	}
	switch {
	case err != nil:
		return err
	case r.Unreachable:
		return silent(exitUsage)
	case !r.OK:
		return silent(exitFindings)
	}
	return nil
}
