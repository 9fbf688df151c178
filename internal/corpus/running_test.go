package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
)

// bench makes a folder of repositories out of bundled servers, and a table of them.
func bench(t *testing.T, table ...program) (dir, file string) {
	t.Helper()
	root, err := servers.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, p := range table {
		_, name, _ := strings.Cut(p.Repo, "/")
		if err := (servers.Server{Name: name}).CopyTo(filepath.Join(dir, "bundled+"+name), root, 0); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(table)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "programs.json")
	write(t, file, string(text))
	return dir, file
}

func runBench(t *testing.T, dir, table string, flags ...string) ([]*outcome, string, error) {
	t.Helper()
	saved := filepath.Join(t.TempDir(), "outcomes.json")
	var out bytes.Buffer
	args := append([]string{"-running", "-start-them", "-dir", dir, "-table", table, "-json", saved}, flags...)
	err := run(t.Context(), append(args, "--", "--typed=false"), &out, &bytes.Buffer{})
	text, readErr := os.ReadFile(saved)
	if readErr != nil {
		t.Fatal(err, readErr)
	}
	var outcomes []*outcome
	if err := json.Unmarshal(text, &outcomes); err != nil {
		t.Fatal(err)
	}
	return outcomes, out.String(), err
}

// TestRunningServersListWhatIsRead: for servers of both SDKs, over stdio and over HTTP,
// with tools, prompts and resources, the list of the running program is the one that
// was read, to the name.
func TestRunningServersListWhatIsRead(t *testing.T) {
	dir, table := bench(t,
		program{Repo: "bundled/mcpgo-stdio"},
		program{Repo: "bundled/gosdk-stdio"},
		program{Repo: "bundled/mcpgo-full", Args: []string{"-addr", "{addr}"}, Path: "/mcp"},
		program{Repo: "bundled/gosdk-full", Args: []string{"-addr", "{addr}"}, Path: "/mcp"},
		program{Repo: "bundled/mcpgo-mux", Env: map[string]string{"PORT": "{port}"}, Path: "/mcp"},
	)
	outcomes, out, err := runBench(t, dir, table)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if len(outcomes) != 5 {
		t.Fatalf("%d outcomes", len(outcomes))
	}
	for _, o := range outcomes {
		if o.Failed != "" || len(o.Missed)+len(o.Unnamed)+len(o.Unlisted) > 0 || o.Found == 0 || o.Found != entries(o.Listed) {
			t.Errorf("%s: %+v", o.Repo, o)
		}
	}
	if full := outcomes[2].Listed; len(full.Tools) == 0 || len(full.Prompts) == 0 || len(full.Resources) < 2 {
		t.Errorf("the lists of %s: %+v", outcomes[2].Repo, full)
	}
}

// TestDifferencesAreShown: a tool that the source does not show and one that is not
// listed are differences, unless the table has a reason.
func TestDifferencesAreShown(t *testing.T) {
	dir, table := bench(t, program{Repo: "bundled/mcpgo-stdio", Unlisted: map[string]string{"explained_*": "a reason"}})
	main := filepath.Join(dir, "bundled+mcpgo-stdio", "main.go")
	src, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(src), "func main() {", "func main() {\n\tif len(os.Getenv(\"SECRET_OF_OURS\")) > 0 {\n\t\tpanic(\"inherited\")\n\t}", 1)
	text = strings.Replace(text, "server.ServeStdio(", "serve(", 1)
	write(t, main, text)
	write(t, filepath.Join(dir, "bundled+mcpgo-stdio", "serve.go"), `package main

import (
	"os"
	"reflect"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func serve(s *server.MCPServer, _ ...server.StdioOption) error {
	add := reflect.ValueOf(s).MethodByName("AddTool")
	add.Call([]reflect.Value{reflect.ValueOf(mcp.NewTool("by_reflection")), reflect.Zero(add.Type().In(1))})
	if os.Getenv("NEVER_SET") != "" {
		s.AddTool(mcp.NewTool("explained_1"), nil)
		s.AddTool(mcp.NewTool("not_served"), nil)
	}
	return server.ServeStdio(s)
}
`)
	if !strings.Contains(text, "\"os\"") {
		write(t, main, strings.Replace(text, "import (", "import (\n\t\"os\"", 1))
	}
	t.Setenv("SECRET_OF_OURS", "x")
	t.Setenv("NEVER_SET", "x") // of ours, which the program must not see
	outcomes, out, err := runBench(t, dir, table)
	if err == nil || err.Error() != "0 programs gave no list, 2 differences are not explained" {
		t.Errorf("error %v", err)
	}
	o := outcomes[0]
	if len(o.Missed) != 1 || o.Missed[0] != "by_reflection" || len(o.Unlisted) != 2 || o.Explained["explained_1"] != "a reason" {
		t.Errorf("%+v", o)
	}
	for _, want := range []string{"missed: by_reflection\n", "not listed by this run: not_served\n", "not listed by this run: explained_1 (a reason)"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// TestProgramsThatDoNotAnswer: what does not build and what ends early is said, with
// its own words.
func TestProgramsThatDoNotAnswer(t *testing.T) {
	dir, table := bench(t, program{Repo: "bundled/mcpgo-stdio"}, program{Repo: "bundled/gosdk-stdio"})
	write(t, filepath.Join(dir, "bundled+mcpgo-stdio", "wrong.go"), "package main\n\nvar wrong int = \"text\"\n")
	write(t, filepath.Join(dir, "bundled+gosdk-stdio", "early.go"), "package main\n\nfunc init() { panic(\"no credentials\") }\n")
	outcomes, out, err := runBench(t, dir, table)
	if err == nil || len(outcomes) != 2 {
		t.Fatalf("%v\n%s", err, out)
	}
	for i, want := range []string{"wrong.go:3", "no credentials"} {
		if !strings.Contains(outcomes[i].Failed, want) || !strings.Contains(out, want) {
			t.Errorf("%s failed with %q", outcomes[i].Repo, outcomes[i].Failed)
		}
	}
}

// TestNothingIsStartedUnasked: without the flag nothing is built and nothing started,
// and what would be is said.
func TestNothingIsStartedUnasked(t *testing.T) {
	err := run(t.Context(), []string{"-running", "-dir", t.TempDir()}, &bytes.Buffer{}, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), mustStart) || !strings.Contains(err.Error(), "code of others") {
		t.Errorf("error %v", err)
	}
}

// TestTableOfPrograms: the one in the tree can be read, holds dummy values only, and a
// reason for each difference that it allows.
func TestTableOfPrograms(t *testing.T) {
	table, err := readTable("")
	if err != nil || len(table) < 10 {
		t.Fatalf("%d programs, %v", len(table), err)
	}
	for _, p := range table {
		for name, value := range p.Env {
			if strings.Contains(name, "TOKEN") && value != "dummy" {
				t.Errorf("%s: %s is %q, which is not called a dummy", p.Repo, name, value)
			}
		}
		for name, why := range p.Unlisted {
			if why == "" {
				t.Errorf("%s: no reason for %s", p.Repo, name)
			}
		}
		for name, why := range p.Missed {
			if why == "" || strings.HasSuffix(name, "*") {
				t.Errorf("%s: %q for what was missed: %s", p.Repo, why, name)
			}
		}
	}
}

func TestFaultsInTheTable(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                 "cannot unmarshal",
		`[{"repo": "alone"}]`:                "is not OWNER/NAME",
		`[{"repo": "a/b", "colour": "red"}]`: `unknown field "colour"`,
	} {
		file := filepath.Join(t.TempDir(), "table.json")
		write(t, file, text)
		if _, err := readTable(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	p := program{Repo: "a/b", Files: map[string]string{"../outside": ""}}
	if err := p.furnish(t.TempDir()); err == nil {
		t.Error("a file outside of the working folder was written")
	}
}
