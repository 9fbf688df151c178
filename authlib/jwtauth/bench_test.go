package jwtauth

import (
	"context"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
)

// signedBy returns a verifier, and a token of an issuer that signs with alg.
func signedBy(tb testing.TB, alg string) (*Verifier, string) {
	tb.Helper()
	is := authtest.NewIssuer(tb)
	is.SignWith(alg)
	v, err := New(Config{Issuer: is.URL, Audience: resource})
	if err != nil {
		tb.Fatal(err)
	}
	return v, is.Token(authlib.Principal{Subject: "42", Scopes: []string{"mcp:use"}}, resource)
}

// The usual algorithms are all taken, and one that the configuration does not name
// is not, though the issuer publishes the key.
func TestAlgorithms(t *testing.T) {
	for _, alg := range []string{"RS256", "ES256", "EdDSA"} {
		v, token := signedBy(t, alg)
		if p, err := v.Verify(context.Background(), token); err != nil || p.Subject != "42" || !p.HasScope("mcp:use") {
			t.Errorf("%s: %+v, %v", alg, p, err)
		}
		narrow, err := New(Config{Issuer: v.cfg.Issuer, Audience: resource, Algorithms: []string{"PS256"}})
		if err != nil {
			t.Fatal(err)
		}
		if p, err := narrow.Verify(context.Background(), token); err == nil || p != nil {
			t.Errorf("%s was taken where only PS256 may be: %+v", alg, p)
		}
	}
}

// What the first request with a token pays, and each one after it.
func BenchmarkVerify(b *testing.B) {
	for _, alg := range []string{"RS256", "ES256", "EdDSA"} {
		v, token := signedBy(b, alg)
		if _, err := v.Verify(context.Background(), token); err != nil { // fetches the keys
			b.Fatal(err)
		}
		for name, verify := range map[string]func(context.Context, string) (*authlib.Principal, error){"first": v.check, "again": v.Verify} {
			b.Run(alg+" "+name, func(b *testing.B) {
				b.ReportAllocs()
				for range b.N {
					if _, err := verify(context.Background(), token); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
