// Package discover walks the way of an MCP client from the URL of a server to the page
// where its user signs in, and explains each step (MCP authorization 2025-11-25, RFC
// 9728, RFC 8414). It reads only: it initializes, which it ends again where that opened
// a session, and gets documents. It calls no tool, registers no client and follows no
// redirect.
package discover
