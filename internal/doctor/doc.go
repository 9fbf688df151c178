// Package doctor looks at what a migrated program depends on and explains what it sees:
// its environment, its session store, a token. It changes nothing, and no report of it
// holds a token, a key or the value of a variable that may be secret. Servers are
// called by its neighbour internal/probe/discover, which reports in the same form.
package doctor
