package userdata_test

import (
	"context"
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
	"github.com/mcp-migrate/mcp-migrate/authlib/userdata"
)

// A server whose callers come with API keys or somebody else's tokens opens a store of
// its own. With a broker it is the broker's UserData.
func ExampleNew() {
	keys, err := session.ParseKeys(session.NewKey()) // MCP_SESSION_KEY
	if err != nil {
		fmt.Println(err)
		return
	}
	ring, err := session.NewRing("https://mcp.acme.test/mcp", keys)
	if err != nil {
		fmt.Println(err)
		return
	}
	users, err := userdata.New(userdata.Config{Store: memstore.New(), Ring: ring})
	if err != nil {
		fmt.Println(err)
		return
	}
	type counter struct{ Calls int }
	calls := userdata.In[counter](users, "calls")

	// In a handler ctx is the one that it was given.
	ctx := authlib.NewContext(context.Background(), &authlib.Principal{Issuer: "https://idp.test", Subject: "alice"})
	for range 3 {
		if err := calls.Update(ctx, func(c *counter) error { c.Calls++; return nil }); err != nil {
			fmt.Println(err)
		}
	}
	c, err := calls.Get(ctx)
	fmt.Println(c.Calls, err)
	// Output: 3 <nil>
}
