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

// Keys are changed in two steps, so that every replica can open what the others seal:
// first the new one is put at the end of the list everywhere, then in front.
func ExampleParseKeys() {
	before, after := session.NewKey(), session.NewKey()
	ring := func(list string) *session.Ring { // of a replica with MCP_SESSION_KEY
		keys, err := session.ParseKeys(list)
		if err != nil {
			fmt.Println(err)
			return nil
		}
		r, err := session.NewRing("https://mcp.example.com/mcp", keys)
		if err != nil {
			fmt.Println(err)
		}
		return r
	}
	steps := []string{before, before + "," + after, after + "," + before}
	for i := range len(steps) - 1 { // while a step is made, replicas of two kinds run
		old, new := ring(steps[i]), ring(steps[i+1])
		_, err1 := new.Open("grant", "x", old.Seal("grant", "x", []byte("sealed by the old")))
		_, err2 := old.Open("grant", "x", new.Seal("grant", "x", []byte("sealed by the new")))
		fmt.Println(err1, err2)
	}
	_, err := ring(before).Open("grant", "x", ring(after).Seal("grant", "x", []byte("in one step")))
	fmt.Println(err != nil)
	// Output:
	// <nil> <nil>
	// <nil> <nil>
	// true
}
