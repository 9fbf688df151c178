//go:build oldsdks

package rewrite

import (
	"os"
	"path/filepath"
	"testing"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
)

// The copy has to compile with the oldest toolchain that its module may be built
// with, and at the versions of each SDK between which hooks come and go: nobody
// can mend it in the user's module. And it has to guard there. It builds a standard library for each
// toolchain, which takes minutes the first time; so it has a tag of its own:
//
//	go test -tags oldsdks -run TestCopyBuilds ./rewrite
func TestCopyBuildsWithOldSDKsAndToolchains(t *testing.T) {
	for _, c := range []struct {
		adapter, module, version, goLine, toolchain, oauth2 string
	}{
		{"mcpgo", "github.com/mark3labs/mcp-go", "v0.31.0", "1.23.0", "go1.23.12", "v0.30.0"},
		{"mcpgo", "github.com/mark3labs/mcp-go", "v0.32.0", "1.23.0", "go1.23.12", "v0.30.0"},
		{"mcpgo", "github.com/mark3labs/mcp-go", "v0.43.2", "1.23.0", "go1.24.13", "v0.30.0"},
		{"mcpgo", "github.com/mark3labs/mcp-go", "v0.45.0", "1.23.0", "go1.24.13", "v0.30.0"},
		{"mcpgo", "github.com/mark3labs/mcp-go", "v1.0.0", "1.25.0", "go1.25.14", "v0.35.0"},
		{"gosdk", "github.com/modelcontextprotocol/go-sdk", "v1.1.0", "1.23.0", "go1.23.12", "v0.30.0"},
		{"gosdk", "github.com/modelcontextprotocol/go-sdk", "v1.4.0", "1.24.0", "go1.24.13", "v0.35.0"},
		{"gosdk", "github.com/modelcontextprotocol/go-sdk", "v1.6.1", "1.25.0", "go1.25.14", "v0.35.0"},
	} {
		t.Run(c.adapter+"@"+c.version, func(t *testing.T) {
			dir := t.TempDir()
			writeCopy(t, dir, c.adapter, c.version)
			writeTestFile(t, filepath.Join(dir, "go.mod"), "module example.test/app\n\ngo "+c.goLine+"\n\nrequire (\n\t"+
				c.module+" "+c.version+"\n\tgolang.org/x/oauth2 "+c.oauth2+"\n\tgithub.com/go-jose/go-jose/v4 "+joseFor(c.goLine)+"\n)\n")
			writeTestFile(t, filepath.Join(dir, "app_test.go"), runTest(c.adapter))
			for _, args := range [][]string{{"build", "./..."}, {"vet", "./..."}, {"test", "."}} {
				runOldGo(t, dir, c.toolchain, args...)
			}
		})
	}
}

// writeCopy writes the copy that a migration with every provider and store would.
func writeCopy(t *testing.T, dir, adapter, version string) {
	t.Helper()
	spec := copySpec{
		importPath: "example.test/app/internal/authlib", version: "v0.0.0",
		packages: []string{
			"", "/" + adapter, "/broker", "/provider/dev", "/provider/github", "/provider/google", "/provider/oidc", "/jwtauth", "/apikey",
			"/session/memstore", "/session/filestore",
		},
		sdkVersion: map[string]string{adapter: version},
	}
	files, _, err := spec.render(mcpmigrate.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range files {
		writeTestFile(t, filepath.Join(dir, "internal", "authlib", filepath.FromSlash(name)), string(src))
	}
}

func writeTestFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// joseFor returns the version of go-jose that a migration requires at a go line.
func joseFor(goLine string) string {
	for _, d := range dependencies {
		if d.module == "github.com/go-jose/go-jose/v4" {
			return d.versionFor(goLine).version
		}
	}
	return ""
}
