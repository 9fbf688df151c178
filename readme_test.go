package mcpmigrate_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// fences returns the command lines of the README's ```sh blocks, by section.
func fences(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string][]string{}
	section, inside := "", false
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case inside && line == "```":
			inside = false
		case inside:
			sections[section] = append(sections[section], line)
		case line == "```sh":
			inside = true
		case strings.HasPrefix(line, "## "):
			section = line[3:]
		}
	}
	return sections
}

// The quick start is these two commands, and .ci/run runs both, the tests first.
func TestQuickStart(t *testing.T) {
	want := []string{"go run ./internal/demo", "go test -timeout 30m ./..."}
	if got := fences(t)["Quick start"]; !slices.Equal(got, want) {
		t.Errorf("quick start is %q, want %q", got, want)
	}
	ci, err := os.ReadFile(".ci/run")
	if err != nil {
		t.Fatal(err)
	}
	var goLines []string
	for line := range strings.Lines(string(ci)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "go ") {
			goLines = append(goLines, line)
		}
	}
	if len(goLines) < 2 || goLines[0] != want[1] || goLines[1] != want[0] {
		t.Errorf(".ci/run starts with %q, want %q and then %q", goLines, want[1], want[0])
	}
}

// longFlag is a flag as it is written on a command line.
var longFlag = regexp.MustCompile(`--[a-z-]+`)

// Every command of the README exists, with every flag that it is given.
func TestCommandsExist(t *testing.T) {
	bin, err := probe.Build(t.Context(), ".", "./cmd/mcp-migrate", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	lines := fences(t)["Three uses"]
	if len(lines) < 5 {
		t.Fatalf("the README shows %q only", lines)
	}
	for _, line := range lines {
		words := strings.Fields(line)
		if words[0] != "mcp-migrate" {
			t.Errorf("%q is not a command of mcp-migrate", line)
			continue
		}
		args := []string{"--help"}
		if len(words) > 1 {
			args = []string{words[1], "--help"}
		}
		r, err := probe.Run(t.Context(), ".", nil, bin, args...)
		if err != nil || r.Code != 0 {
			t.Errorf("%q: %v, %+v", line, err, r)
			continue
		}
		help := string(r.Stdout) + string(r.Stderr)
		if len(words) > 1 && !strings.Contains(help, "mcp-migrate "+words[1]) {
			t.Errorf("%q: the help does not know %s", line, words[1])
		}
		for _, flag := range longFlag.FindAllString(line, -1) {
			if !strings.Contains(help, flag) {
				t.Errorf("%q: the help does not know %s", line, flag)
			}
		}
	}
}
