package main

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

const undoLong = `Restore the tree as it was before the last migrate, byte for byte, the answers
file included. Files that were changed since are not overwritten: undo then
stops, names them, and changes nothing.

The names of the restored files go to stdout, one per line.`

func (a *app) undoCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "undo [dir]",
		Short:             "Restore the tree as it was before the last migrate",
		Long:              undoLong,
		Example:           "  mcp-migrate undo\n  mcp-migrate undo ./services/weather",
		Args:              atMostOneFolder,
		ValidArgsFunction: completeFolders,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := a.folder(first(args))
			if err != nil {
				return err
			}
			files, err := a.rooms.undo(cmd.Context(), dir)
			if errors.Is(err, errNothingToUndo) {
				return usagef("%s: %w; undo takes back one migrate of this module", wizard.Printable(dir), err)
			}
			if err != nil {
				return err
			}
			var out bytes.Buffer
			for _, f := range files {
				fmt.Fprintf(&out, "restored %s\n", wizard.Printable(f))
			}
			return a.result(out.Bytes())
		},
	}
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func completeFolders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}
