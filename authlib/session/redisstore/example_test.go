package redisstore_test

import (
	"context"
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore"
)

// What one replica writes, the others read. Here both are in one program, and Redis is
// an embedded one.
func ExampleOpen() {
	redis := miniredis.NewMiniRedis()
	if err := redis.Start(); err != nil {
		fmt.Println(err)
		return
	}
	defer redis.Close()
	open := func() (*redisstore.Store, error) {
		return redisstore.Open(redisstore.Config{
			URL:      "redis://" + redis.Addr(), // REDIS_URL
			Resource: "https://mcp.example.com/mcp",
		})
	}
	first, err := open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer first.Close()
	second, err := open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer second.Close()

	ctx := context.Background()
	err = first.Put(ctx, "grant", "alice", session.Record{Value: []byte("sealed"), Expires: time.Now().Add(time.Hour)}, 0)
	fmt.Println(err)
	r, err := second.Get(ctx, "grant", "alice")
	fmt.Println(string(r.Value), err)
	// Output:
	// <nil>
	// sealed <nil>
}

// A URL that would not check whom it talks to is refused, and no part of it is shown.
func ExampleOpen_refused() {
	_, err := redisstore.Open(redisstore.Config{
		URL:      "rediss://user:password@redis.example.com:6379/0?skip_verify=true", // REDIS_URL
		Resource: "https://mcp.example.com/mcp",
	})
	fmt.Println(err)
	// Output: redisstore: REDIS_URL has skip_verify, and so would give its password to anybody; take it out, and name the certificate's issuer in SSL_CERT_FILE
}
