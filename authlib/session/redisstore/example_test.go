package redisstore_test

import (
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore"
)

// A URL that would not check whom it talks to is refused, and no part of it is shown.
func ExampleOpen() {
	_, err := redisstore.Open(redisstore.Config{
		URL:      "rediss://user:password@redis.example.com:6379/0?skip_verify=true", // REDIS_URL
		Resource: "https://mcp.example.com/mcp",
	})
	fmt.Println(err)
	// Output: redisstore: REDIS_URL has skip_verify, and so would give its password to anybody; take it out, and name the certificate's issuer in SSL_CERT_FILE
}
