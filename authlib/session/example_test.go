package session_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// A sealed store keeps from the store below what is in it, and notices what was put
// there by somebody else. The broker seals its store itself.
func ExampleSeal() {
	ctx := context.Background()
	keys, err := session.ParseKeys(session.NewKey()) // from MCP_SESSION_KEY
	if err != nil {
		fmt.Println(err)
		return
	}
	ring, err := session.NewRing("https://mcp.example.com/mcp", keys)
	if err != nil {
		fmt.Println(err)
		return
	}
	store := session.Seal(memstore.New(), ring, nil)
	err = store.Put(ctx, "grant", "alice", session.Record{Value: []byte("refresh token"), Expires: time.Now().Add(time.Hour)}, 0)
	fmt.Println(err)
	r, err := store.Get(ctx, "grant", "alice")
	fmt.Println(string(r.Value), r.Version, err)
	_, err = store.Get(ctx, "grant", "bob")
	fmt.Println(errors.Is(err, session.ErrNotFound))
	// Output:
	// <nil>
	// refresh token 1 <nil>
	// true
}
