package main

import (
	"github.com/spf13/cobra"
)

const migrateLong = `Read the module, ask what can't be known from the source, show the change,
build it, and write all of it or nothing. Only servers served over streamable
HTTP are changed: over stdio the caller is the process that starts the server,
and --stdio token is needed to ask it for a credential.

Every question has a flag. On a terminal, questions that no flag and no answers
file answers are asked; elsewhere one that has no default is an error that names
the flag. --yes asks nothing, takes the defaults, and writes without a last
question; it is needed to write where there is no terminal.

In a go.work workspace the folder says what is migrated: at its root all
servers, in a module those that it serves. Each module that serves gets the
wiring and the library for itself.

Answers come from flags, then from the answers file, then from defaults. They
are recorded in the answers file, so that a second run asks nothing. Run again
with other answers as flags, migrate changes what the first run wrote, and
nothing else; what you changed there stays.

Where a file that would change has uncommitted changes, migrate stops. The
changed program is built and vetted before anything is written; the first time,
that compiles its dependencies and can take minutes. "mcp-migrate undo" takes
everything back.

Your program is not started, unless you say --prove: then it is started in a
scratch copy with none of your environment, signed in to and called; that needs
--provider dev. A proof that fails or can't be made ends with 1; the change is
written all the same.

What can't be changed safely is left to you as a manual step with the text to
paste. As long as one is left the exit code is 1, since a server stays open.`

const migrateExample = `  mcp-migrate migrate
  mcp-migrate migrate --provider dev --store memory --yes
  mcp-migrate migrate --provider dev --store memory --yes --prove
  mcp-migrate migrate --provider github --allow user:octocat --yes --dry-run \
      > auth.patch
  mcp-migrate migrate --provider github --allow org:acme \
      --requirement optional --public 'get_*' \
      --tool-scopes 'delete_*=admin' --yes`

// A migrateCommand is the command migrate with its flags.
type migrateCommand struct {
	app     *app
	answers []*answerFlag

	answersFile string
	dryRun      bool
	exitCode    bool
	yes         bool
	allowDirty  bool
	noVerify    bool
	prove       bool
	format      string
}

func (a *app) migrateCommand() *cobra.Command {
	m := &migrateCommand{app: a}
	cmd := &cobra.Command{
		Use:               "migrate [dir]",
		Short:             "Analyse, ask, preview, verify, write",
		Long:              migrateLong,
		Example:           migrateExample,
		Args:              atMostOneFolder,
		ValidArgsFunction: completeFolders,
		RunE:              m.runE,
	}
	m.addFlags(cmd)
	return cmd
}

func (m *migrateCommand) addFlags(cmd *cobra.Command) {
	m.answers = addAnswerFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&m.answersFile, "answers", "", "`file` to read answers from and to record them in (default .mcp-migrate.yaml in the module root)")
	f.BoolVar(&m.dryRun, "dry-run", false, "print the change as a diff that git apply takes, write nothing")
	f.BoolVar(&m.exitCode, "exit-code", false, "with --dry-run: end with 1 when there is something to change")
	f.BoolVar(&m.yes, "yes", false, "ask nothing: take defaults for what is not given, and write")
	f.BoolVar(&m.allowDirty, "allow-dirty", false, "change files even where they have uncommitted changes")
	f.BoolVar(&m.noVerify, "no-verify", false, "write without building the changed program first")
	f.BoolVar(&m.prove, "prove", false, "after writing, start the program in a scratch copy and call it as a stranger and as a user (needs --provider dev)")
	addFormat(cmd, &m.format)
	f.SortFlags = false
}

func (m *migrateCommand) runE(cmd *cobra.Command, args []string) error {
	given, err := m.given()
	if err != nil {
		return err
	}
	run := &migration{migrateCommand: m, arg: first(args), flags: given}
	return run.run(cmd.Context())
}
