package rules

import (
	"os"
	"strings"
	"testing"
)

// The page of MCP001 shows the code that authlib/apikey tests, and no other.
func TestByHandIsWhatThePageShows(t *testing.T) {
	page, err := os.ReadFile("MCP001.md")
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile("../../authlib/apikey/byhand_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "## By hand\n")
	_, rest, open := strings.Cut(rest, "```go\n")
	code, _, closed := strings.Cut(rest, "```\n")
	if !found || !open || !closed || !strings.Contains(string(src), code) {
		t.Errorf("the page shows other code than what is tested:\n%s", code)
	}
}
