// Command corpus looks at a folder of checked-out repositories with mcp-migrate
// inspect and prints what was found, how long it took, and with a list of tools that
// were read by hand how much of it is right:
//
//	go run ./internal/corpus -dir ~/repositories
//	go run ./internal/corpus -dir ~/repositories -truth tools.csv -json board.json
//	go run ./internal/corpus -dir ~/repositories -compare -timeout 150s
//	go run ./internal/corpus -dir ~/repositories -verdicts internal/corpus/testdata/verdicts.csv
//
// Every module of every repository is looked at in a process of its own, so that a
// crash or a hang in one is a line of the table. It changes nothing in the
// repositories; the go command may download their modules.
//
// With -migrate it migrates scratch copies of those that serve something open, and
// says of each how it ended: what was changed, whether it still builds and passes the
// tests that it passed before (-tests runs the repository's tests, so strangers' code),
// whether a second run is empty and undo gives back what was there:
//
//	go run ./internal/corpus -dir ~/repositories -migrate -tests -- --provider github --allow org:acme --store redis
//
// With -running it goes further: it builds programs of the repositories in a copy, starts
// them, and holds what they list against what was read. That runs code of others, so it
// wants a flag of its own; see running.json for the programs and their dummy values.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

type options struct {
	dir, truth, verdicts, json, bin, only string
	diffs                                 string
	running, start                        bool
	table                                 string
	flags                                 []string
	timeout                               time.Duration
	migrate, tests                        bool
	compare                               bool
	most                                  int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "corpus:", err)
		}
		os.Exit(2)
	}
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("corpus", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.dir, "dir", "", "`folder` whose subfolders are checked-out repositories, named OWNER+NAME or NAME")
	fs.StringVar(&o.truth, "truth", "", "CSV `file` of tools that were read by hand: repo, tool_name, file, line, registered")
	fs.StringVar(&o.verdicts, "verdicts", "", "CSV `file` of transports that were read by hand: repository, file, line, verdict, guard_kind, reason")
	fs.StringVar(&o.json, "json", "", "write the board to this `file` too")
	fs.StringVar(&o.bin, "bin", "", "mcp-migrate `binary` to run; built from this tree if it is not given")
	fs.StringVar(&o.only, "only", "", "look at repositories whose name contains this `text` only")
	fs.DurationVar(&o.timeout, "timeout", 5*time.Minute, "for one module; with -migrate, for one build or run of its tests")
	fs.BoolVar(&o.migrate, "migrate", false, "migrate scratch copies of what is open; flags after -- are migrate's")
	fs.StringVar(&o.diffs, "diffs", "", "with -migrate: keep what changed, and the texts to paste, in this `folder`")
	fs.BoolVar(&o.tests, "tests", false, "with -migrate: run the repositories' tests, before and after")
	fs.BoolVar(&o.running, "running", false, "build and start programs, and hold what they list against what is read")
	fs.BoolVar(&o.start, "start-them", false, "with -running: yes, start programs of others on this machine")
	fs.StringVar(&o.table, "table", "", "with -running: JSON `file` of programs in place of the one in the tree (running.json)")
	fs.BoolVar(&o.compare, "compare", false, "look at every module with full types too, and hold the two against each other")
	fs.IntVar(&o.most, "most", 0, "leave out repositories with more `lines` of Go than this; 0 is no bound")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	o.flags = fs.Args()
	if o.dir == "" {
		return o, errors.New("-dir is missing: a folder of checked-out repositories")
	}
	return o, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if o.running && !o.start {
		return errors.New(refusal)
	}
	truth, err := readTruth(o.truth)
	if err != nil {
		return err
	}
	verdicts, err := readVerdicts(o.verdicts)
	if err != nil {
		return err
	}
	if o.bin == "" {
		scratch, err := os.MkdirTemp("", "corpus-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(scratch)
		if o.bin, err = build(ctx, scratch); err != nil {
			return err
		}
	}
	if o.migrate {
		all, err := migrateAll(ctx, o, stderr)
		if err != nil {
			return err
		}
		all.print(stdout)
		return all.save(o.json)
	}
	if o.running {
		return running(ctx, o, stdout, stderr)
	}
	board, err := look(ctx, o, truth, stderr)
	if err != nil {
		return err
	}
	board.judge(verdicts)
	board.print(stdout)
	if err := board.save(o.json); err != nil {
		return err
	}
	if board.Verdicts != nil && len(board.Verdicts.Open) > 0 {
		return fmt.Errorf("%d transports are said to be protected and are open", len(board.Verdicts.Open))
	}
	return nil
}

// judge holds the verdicts against the list, where there is one.
func (b *board) judge(verdicts map[string]map[string]judgement) {
	if verdicts == nil {
		return
	}
	b.Verdicts = &judged{}
	for _, r := range b.Repositories {
		b.Verdicts.agree(r, verdicts[strings.ToLower(r.Name)])
	}
}

// build makes the binary that is looked with.
func build(ctx context.Context, scratch string) (string, error) {
	bin := filepath.Join(scratch, "mcp-migrate")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", bin, "github.com/mcp-migrate/mcp-migrate/cmd/mcp-migrate").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return bin, nil
}

// look goes through the repositories, one after the other: the figures are CPU time
// and memory of one process at a time.
func look(ctx context.Context, o options, truth map[string][]row, stderr io.Writer) (*board, error) {
	repos, err := repositories(o.dir, o.only)
	if err != nil {
		return nil, err
	}
	if repos, err = notLarger(repos, o.most); err != nil {
		return nil, err
	}
	b := &board{}
	for i, r := range repos {
		fmt.Fprintf(stderr, "%d/%d %s\n", i+1, len(repos), r.Name)
		for _, m := range r.modules {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			one := inspect(ctx, o, r.dir, m)
			if o.compare {
				one.Loaders = compareLoaders(ctx, o, r.dir, one)
			}
			r.Modules = append(r.Modules, one)
		}
		r.sum()
		if rows := truth[strings.ToLower(r.Name)]; rows != nil {
			r.Truth = compare(rows, r)
		}
		b.Repositories = append(b.Repositories, r)
	}
	return b, nil
}

// save writes the board as JSON; "" is nowhere.
func (b *board) save(file string) error {
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
