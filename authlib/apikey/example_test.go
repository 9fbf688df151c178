package apikey_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/apikey"
)

// The key is given to the program that calls; the server keeps its hash.
func Example() {
	key, hashed, err := apikey.Generate("nightly-report", "notes:read")
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := apikey.New(hashed) // or apikey.LoadFile
	if err != nil {
		fmt.Println(err)
		return
	}
	caller, err := verifier.Verify(context.Background(), key)
	fmt.Println(caller.Subject, caller.Scopes, err)
	_, err = verifier.Verify(context.Background(), "not-a-key")
	fmt.Println(errors.Is(err, authlib.ErrInvalidToken))
	// Output:
	// nightly-report [notes:read] <nil>
	// true
}
