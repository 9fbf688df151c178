package wizard

import (
	"slices"
	"strings"
)

// MatchTool reports whether a tool name matches a glob. "*" stands for any run
// of characters, also none and also slashes, "?" for exactly one byte; everything
// else stands for itself. Path globs would not do: tool names may hold slashes.
func MatchTool(glob, name string) bool {
	// On a mismatch the last star swallows one byte more; that is linear in
	// practice and at worst len(glob)*len(name).
	g, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, mark = g, n
			g++
		case g < len(glob) && (glob[g] == '?' || glob[g] == name[n]):
			g, n = g+1, n+1
		case star >= 0:
			mark++
			g, n = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(glob[g:], "*") == ""
}

// ExpandTools returns the names that at least one glob matches, in the order of names.
func ExpandTools(globs, names []string) []string {
	var out []string
	for _, n := range names {
		if slices.ContainsFunc(globs, func(g string) bool { return MatchTool(g, n) }) {
			out = append(out, n)
		}
	}
	return out
}
