package rules

import (
	"strings"
	"testing"
)

func TestEveryPageHasItsParts(t *testing.T) {
	ids := IDs()
	if len(ids) < 4 {
		t.Fatalf("pages: %v", ids)
	}
	for _, id := range ids {
		page, ok := Page(id)
		if !ok || !strings.HasPrefix(page, "# "+id+": ") || Title(id) == "" {
			t.Errorf("%s: no title", id)
		}
		last := 0
		for _, part := range []string{"## Wrong\n", "## Right\n", "## Why\n", "## Source\n"} {
			at := strings.Index(page, part)
			if at < last {
				t.Errorf("%s: %q is missing or out of order", id, part)
			}
			last = at
		}
	}
}

func TestPageRefusesWhatIsNoRule(t *testing.T) {
	for _, id := range []string{"", "MCP999", "../embed", "embed.go", "MCP001.md"} {
		if _, ok := Page(id); ok {
			t.Errorf("Page(%q) found a page", id)
		}
	}
}
