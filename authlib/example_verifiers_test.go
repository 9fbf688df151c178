package authlib_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// verifierOf stands for one of package jwtauth, apikey or broker.
func verifierOf(name string) authlib.Verifier {
	return authlib.VerifierFunc(func(context.Context, string) (*authlib.Principal, error) {
		return &authlib.Principal{Issuer: name, Subject: "alice"}, nil
	})
}

// API keys come in beside the tokens of people. A key is never shown to the verifier of
// the others.
func ExampleByPrefix() {
	verifier, err := authlib.ByPrefix(map[string]authlib.Verifier{"mcpk_": verifierOf("keys")}, verifierOf("people"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, token := range []string{"mcpk_0123456789abcdef", "another-token"} {
		p, err := verifier.Verify(context.Background(), token)
		fmt.Println(p.Issuer, err)
	}
	// Output:
	// keys <nil>
	// people <nil>
}

// Tokens of two companies are each checked by their own issuer's keys, and nobody
// else's are taken.
func ExampleByIssuer() {
	verifier, err := authlib.ByIssuer(map[string]authlib.Verifier{
		"https://id.acme.com":    verifierOf("acme"),
		"https://id.example.com": verifierOf("example"),
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	of := func(issuer string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"`+issuer+`"}`)) + ".c2ln"
	}
	p, err := verifier.Verify(context.Background(), of("https://id.acme.com"))
	fmt.Println(p.Issuer, err)
	_, err = verifier.Verify(context.Background(), of("https://evil.example.com"))
	fmt.Println(errors.Is(err, authlib.ErrInvalidToken))
	// Output:
	// acme <nil>
	// true
}

// A scope that is missing can be asked for: the refusal names all that the operation
// demands, and the guard puts it into the challenge by which clients step up.
func ExampleDeniedError() {
	guard, err := authlib.New(authlib.Config{
		Resource: "https://mcp.example.com/mcp", Verifier: verifierOf("people"), AuthorizationServers: []string{"https://id.example.com"},
		Policy: authlib.Policy{
			Base:    authlib.Rule{AllScopes: []string{"notes"}},
			Tools:   map[string]authlib.Rule{"delete": {AllScopes: []string{"admin"}}},
			Implies: map[string][]string{"admin": {"write"}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	alice := &authlib.Principal{Issuer: "people", Subject: "alice", Scopes: []string{"notes"}}
	err = guard.Authorize(context.Background(), alice, authlib.Operation{Method: "tools/call", Name: "delete"})
	var denied *authlib.DeniedError
	if errors.As(err, &denied) {
		fmt.Println(denied.Missing, denied.Scopes)
	}
	// Output: [admin] [notes admin]
}
