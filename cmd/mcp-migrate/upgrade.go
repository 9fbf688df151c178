package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

const upgradeLong = `Bring a copied authlib to the one of this version: with the packages that it
has, and with the checks that the SDK in go.mod has hooks for by now. Where
nobody changed a file it is replaced. What you changed is kept, and where this
version changes the same file the two are merged line by line; the text that was
copied is taken from the commits of your repository, or else fetched by the go
command as the version of this module that copied it.

It is all of it or nothing: as long as one file can't be merged for certain,
nothing is written, and the file is named with what to do. Your wiring stays as
it is. The changed program is built and vetted before anything is written, and
"mcp-migrate undo" takes it back.

At the root of a workspace that is every copy in it. It ends with 1 when a file
is left to you, with 2 when there is no copy or a newer version made it, and
with 3 when the program would not build; then nothing was changed.`

// An upgrading is one run of upgrade.
type upgrading struct {
	*migration
}

func (a *app) upgradeCommand() *cobra.Command {
	m := &migrateCommand{app: a}
	cmd := &cobra.Command{
		Use:               "upgrade [dir]",
		Short:             "Bring a copied authlib to this version",
		Long:              upgradeLong,
		Example:           "  mcp-migrate upgrade\n  mcp-migrate upgrade --dry-run --exit-code",
		Args:              atMostOneFolder,
		ValidArgsFunction: completeFolders,
		RunE: func(cmd *cobra.Command, args []string) error {
			if m.exitCode && !m.dryRun {
				return usagef("--exit-code: has a meaning only with --dry-run; add --dry-run, or leave it out")
			}
			u := &upgrading{&migration{migrateCommand: m, arg: first(args)}}
			return u.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.BoolVar(&m.dryRun, "dry-run", false, "print the change as a diff that git apply takes, write nothing")
	f.BoolVar(&m.exitCode, "exit-code", false, "with --dry-run: end with 1 when there is something to change")
	f.BoolVar(&m.yes, "yes", false, "write without a last question")
	f.BoolVar(&m.allowDirty, "allow-dirty", false, "change files even where they have uncommitted changes")
	f.BoolVar(&m.noVerify, "no-verify", false, "write without building the changed program first")
	addFormat(cmd, &m.format)
	f.SortFlags = false
	return cmd
}

// run goes from the tree to the written change.
func (u *upgrading) run(ctx context.Context) error {
	var err error
	if u.an, err = u.app.load(ctx, u.arg); err != nil {
		return err
	}
	err = u.app.working("comparing the copy of authlib with this version", "(what a changed file was copied from, and modules that are not there yet, are downloaded)", func() (err error) {
		u.plan, err = u.app.rooms.upgrade(ctx, u.an.result)
		return err
	})
	if err != nil {
		return u.refused(err)
	}
	u.noteNotes()
	if u.dryRun {
		return u.showDiff(ctx)
	}
	if !u.plan.Empty() {
		if err := u.write(ctx); err != nil {
			return err
		}
	}
	return u.finish()
}

// refused gives an error of planning its exit code, and says what else there is.
func (u *upgrading) refused(err error) error {
	var not *rewrite.NotUpgradableError
	switch {
	case errors.Is(err, rewrite.ErrNoCopy):
		return usagef("%s: %w; where the module requires %s instead, upgrade it with go get", wizard.Printable(orDot(u.arg)), err, modulePath)
	case errors.As(err, &not):
		return usagef("%w", err)
	}
	return err
}

// modulePath is the path of this module.
const modulePath = "github.com/mcp-migrate/mcp-migrate"

// finish prints what was done and what is left to do.
func (u *upgrading) finish() error {
	var err error
	if u.format == "json" {
		err = u.printJSON(nil)
	} else {
		err = u.printResult()
	}
	if err != nil {
		return err
	}
	switch {
	case len(u.plan.Manual()) > 0:
		u.noteManual()
		u.app.note("\nNothing was written: a copy whose files are of two versions is one that nobody has tested.\n" +
			"Do what stands above, and run mcp-migrate upgrade again.")
		return silent(exitFindings)
	case u.written:
		u.app.note("\nTo take everything back:\n  %s", wizard.Shell(append([]string{"mcp-migrate", "undo"}, u.where()...)))
	default:
		u.app.note("The copy of authlib is that of this version already: nothing to change.")
	}
	return nil
}
