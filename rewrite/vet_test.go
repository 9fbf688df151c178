package rewrite

import (
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// go 1.23 would vet the program as it was. Then the change is built only, and
// whoever has that version is told.
func TestOldGoCommandsDoNotVet(t *testing.T) {
	for toolchain, vets := range map[string]bool{
		"go1.23.12": false, "go1.23": false, "go1.24": true, "go1.24.13": true, "go1.26.8": true, "devel go1.27-abcdef": true, "": true,
	} {
		b := &builder{prog: &load.Program{Toolchain: toolchain}}
		b.noteUnvetted()
		said := len(b.steps) == 1 && b.steps[0].Kind == StepNote && strings.Contains(b.steps[0].Reason, "go vet ./...")
		if vetsOverlays(toolchain) != vets || said == vets {
			t.Errorf("%s: vets %v, said %v", toolchain, vetsOverlays(toolchain), said)
		}
	}
}
