// Package rules holds one page per lint rule, as mcp-migrate explain prints it.
package rules

import (
	"embed"
	"slices"
	"strings"
)

//go:embed MCP*.md
var pages embed.FS

// IDs returns the identifiers of all rules, sorted: "MCP001", …
func IDs() []string {
	// The embedded folder can always be read: a missing page would not compile.
	entries, _ := pages.ReadDir(".")
	var ids []string
	for _, e := range entries {
		ids = append(ids, strings.TrimSuffix(e.Name(), ".md"))
	}
	slices.Sort(ids)
	return ids
}

// Page returns the page of a rule as Markdown; ok is false for an unknown one.
func Page(id string) (page string, ok bool) {
	if !slices.Contains(IDs(), id) {
		return "", false
	}
	b, err := pages.ReadFile(id + ".md")
	return string(b), err == nil
}

// Title returns the first line of a rule's page without the identifier, "" for
// an unknown rule.
func Title(id string) string {
	page, _ := Page(id)
	line, _, _ := strings.Cut(page, "\n")
	_, title, _ := strings.Cut(line, ": ")
	return title
}
