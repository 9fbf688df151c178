package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

const rootLong = `mcp-migrate takes a Go MCP server that anybody can call and turns it into one
that asks who is calling.

It reads the module with types, shows what it found, asks what it can't know,
shows the exact diff, builds the changed program before a byte is written, and
writes all of it or nothing. It works on servers made with
github.com/mark3labs/mcp-go and github.com/modelcontextprotocol/go-sdk that are
served over streamable HTTP.

Without a command it does what "mcp-migrate migrate" does, with the same flags;
see "mcp-migrate migrate --help".

Results go to stdout; questions, progress and notes to stderr.

Exit codes: 0 done or clean; 1 findings, changes pending, or a server that stays
open; 2 the call can be fixed (flags, missing answers, uncommitted changes);
3 the tree can't be handled, nothing was changed; 130 Ctrl-C.`

const rootExample = `  mcp-migrate inspect                     what is there, and who can reach it
  mcp-migrate                             ask, preview, write
  mcp-migrate --provider dev --yes --dry-run
                                          only show the diff
  mcp-migrate --provider github --allow org:acme --yes
                                          without questions
  mcp-migrate lint                        for CI: fail when a server is open
  mcp-migrate undo                        as it was before the last migrate`

// root builds the command tree.
func (a *app) root() *cobra.Command {
	m := &migrateCommand{app: a}
	root := &cobra.Command{
		Use:           "mcp-migrate [dir]",
		Short:         "Turn an open Go MCP server into one that asks who is calling",
		Long:          rootLong,
		Example:       rootExample,
		Args:          folderOrCommand,
		RunE:          m.runE,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	m.addFlags(root)
	root.LocalFlags().VisitAll(func(f *pflag.Flag) { f.Hidden = true })
	a.addGlobalFlags(root)
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usageTemplate)
	root.SetHelpCommand(helpCommand())
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.AddCommand(a.migrateCommand(), a.inspectCommand(), a.lintCommand(), a.verifyCommand(), a.doctorCommand(),
		a.undoCommand(), a.upgradeCommand(), a.explainCommand(), a.versionCommand())
	root.InitDefaultCompletionCmd()
	refuseUnknownShells(root)
	return root
}

// refuseUnknownShells mends cobra's completion command, which prints its help
// and succeeds for a shell that it does not know.
func refuseUnknownShells(root *cobra.Command) {
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		panic(err) // InitDefaultCompletionCmd has just added it
	}
	completion.Args = cobra.ArbitraryArgs
	completion.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return usagef("completion %s: unknown shell; use bash, zsh, fish or powershell", wizard.Printable(args[0]))
	}
}

func (a *app) addGlobalFlags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVarP(&a.chdir, "chdir", "C", "", "work in `dir` instead of the current folder")
	f.StringSliceVar(&a.tags, "tags", nil, "build tags, as `tag,tag`, that are set when the module is read")
	f.Var(newChoice(&a.color, "auto", "auto", "always", "never"), "color", "whether to use colours (default auto: on a terminal, unless NO_COLOR is set)")
	f.BoolVar(&a.accessible, "accessible", false, "ask line by line, without drawing; ACCESSIBLE=1 in the environment does the same")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no notes and no progress on stderr; errors and manual steps stay")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "more notes on stderr")
	root.InitDefaultHelpFlag()
	completeChoices(root, "color", []string{"auto", "always", "never"})
}

// folderOrCommand accepts at most one folder. A word that is no folder was
// probably meant to be a command.
func folderOrCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	dir, _ := cmd.Flags().GetString("chdir")
	if _, err := os.Stat(filepath.Join(dir, args[0])); err == nil || filepath.IsAbs(args[0]) || strings.ContainsAny(args[0], `./\`) {
		return atMostOneFolder(cmd, args)
	}
	var names []string
	for _, c := range cmd.Root().Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if s := wizard.Suggest(args[0], names); s != "" {
		return usagef("%s: is neither a command nor a folder; did you mean %s?", wizard.Printable(args[0]), s)
	}
	return usagef("%s: is neither a command nor a folder; commands: %s", wizard.Printable(args[0]), strings.Join(names, ", "))
}

func atMostOneFolder(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("%s: takes one folder, not %d arguments; run it once for each", cmd.CommandPath(), len(args))
	}
	return nil
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s: takes no arguments, so %s has no meaning; see --help", cmd.CommandPath(), wizard.Printable(args[0]))
	}
	return nil
}

// flagError explains a flag that could not be parsed, with the nearest known one.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return usagef("%w; see %s --help", err, cmd.CommandPath())
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	name := unknown.GetSpecifiedName()
	if s := wizard.Suggest(name, names); s != "" && len(name) > 1 {
		return usagef("unknown flag --%s; did you mean --%s?", name, s)
	}
	return usagef("%w; see %s --help", err, cmd.CommandPath())
}

// helpCommand replaces cobra's, which ends with success for an unknown command.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("no help for %s; see mcp-migrate --help", wizard.Printable(strings.Join(args, " ")))
			}
			return target.Help()
		},
	}
}

// usageTemplate is cobra's, with flags wrapped at 80 columns.
const usageTemplate = `Usage:
  {{.UseLine}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsagesWrapped 80 | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Global flags:
{{.InheritedFlags.FlagUsagesWrapped 80 | trimTrailingWhitespaces}}{{end}}
`
