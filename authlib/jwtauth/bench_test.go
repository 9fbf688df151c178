package jwtauth

import (
	"context"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/internal/beside"
)

// algorithms are those that issuers use.
var algorithms = []string{"RS256", "ES256", "EdDSA"}

// signedBy returns a verifier, and a token of an issuer that signs with alg.
func signedBy(tb testing.TB, alg string) (*Verifier, string) {
	tb.Helper()
	is := authtest.NewIssuer(tb)
	is.SignWith(alg)
	v, err := New(Config{Issuer: is.URL, Audience: resource})
	if err != nil {
		tb.Fatal(err)
	}
	token := is.Token(authlib.Principal{Subject: "42", Scopes: []string{"mcp:use"}}, resource)
	if _, err := v.Verify(context.Background(), token); err != nil { // fetches the keys
		tb.Fatal(err)
	}
	return v, token
}

// The usual algorithms are all taken, and one that the configuration does not name
// is not, though the issuer publishes the key.
func TestAlgorithms(t *testing.T) {
	for _, alg := range algorithms {
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

// BenchmarkVerify is what the first request with a token pays ("cold"), and each one
// after it ("warm").
func BenchmarkVerify(b *testing.B) {
	for _, alg := range algorithms {
		v, token := signedBy(b, alg)
		for name, verify := range map[string]func(context.Context, string) (*authlib.Principal, error){"cold": v.check, "warm": v.Verify} {
			b.Run(alg+"/"+name, func(b *testing.B) {
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

// BenchmarkGuarded is what a guard with such a verifier costs a call.
func BenchmarkGuarded(b *testing.B) {
	for _, alg := range algorithms {
		v, token := signedBy(b, alg)
		b.Run(alg+"/cold", func(b *testing.B) { benchmarkGuarded(b, authlib.VerifierFunc(v.check), token, "small") })
		b.Run(alg+"/warm", func(b *testing.B) { benchmarkGuarded(b, v, token, "small") })
	}
	v, token := signedBy(b, "RS256")
	for _, body := range []string{"small", "text", "dense"} {
		b.Run("body/"+body, func(b *testing.B) { benchmarkGuarded(b, v, token, body) })
	}
}

func benchmarkGuarded(b *testing.B, v authlib.Verifier, token, arguments string) {
	beside.Each(b, beside.Guarded(b, resource, v, token, beside.Call("echo", beside.Arguments[arguments])))
}
