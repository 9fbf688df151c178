package rewrite

import (
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

func TestRequireByGoLine(t *testing.T) {
	const jose = "github.com/go-jose/go-jose/v4"
	for _, tt := range []struct {
		name, goLine, have, want string
		notes                    int
	}{
		{"1.24", "1.24.1", "", jose + " v4.1.8\n", 0},
		{"1.23 brings what its toolchain imports", "1.23.0", "", "golang.org/x/crypto v0.39.0 // indirect\n", 1},
		{"1.23 says what is known of the version", "1.23.0", "", jose + " v4.1.2\n", 1},
		{"a newer one of the user's stays", "1.25.0", jose + " v4.9.9", jose + " v4.9.9\n", 0},
		{"an indirect one becomes direct", "1.25.0", jose + " v4.9.9 // indirect", jose + " v4.9.9\n", 0},
		{"a newer one that came along stays", "1.23.0", "golang.org/x/crypto v0.40.0", "golang.org/x/crypto v0.40.0\n", 1},
		{"an older one that came along is raised and stays direct", "1.23.0", "golang.org/x/crypto v0.1.0", "golang.org/x/crypto v0.39.0\n", 1},
	} {
		src := "module m\n\ngo " + tt.goLine + "\n"
		prog := &load.Program{GoVersion: tt.goLine, Requires: map[string]string{}}
		if tt.have != "" {
			src += "\nrequire " + tt.have + "\n"
			fields := strings.Fields(tt.have)
			prog.Requires[fields[0]] = fields[1]
		}
		mod, err := modfile.Parse("go.mod", []byte(src), nil)
		if err != nil {
			t.Fatal(err)
		}
		b := &builder{prog: prog}
		for _, d := range dependencies {
			if !d.neededBy([]string{jose}) {
				continue
			}
			if err := b.requireOne(mod, d); err != nil {
				t.Fatal(err)
			}
		}
		mod.Cleanup()
		out, err := mod.Format()
		if err != nil || !strings.Contains(string(out), tt.want) || strings.Contains(string(out), "x/oauth2") {
			t.Errorf("%s: %v\n%s", tt.name, err, out)
		}
		if len(b.steps) != tt.notes {
			t.Errorf("%s: %d notes, want %d", tt.name, len(b.steps), tt.notes)
		}
	}
}

// What a dependency asks for must not be above the user's go line, as the go
// command compares them.
func TestVersionFor(t *testing.T) {
	for line, want := range map[string]string{
		"1.22": "", "1.23": "", "1.23.0": "v0.30.0", "1.23.4": "v0.30.0", "1.24": "v0.30.0", "1.24rc1": "v0.30.0",
		"1.24.0": "v0.35.0", "1.25": "v0.35.0", "1.26.1": "v0.35.0",
	} {
		if got := dependencies[0].versionFor(line).version; got != want {
			t.Errorf("go %s: %q, want %q", line, got, want)
		}
	}
}
