package authtest_test

import (
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
)

// startYourServer stands for what starts the program under test.
func startYourServer(t *testing.T) (url string) {
	url, _ = startNotes(t, transports["go-sdk, with sessions"])
	return url
}

func TestWhoMayCallWhat(t *testing.T) {
	url := startYourServer(t) // with provider dev, and MCP_DEV_CODE=1234-5678
	alice := authtest.NewClient(t, url).SignIn(authtest.Answers{"user": "alice", "code": "1234-5678"})
	bob := authtest.NewClient(t, url).SignIn(authtest.Answers{"user": "bob", "code": "1234-5678"})
	alice.Expect401("who")
	if got := alice.MustCall("who", nil); got != "alice" {
		t.Errorf("the caller is %q", got)
	}
	alice.Expect403("wipe", nil)
	authtest.Attack(t, authtest.Target{Caller: alice, Other: bob, Tool: "who", Denied: "wipe"})
}
