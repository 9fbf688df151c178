package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// A record is written by whoever saw its latest version: of two who want to write at
// once, one has to look again.
func ExampleNew() {
	ctx, s := context.Background(), memstore.New()
	r := session.Record{Value: []byte("1"), Expires: time.Now().Add(time.Hour)}
	fmt.Println(s.Put(ctx, "counter", "x", r, 0))
	fmt.Println(s.Put(ctx, "counter", "x", r, 1))
	fmt.Println(errors.Is(s.Put(ctx, "counter", "x", r, 1), session.ErrConflict))
	// Output:
	// <nil>
	// <nil>
	// true
}
