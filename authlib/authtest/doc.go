// Package authtest tests MCP servers that ask who is calling: one's own, from the
// outside, in a few lines. It checks that who may call is served, and that everybody
// else is refused with the status and challenge that MCP demands. It does not check what
// a server does for those whom it lets in. Its parts are:
//
//   - [Client] is an MCP client without a person: it follows the 401 to the sign-in
//     page, signs a user in, and calls tools.
//   - [Attack] sends a guarded server what it must refuse, and fails the test for
//     whatever got through. [Hostile] lists it.
//   - [Issuer], [GitHub] and [Google] are stand-ins for who signs users in and issues
//     tokens, with keys, users and failures as a test wants them.
//
// Client and Attack speak plain HTTP and JSON-RPC, so that they work for a server of
// any SDK. Everything here takes a testing.TB, and what is attacked must be on this
// machine: nothing of it is for production.
//
// # What it does not do
//
// It does not check what a server does for those whom it lets in, nor its stdio
// transport; Attack does not try every variation of what it sends, and does not load
// a server.
package authtest
