package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/internal/doctor/doctest"
)

// signedIn is "signedin FILE": a server at $SERVER with one user signed in, whose token
// is written to FILE. What the server would read is in the environment.
func signedIn(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 1 {
			ts.Fatalf("usage: signedin FILE")
		}
		s, err := doctest.Start(ts.MkAbs("sessions"), doctest.Options{})
		ts.Check(err)
		ts.Defer(s.Close)
		c := authtest.NewClient(t, s.URL)
		ts.Check(c.TrySignIn(authtest.Answers{"user": "alice", "code": doctest.Code}))
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(c.Token()+"\n"), 0o600))
		for name, value := range map[string]string{"SERVER": s.URL, "MCP_RESOURCE_URL": s.URL, "MCP_SESSION_DIR": s.Dir, "MCP_SESSION_KEY": s.Key} {
			ts.Setenv(name, value)
		}
	}
}
