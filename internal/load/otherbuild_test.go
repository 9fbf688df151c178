package load_test

import (
	"go/build"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// A file that this build leaves out is taken in by the least change that does.
func TestOtherBuild(t *testing.T) {
	if build.Default.GOOS != "linux" || build.Default.GOARCH != "amd64" {
		t.Skipf("the cases are written for linux/amd64, and this is %s/%s", build.Default.GOOS, build.Default.GOARCH)
	}
	on, off := "CGO_ENABLED=1", ""
	if build.Default.CgoEnabled {
		on, off = "", "CGO_ENABLED=0"
	}
	for _, tt := range []struct {
		name, line string
		how        string
		ok         bool
	}{
		{"a_windows.go", "", "GOOS=windows", true},
		{"a_darwin_arm64.go", "", "GOOS=darwin GOARCH=arm64", true},
		{"a.go", "//go:build integration", "--tags integration", true},
		{"a.go", "//go:build (darwin || windows) && !prod", "GOOS=darwin", true},
		{"a.go", "//go:build a && (b || c)", "--tags a,b", true},
		{"a.go", "//go:build goexperiment.synctest", "GOEXPERIMENT=synctest", true},
		{"a.go", "//go:build cgo && linux", on, true},
		{"a.go", "//go:build !cgo", off, true},
		{"a.go", "//go:build !unix", "GOOS=windows", true},
		{"a.go", "//go:build ignore", "", false},
		{"a.go", "//go:build ignore && linux", "", false},
		{"a.go", "", "", false},
	} {
		how, ok := load.OtherBuild(tt.name, []byte("// A comment.\n\n"+tt.line+"\n\npackage p\n"), false)
		if how != tt.how || ok != tt.ok {
			t.Errorf("%s %s: %q, %v; want %q, %v", tt.name, tt.line, how, ok, tt.how, tt.ok)
		}
	}
}
