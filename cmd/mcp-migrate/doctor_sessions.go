package main

import (
	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

const doctorSessionsLong = `Open the store in which a migrated program keeps who is signed in, and list the
sign-ins: where they began, how old they are, when they were last used and when
they end, and whether the client can refresh. No token is shown, and nobody's
name: a handle tells sign-ins apart.

Which store it is and where, the answers in .mcp-migrate.yaml and the
environment say, as for the program: run it as the program's user, with its
variables. They are looked at first: whether they are set and well formed.

For files: the folder and what lies in it, permissions, free space, whether the
records open with MCP_SESSION_KEY, and with which key of it. For Redis: whether
it answers and takes what the program writes; like the program at its start, a
record is written for an instant. Requests in between are not recorded, so "last
used" is when a client last got a token.`

func (a *app) doctorSessions() *cobra.Command {
	var format string
	most := 0
	p := &patient{app: a}
	cmd := &cobra.Command{
		Use:     "sessions [dir]",
		Short:   "Look at who is signed in, and at the store that holds it",
		Long:    doctorSessionsLong,
		Example: "  mcp-migrate doctor sessions\n  mcp-migrate doctor sessions --store-dir /var/lib/notes/sessions --format json\n  mcp-migrate doctor sessions --redis-url-env NOTES_REDIS_URL",
		Args:    atMostOneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			if most < 0 || most > 1000 {
				return usagef("--most: is from 0 to 1000")
			}
			if err := p.read(orDot(append(args, "")[0])); err != nil {
				return err
			}
			if !p.recorded() && p.storeDir == "" && p.redisURLEnv == "" {
				return usagef("%s: has no answers of a migration, so which store to look at is not known; name it by --store-dir or --redis-url-env", wizard.Printable(p.dir))
			}
			r := doctor.Sessions(cmd.Context(), doctor.SessionOptions{Place: p.place(), Variables: p.variables(), Getenv: a.getenv, Most: most, Now: a.now})
			return a.printDoctor(r, format)
		},
	}
	p.addFlags(cmd)
	cmd.Flags().IntVar(&most, "most", 20, "how `many` sign-ins are listed, from 0 to 1000")
	addFormat(cmd, &format)
	return cmd
}
