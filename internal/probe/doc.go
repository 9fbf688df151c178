// Package probe starts MCP servers and calls them. It is the only room that
// does either: migrate's proof, verify and doctor all go through it.
//
// It trusts nothing that it is told. Bodies, headers, output and times are
// bounded, redirects are not followed, a token is sent to the one URL that the
// caller named and is never part of a report or an error.
package probe
