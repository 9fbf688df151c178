package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

const undoLong = `Restore the tree as it was before the last migrate or upgrade, byte for byte,
the answers file included. One of them can be taken back; it needs no git. In a
workspace undo is called where that was: at its root, or in the module. A file
that was changed since is not overwritten: undo then stops, names it, and
changes nothing.

What was restored and removed goes to stdout, one line each.`

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
				return usagef("%s: %w; undo takes back one migrate, in the folder that it was called for", wizard.Printable(dir), err)
			}
			if err != nil {
				return err
			}
			return a.resultDeeds(undone(dir, files))
		},
	}
}

// undone tells the files that are back from those that migrate had created and
// that are gone again.
func undone(dir string, files []string) []deed {
	root := rootOf(dir)
	var deeds []deed
	for _, f := range files {
		verb := "restored"
		if _, err := os.Lstat(filepath.Join(root, filepath.FromSlash(f))); errors.Is(err, os.ErrNotExist) {
			verb = "removed"
		}
		deeds = append(deeds, deed{verb, f})
	}
	return deeds
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
