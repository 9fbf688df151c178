package main

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

const verifyLong = `Call a running server as a stranger and, where a token is given, as a user, and
show for each operation whether it is protected. A refusal counts only with the
exact status and challenge. Tools are called only without a valid token, and
only when the server marks them read-only or --call names them; calling stops at
the first refusal that failed. What was not tried is listed as not tried, and
proves nothing.

The user's token is read from the environment variable MCP_ACCESS_TOKEN, never
from the command line; without one, that users are served is not tried.

It ends with 1 when a check failed, with 0 when none did.`

func (a *app) verifyCommand() *cobra.Command {
	var format, requirement string
	var o probe.VerifyOptions
	cmd := &cobra.Command{
		Use:     "verify --url URL",
		Short:   "Call a running server and prove its protection",
		Long:    verifyLong,
		Example: "  mcp-migrate verify --url http://localhost:8080/mcp\n  mcp-migrate verify --url https://mcp.acme.com/mcp \\\n      --requirement optional --public list_notes",
		Args:    verifyArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkTarget(o.URL); err != nil {
				return err
			}
			if o.Optional = requirement == "optional"; !o.Optional && len(o.Public) > 0 {
				return usagef("--public: has a meaning only with --requirement optional; add it, or leave --public out")
			}
			o.Token = a.getenv("MCP_ACCESS_TOKEN")
			a.progress("calling %s …", wizard.Printable(o.URL))
			report, err := a.rooms.probe(cmd.Context(), o)
			if err != nil {
				return err
			}
			return a.printProbe(report, format)
		},
	}
	cmd.Flags().StringVar(&o.URL, "url", "", "`URL` of the MCP endpoint (required)")
	cmd.Flags().Var(newChoice(&requirement, "required", "required", "optional"), "requirement", "what the server was migrated with; optional lets strangers initialize and list (default required)")
	completeChoices(cmd, "requirement", []string{"required", "optional"})
	cmd.Flags().StringSliceVar(&o.Public, "public", nil, "tools, as `NAME,NAME`, that strangers may call, with --requirement optional (default none)")
	cmd.Flags().StringSliceVar(&o.Call, "call", nil, "tools, as `NAME,NAME`, that may be called beside the read-only ones (default none)")
	addFormat(cmd, &format)
	cmd.Flags().SortFlags = false
	return cmd
}

func verifyArgs(cmd *cobra.Command, args []string) error {
	if cmd.ArgsLenAtDash() >= 0 {
		return usagef("verify -- %s: starting the server is not supported yet by this version; start it and use --url", strings.Join(args, " "))
	}
	return noArgs(cmd, args)
}

func checkTarget(target string) error {
	if target == "" {
		return usagef("--url: is missing; write, say, --url http://localhost:8080/mcp")
	}
	return checkTargetOf("--url", target)
}

// checkTargetOf says what is wrong with the URL of a server that a flag names.
func checkTargetOf(flag, target string) error {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return usagef("%s %s: is not an http or https URL; write, say, %[1]s http://localhost:8080/mcp", flag, wizard.Printable(target))
	}
	if u.User != nil {
		return usagef("%s: holds a user name or password; leave it out, a token goes into MCP_ACCESS_TOKEN", flag)
	}
	return nil
}

func (a *app) printProbe(r *probe.Report, format string) error {
	var err error
	if format == "json" {
		err = a.resultJSON(r)
	} else {
		err = a.resultReport(r)
	}
	if err == nil && !r.OK {
		err = silent(exitFindings)
	}
	return err
}

// resultReport writes what was proven to stdout, for a person.
func (a *app) resultReport(r *probe.Report) error {
	var out bytes.Buffer
	if err := r.Text(&out); err != nil {
		return err
	}
	return a.result(out.Bytes())
}
