package filestore_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
)

// What one process writes, another that opens the directory finds.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "sessions") // MCP_SESSION_DIR
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	first, err := filestore.Open(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = first.Put(ctx, "grant", "alice", session.Record{Value: []byte("sealed"), Expires: time.Now().Add(time.Hour)}, 0)
	fmt.Println(err)
	second, err := filestore.Open(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := second.Get(ctx, "grant", "alice")
	fmt.Println(string(r.Value), err)
	// Output:
	// <nil>
	// sealed <nil>
}

// Without a directory nothing is kept anywhere by accident.
func ExampleOpen_missing() {
	_, err := filestore.Open("")
	fmt.Println(err)
	// Output: filestore: no directory; set MCP_SESSION_DIR to a folder that only this program may write to
}
