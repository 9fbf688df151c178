// Package rewrite decides what must change in a user's module, and changes it.
//
// [New] turns analysis and answers into a [Plan]: the old and new bytes of every
// file, and the steps that a person has to do. A plan is checked by [Verify],
// shown by [Diff] and [Preview], written by [Write] and taken back by [Undo].
// Nothing but Write and Undo changes a byte on disk.
package rewrite

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"io/fs"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A Plan is everything that a migrate would do.
type Plan struct {
	Program *load.Program
	Steps   []Step       // in the order a reader should meet them
	Files   []FileChange // sorted by name
	Env     []EnvVar     // what the migrated program reads from its environment
	// Answers are those that were given, with what checks demanded that move into the
	// policy: a run with them finds nothing to do.
	Answers wizard.Answers

	modules  []moduleChange // the modules that get wiring
	work     []byte         // go.work after the change; nil without one
	packages []string       // import paths that verification builds
}

// A moduleChange is what changes in one module besides its source.
type moduleChange struct {
	*load.Module
	mod, sum []byte // go.mod and go.sum after the change
	copyDir  string // folder of the copy of authlib, relative to the module
}

// A StepKind says what a step does.
type StepKind string

// The kinds of step.
const (
	StepEdit    StepKind = "edit"    // an existing file changes
	StepCreate  StepKind = "create"  // a new file
	StepRequire StepKind = "require" // go.mod gains or raises a requirement
	StepManual  StepKind = "manual"  // a person has to do it; the server is open until then
	StepNote    StepKind = "note"    // nothing to do, but worth knowing
)

// A Step is one thing that the plan does or leaves to a person.
type Step struct {
	Kind   StepKind `json:"kind"`
	File   string   `json:"file"` // relative to Program.Dir
	Site   string   `json:"site"` // file:line:col; "" for what has no place in the source
	Reason string   `json:"reason"`
	Text   string   `json:"text,omitempty"` // manual: what to paste
}

// A FileChange is one file before and after. Nil bytes mean that it does not exist.
type FileChange struct {
	Rel  string // relative to Program.Dir, forward slashes; "../…" in a workspace's other modules
	Old  []byte
	New  []byte
	Mode fs.FileMode // of a created file; an existing one keeps its own

	hidden []string // what no diff of it may show
}

// removed reports whether the file goes.
func (f FileChange) removed() bool { return f.Old != nil && f.New == nil }

// An EnvVar is one variable that the migrated program reads.
type EnvVar struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
	Help     string `json:"help"`
}

// Options are what New needs besides analysis and answers.
type Options struct {
	Authlib     fs.FS                // authlib's sources, rooted at the folder that holds "authlib"
	Version     string               // of this tool, recorded in the copy's manifest
	Wirers      map[string]sdk.Wirer // by Spec.Name
	AnswersFile string               // where answers are recorded, relative to Program.Dir; "" writes none
	// Answers renders the answers file from its old bytes and the answers, to which the
	// plan adds what checks demanded that it moves into the policy.
	Answers  func([]byte, wizard.Answers) ([]byte, error)
	Recorded *wizard.Answers // the answers of the run before, with every default; nil where none are on record
}

// Manual returns the steps that are left to a person.
func (p *Plan) Manual() []Step {
	var out []Step
	for _, s := range p.Steps {
		if s.Kind == StepManual {
			out = append(out, s)
		}
	}
	return out
}

// Empty reports whether the plan changes no file.
func (p *Plan) Empty() bool { return len(p.Files) == 0 }

// New decides what must change so that every transport that ans selects asks its
// callers who they are. It reads the module cache through the go command, and
// writes nothing. A module that this version can't migrate is an error that says
// what to do.
func New(ctx context.Context, res *analyze.Result, ans wizard.Answers, opt Options) (*Plan, error) {
	if err := supported(res.Program); err != nil {
		return nil, err
	}
	b := newBuilder(res, ans, opt)
	b.adopt()
	b.wireServers()
	b.wireAllStdio()
	b.fillVacant()
	b.liftChecks()
	if err := b.keepsLibrary(); err != nil {
		return nil, err
	}
	b.noteStrange()
	b.secrets()
	if err := b.createFiles(ctx); err != nil {
		return nil, err
	}
	b.release()
	if err := b.liftedAreNamed(); err != nil {
		return nil, err
	}
	if err := b.applyEdits(); err != nil {
		return nil, err
	}
	if err := b.oneRepository(ctx); err != nil {
		return nil, err
	}
	return b.plan(), nil
}

// supported refuses the kinds of module that this version does not rewrite.
func supported(p *load.Program) error {
	if p.Vendored && p.Workspace != nil {
		return fmt.Errorf("%s: the workspace builds from a vendor directory, which is not supported yet: "+
			"run migrate on a copy without vendor/, then run go work vendor", p.Workspace.Dir())
	}
	if p.Workspace == nil {
		return newEnough(p)
	}
	return nil
}

// newEnough refuses a module whose go line is before the oldest that authlib builds with.
func newEnough(p *load.Program) error {
	if olderThan(p.GoVersion, bareOldest) {
		return fmt.Errorf("go.mod: go %s is older than authlib needs: raise it with go get go@1.23.0", p.GoVersion)
	}
	return nil
}

// A builder gathers a plan's parts.
type builder struct {
	res  *analyze.Result
	prog *load.Program
	ans  wizard.Answers
	opt  Options

	steps   []Step
	files   []FileChange
	edits   map[string][]fileEdit // by File.Rel
	wired   map[ast.Node]*guarded // calls that make a transport, once they are decided on
	routed  map[ast.Node]bool     // places that serve, once they are edited
	checked map[ast.Node]bool     // calls that make a transport, once the SDK's own check is there
	stdioAt map[ast.Node]bool     // blocks that make a guard of stdio
	peels   map[*analyze.Route]*peel
	// published are the guards whose endpoints are on a router, by the call that makes it.
	published map[ast.Expr]*guarded
	later     map[*analyze.Route][]func() // notes to record once it is wired
	sidecars  []*sidecar
	env       []EnvVar
	mod, sum  []byte
	touched   map[string]bool // import paths to verify
	copyDir   string
	modules   []moduleChange
	work      []byte
	strange   []string // files of an earlier run that could not be read back
	held      bool     // the new answers could not be carried out: they are not recorded
	hard      []secret // credentials that move into the environment
	paths     *paths   // once they were asked for
	lifted    []string // tools whose checks moved into the policy
	hidden    []string // what no diff may show: those, and others that were to
	gone      []string // foreign packages that the copy imported and does not any more
	calledIn  string   // of a part: the folder that migrate was called in, relative to the module; "" if it is the module's
}

func newBuilder(res *analyze.Result, ans wizard.Answers, opt Options) *builder {
	return &builder{res: res, prog: res.Program, ans: ans, opt: opt, edits: map[string][]fileEdit{}, wired: map[ast.Node]*guarded{}, routed: map[ast.Node]bool{}, checked: map[ast.Node]bool{}, stdioAt: map[ast.Node]bool{}, published: map[ast.Expr]*guarded{}, peels: map[*analyze.Route]*peel{}, later: map[*analyze.Route][]func(){}}
}

func (b *builder) plan() *Plan {
	b.hideSecrets()
	slices.SortFunc(b.files, func(x, y FileChange) int { return strings.Compare(x.Rel, y.Rel) })
	p := &Plan{Program: b.prog, Steps: b.steps, Files: b.files, Env: b.env, Answers: b.ans, modules: b.modules, work: b.work}
	for path := range b.touched {
		p.packages = append(p.packages, path)
	}
	slices.Sort(p.packages)
	return p
}

func (b *builder) touch(pkgPath string) {
	if b.touched == nil {
		b.touched = map[string]bool{}
	}
	b.touched[pkgPath] = true
}

func (b *builder) create(rel string, content []byte, reason string) {
	b.change(FileChange{Rel: rel, New: content, Mode: 0o644}, Step{Kind: StepCreate, File: rel, Reason: reason})
}

// change records a file and its step, unless nothing changes.
func (b *builder) change(f FileChange, s Step) {
	if f.Old != nil && bytes.Equal(f.Old, f.New) {
		return
	}
	b.files = append(b.files, f)
	b.steps = append(b.steps, s)
}
