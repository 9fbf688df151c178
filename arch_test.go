package mcpmigrate_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path of this module.
const module = "github.com/mcp-migrate/mcp-migrate"

// A rule says which folders may import something. A folder stands for itself,
// and with "/..." for everything below it too.
type rule struct {
	name  string
	what  func(importPath string) bool // what it is about
	in    []string                     // the folders that it binds; empty: all
	may   []string                     // those of them that may
	tests bool                         // it binds test files too
	why   string
}

// rules is the plan of the house: who may import whom.
var rules = []rule{
	{
		name: "authlib imports nothing of the tool",
		what: func(p string) bool { return ours(p) && !below(p, module+"/authlib") },
		in:   []string{"authlib/..."}, tests: true,
		why: "it is copied into other people's modules",
	},
	{
		name: "the core of authlib is standard library only",
		what: func(p string) bool { return !standard(p) && p != module+"/authlib/internal/limit" },
		in:   []string{"authlib", "authlib/internal/limit"},
		why:  "every migrated server carries it",
	},
	{
		name: "x/oauth2 stays where users sign in",
		what: prefix("golang.org/x/oauth2"),
		may:  []string{"authlib/session/...", "authlib/provider/...", "authlib/broker/..."},
		why:  "a wiring that only checks tokens needs none of it",
	},
	{
		name: "go-jose stays where other issuers' tokens are checked",
		what: prefix("github.com/go-jose"),
		may:  []string{"authlib/internal/issuer", "authlib/jwtauth", "authlib/provider/oidc"},
		why:  "a wiring that checks none of them needs none of it",
	},
	{
		name: "stand-ins and the client for tests stay in tests",
		what: func(p string) bool { return p == module+"/authlib/authtest" },
		may:  []string{"authlib/authtest"},
		why:  "nothing that a test trusts may be trusted by a program",
	},
	{
		name: "the robot in front of a browser stays where clients are tried out",
		what: prefix(module + "/authlib/authtest/robot"),
		may:  []string{"authlib/authtest", "internal/probe/...", "internal/interop"},
		why:  "it agrees to everything",
	},
	{
		name: "what tests servers needs the standard library only",
		what: func(p string) bool { return !standard(p) && !ours(p) },
		in:   []string{"authlib/authtest/..."},
		why:  "it works for every SDK, and shares no code with what it tests",
	},
	{
		name: "go-redis stays in its store",
		what: prefix("github.com/redis"),
		may:  []string{"authlib/session/redisstore/..."},
		why:  "every other store needs none of it",
	},
	{
		name: "YAML stays where files are read",
		what: prefix("go.yaml.in/yaml"),
		may:  []string{"authlib/policyfile", "wizard"},
		why:  "a wiring whose policy is Go needs none of it, and analyze reads policy files with authlib's own reader",
	},
	{
		name: "OpenTelemetry stays where metrics of it are made",
		what: prefix("go.opentelemetry.io"),
		may:  []string{"authlib/otelauth"},
		why:  "a wiring without it needs none of it",
	},
	{
		name: "SDKs stay in the adapters and the probe",
		what: sdk,
		may:  []string{"authlib/mcpgo/...", "authlib/gosdk/...", "internal/probe/..."},
		why:  "the tool reads SDK names as data; it does not link what it analyses",
	},
	{
		name: "go/packages stays in the typed loader",
		what: prefix("golang.org/x/tools/go/packages"),
		may:  []string{"internal/load/typed/...", "internal/load/fast/stdapi/gen", "internal/load/fast/sdkapi/gen"},
		why:  "a second loader can take the first one's place",
	},
	{
		name: "terminal pages stay in wizard/tui",
		what: func(p string) bool { return below(p, "github.com/charmbracelet") },
		may:  []string{"wizard/tui/..."},
		why:  "questions are data; only one room draws",
	},
	{
		name: "astutil stays where source is rewritten",
		what: prefix("golang.org/x/tools/go/ast/astutil"),
		may:  []string{"internal/sdk/...", "rewrite/..."},
		why:  "edits are byte offsets; its printing helpers are for files that we create",
	},
	{
		name: "programs are started in few places",
		what: prefix("os/exec"),
		may:  []string{"internal/gocmd", "internal/probe", "rewrite", "internal/corpus", "internal/loadgate", "authlib/session/redisstore/redistest"},
		why:  "the go command through gocmd, servers through probe, git in rewrite/git.go, this tool itself in the scoreboard and where its speed is measured, tests' Redis in redistest",
	},
	{
		name: "cobra stays in the command",
		what: prefix("github.com/spf13"),
		may:  []string{"cmd/..."},
		why:  "flags are one way to fill in answers",
	},
	{
		name: "nothing imports the command",
		what: func(p string) bool { return below(p, module+"/cmd") },
		why:  "it is the outermost room", tests: true,
	},
	{
		name: "facts do not depend on decisions",
		what: oneOf("wizard/...", "rewrite/...", "internal/probe/..."),
		in:   []string{"analyze/...", "internal/load/...", "internal/sdk/...", "internal/edit/..."},
		why:  "values flow one way: load, analyze, decide, plan, edit, verify, write, prove",
	},
	{
		name: "of the library the analysis knows what a policy is",
		what: func(p string) bool {
			return below(p, module+"/authlib") && p != module+"/authlib" && p != module+"/authlib/policyfile"
		},
		in:  []string{"analyze/...", "internal/load/...", "internal/sdk/..."},
		why: "it judges a policy file by what the program will read in it, with the same reader; everything else it reads as source",
	},
	{
		name: "doctor gets what it looks at as values",
		what: oneOf("analyze/...", "rewrite/...", "wizard/...", "internal/load/...", "internal/sdk/...", "internal/probe/...", "internal/gocmd"),
		in:   []string{"internal/doctor/..."},
		why:  "it explains a program that runs, and knows no source; the command says what the answers are",
	},
	{
		name: "questions do not depend on edits",
		what: oneOf("rewrite/...", "internal/probe/...", "internal/load/..."),
		in:   []string{"wizard/..."},
		why:  "values flow one way",
	},
	{
		name: "edits know bytes only",
		what: ours,
		in:   []string{"internal/edit/..."},
		why:  "edit moves bytes and knows nothing of servers",
	},
	{
		name: "one SDK's folder is named in the list of SDKs only",
		what: func(p string) bool {
			return below(p, module+"/internal/sdk") && p != module+"/internal/sdk" && p != module+"/internal/sdk/all"
		},
		may: []string{"internal/sdk/all"},
		why: "a new SDK touches its own folder and one line",
	},
}

// sdkNames are the strings that only an SDK's own folder may hold.
var sdkNames = map[string]string{
	"github.com/mark3labs/mcp-go":            "internal/sdk/mcpgo",
	"github.com/modelcontextprotocol/go-sdk": "internal/sdk/gosdk",
	"github.com/metoro-io/mcp-golang":        "internal/sdk/mcpgolang",
	"github.com/localrivet/gomcp":            "internal/sdk/gomcp",
	"github.com/strowk/foxy-contexts":        "internal/sdk/foxy",
	"github.com/ThinkInAIXYZ/go-mcp":         "internal/sdk/thinkin",
	"trpc.group/trpc-go/trpc-mcp-go":         "internal/sdk/trpc",
	"github.com/viant/mcp":                   "internal/sdk/viant",
	"github.com/viant/mcp-protocol":          "internal/sdk/viant",
}

func ours(p string) bool { return below(p, module) }
func standard(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return !strings.Contains(first, ".")
}
func below(p, dir string) bool {
	return p == dir || strings.HasPrefix(p, dir+"/")
}
func prefix(dir string) func(string) bool { return func(p string) bool { return below(p, dir) } }
func sdk(p string) bool {
	for name := range sdkNames {
		if below(p, name) {
			return true
		}
	}
	return false
}

func oneOf(folders ...string) func(string) bool {
	return func(p string) bool {
		rel, mine := strings.CutPrefix(p, module+"/")
		return mine && within(rel, folders)
	}
}

// within reports whether folder dir is one of folders.
func within(dir string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool {
		if base, deep := strings.CutSuffix(f, "/..."); deep {
			return below(dir, base)
		}
		return dir == f
	})
}

// violations returns one line for each import in fsys that breaks a rule, and
// for each SDK name outside its folder.
func violations(fsys fs.FS) ([]string, error) {
	var found []string
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if skipped(p, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		src, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		lines, err := check(p, src)
		found = append(found, lines...)
		return err
	})
	return found, err
}

// skipped: folders that the go command does not look at either.
func skipped(p, name string) bool {
	return p != "." && (name == "testdata" || name == "vendor" || name[0] == '.' || name[0] == '_')
}

func check(p string, src []byte) ([]string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, p, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	dir, isTest := path.Dir(p), strings.HasSuffix(p, "_test.go")
	var found []string
	imports := map[*ast.BasicLit]bool{}
	for _, spec := range file.Imports {
		imports[spec.Path] = true
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		for _, r := range rules {
			if r.broken(dir, importPath, isTest) {
				found = append(found, fmt.Sprintf("%s: imports %s: %s, because %s", fset.Position(spec.Pos()), importPath, r.name, r.why))
			}
		}
	}
	if !isTest {
		found = append(found, named(fset, file, dir, imports)...)
	}
	return found, nil
}

func (r rule) broken(dir, importPath string, isTest bool) bool {
	if isTest && !r.tests {
		return false
	}
	looked := len(r.in) == 0 || within(dir, r.in)
	return looked && !within(dir, r.may) && r.what(importPath)
}

// named returns the string literals that spell an SDK's import path outside
// that SDK's folder. A sentence that mentions one is no import path.
func named(fset *token.FileSet, file *ast.File, dir string, imports map[*ast.BasicLit]bool) []string {
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING || imports[lit] {
			return true
		}
		s, err := strconv.Unquote(lit.Value)
		if err != nil || strings.ContainsAny(s, " \n") {
			return true
		}
		for name, home := range sdkNames {
			if below(s, name) && !below(dir, home) {
				found = append(found, fmt.Sprintf("%s: names %s, which only %s knows", fset.Position(lit.Pos()), s, home))
			}
		}
		return true
	})
	return found
}

func TestArchitecture(t *testing.T) {
	found, err := violations(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range found {
		t.Error(line)
	}
}

// Every rule must be able to fail: each has a file that breaks it and nothing else.
func TestArchitectureSeesViolations(t *testing.T) {
	for _, tt := range []struct{ rule, file, imports string }{
		{"authlib imports nothing of the tool", "authlib/broker/x_test.go", module + "/analyze"},
		{"the core of authlib is standard library only", "authlib/x.go", "golang.org/x/sync/singleflight"},
		{"x/oauth2 stays where users sign in", "authlib/jwtauth/x.go", "golang.org/x/oauth2"},
		{"go-jose stays where other issuers' tokens are checked", "authlib/broker/x.go", "github.com/go-jose/go-jose/v4"},
		{"YAML stays where files are read", "analyze/x.go", "go.yaml.in/yaml/v3"},
		{"SDKs stay in the adapters and the probe", "rewrite/x.go", "github.com/mark3labs/mcp-go/mcp"},
		{"go/packages stays in the typed loader", "analyze/x.go", "golang.org/x/tools/go/packages"},
		{"terminal pages stay in wizard/tui", "wizard/x.go", "github.com/charmbracelet/huh"},
		{"astutil stays where source is rewritten", "analyze/x.go", "golang.org/x/tools/go/ast/astutil"},
		{"programs are started in few places", "wizard/x.go", "os/exec"},
		{"cobra stays in the command", "wizard/x.go", "github.com/spf13/cobra"},
		{"nothing imports the command", "internal/e2e/x_test.go", module + "/cmd/mcp-migrate"},
		{"facts do not depend on decisions", "analyze/lint/x.go", module + "/wizard"},
		{"of the library the analysis knows what a policy is", "analyze/x.go", module + "/authlib/broker"},
		{"questions do not depend on edits", "wizard/x.go", module + "/rewrite"},
		{"edits know bytes only", "internal/edit/x.go", module + "/internal/sdk"},
		{"one SDK's folder is named in the list of SDKs only", "analyze/x.go", module + "/internal/sdk/mcpgo"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			found, err := check(tt.file, []byte("package x\n\nimport _ \""+tt.imports+"\"\n"))
			if err != nil || len(found) != 1 || !strings.Contains(found[0], tt.rule) {
				t.Errorf("check(%s imports %s) = %q, %v", tt.file, tt.imports, found, err)
			}
		})
	}
	found, err := check("analyze/x.go", []byte("package x\n\nconst name = \"github.com/mark3labs/mcp-go/server\"\n"))
	if err != nil || len(found) != 1 || !strings.Contains(found[0], "only internal/sdk/mcpgo knows") {
		t.Errorf("an SDK's name in analyze: %q, %v", found, err)
	}
}

// A rule about a folder that was renamed holds nothing any more.
func TestArchitectureRulesSpeakOfFoldersThatExist(t *testing.T) {
	for _, r := range rules {
		for _, f := range slices.Concat(r.in, r.may) {
			dir := strings.TrimSuffix(f, "/...")
			if info, err := os.Stat(filepath.FromSlash(dir)); err != nil || !info.IsDir() {
				t.Errorf("rule %q speaks of %s, which is no folder", r.name, dir)
			}
		}
	}
}
