package issuer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
)

// at returns the issuer of a test, as it is asked for its keys.
func at(t *testing.T, is *authtest.Issuer) *Issuer {
	t.Helper()
	i, err := New(is.URL, OpenID, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func open(t *testing.T, i *Issuer, raw string) (*Token, error) {
	t.Helper()
	algs, err := Algorithms(nil)
	if err != nil {
		t.Fatal(err)
	}
	return i.Open(context.Background(), raw, algs)
}

// A token is opened by the issuer's own keys, of each usual kind, and its type and
// claims are told as they are.
func TestOpen(t *testing.T) {
	is := authtest.NewIssuer(t)
	for _, alg := range []string{"ES256", "RS256", "PS256", "EdDSA"} {
		is.SignWith(alg)
		i := at(t, is)
		got, err := open(t, i, is.Mint("Application/AT+JWT", map[string]any{"sub": "42", "SUB": "43"}))
		if err != nil || got.Type != "at+jwt" || got.Alg != alg || got.Claims.String("sub") != "42" {
			t.Errorf("%s: %+v, %v", alg, got, err)
		}
		if left := time.Until(i.KeysFreshUntil()); left < time.Second || left > maxFresh {
			t.Errorf("keys are fresh for %v", left)
		}
	}
}

// What is wrong with a token is ErrInvalid and not an outage, and is never shown.
func TestOpenRefuses(t *testing.T) {
	is, other := authtest.NewIssuer(t), authtest.NewIssuer(t)
	i := at(t, is)
	good := is.Mint("JWT", map[string]any{"sub": "42"})
	parts := strings.Split(good, ".")
	for name, raw := range map[string]string{
		"empty": "", "two parts": parts[0] + "." + parts[1], "four parts": good + ".x", "with a space": good + " ",
		"too long": good + strings.Repeat("A", maxToken), "other claims": parts[0] + ".e30." + parts[2], "no signature": parts[0] + "." + parts[1] + ".",
		"another issuer's": other.Mint("JWT", map[string]any{"sub": "42"}),
		"a key of no one":  is.MintAs("JWT", "nobody", map[string]any{"sub": "42"}),
		"a long key ID":    is.MintAs("JWT", strings.Repeat("k", 1025), map[string]any{"sub": "42"}),
		"claims are null":  is.Mint("JWT", nil),
	} {
		got, err := open(t, i, raw)
		if !errors.Is(err, ErrInvalid) || got != nil && got.Claims != nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if err != nil && len(raw) > 20 && strings.Contains(err.Error(), raw[len(raw)-20:]) {
			t.Errorf("%s: the error shows the token: %v", name, err)
		}
	}
	for name, payload := range map[string]string{"an array": "[]", "text": `"x"`, "two": "{}{}", "cut off": `{"a":`, "null": "null"} {
		if c, err := decodeClaims([]byte(payload)); !errors.Is(err, ErrInvalid) || c != nil {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
}

// When the keys or the metadata can't be had or used, that is the issuer's fault and
// not the token's.
func TestAnIssuerThatCannotBeAsked(t *testing.T) {
	for name, change := range map[string]func(*authtest.Issuer){
		"down": func(is *authtest.Issuer) { is.SetDown(true) },
		"another's name": func(is *authtest.Issuer) {
			is.Tamper(authtest.IssuerMetadata, func(m map[string]any) { m["issuer"] = "https://evil.test" })
		},
		"no place for keys": func(is *authtest.Issuer) {
			is.Tamper(authtest.IssuerMetadata, func(m map[string]any) { delete(m, "jwks_uri") })
		},
		"keys in clear": func(is *authtest.Issuer) {
			is.Tamper(authtest.IssuerMetadata, func(m map[string]any) { m["jwks_uri"] = "http://keys.test" })
		},
		"keys nowhere": func(is *authtest.Issuer) {
			is.Tamper(authtest.IssuerMetadata, func(m map[string]any) { m["jwks_uri"] = is.URL + "/nothing" })
		},
		"no keys": func(is *authtest.Issuer) {
			is.Tamper(authtest.IssuerKeys, func(m map[string]any) { m["keys"] = []any{} })
		},
		"no usable keys": func(is *authtest.Issuer) {
			is.Tamper(authtest.IssuerKeys, func(m map[string]any) { m["keys"] = []any{1, "x", map[string]any{"kty": "oct"}} })
		},
		"too many keys": func(is *authtest.Issuer) {
			is.Tamper(authtest.IssuerKeys, func(m map[string]any) { m["keys"] = slices.Repeat(m["keys"].([]any), maxKeys+1) })
		},
	} {
		is := authtest.NewIssuer(t)
		token := is.Mint("JWT", map[string]any{"sub": "42"})
		change(is)
		if got, err := open(t, at(t, is), token); err == nil || errors.Is(err, ErrInvalid) || got != nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// An issuer is an https URL; http is for this machine.
func TestNewRefuses(t *testing.T) {
	for s, ok := range map[string]bool{
		"https://login.test": true, "https://login.test/tenant": true, "http://localhost:1": true, "http://127.0.0.1:1": true,
		"": false, "login.test": false, "http://login.test": false, "https://u@login.test": false, "https://login.test#f": false, "https://login.test?q": false, "ftp://login.test": false, "https:": false,
	} {
		i, err := New(s, OAuth, nil, nil)
		if (err == nil) != ok || ok && i.String() != s {
			t.Errorf("%q: %v, %v", s, i, err)
		}
	}
	for _, names := range [][]string{{"HS256"}, {"none"}, {"RS256", ""}, {"es256"}} {
		if algs, err := Algorithms(names); err == nil {
			t.Errorf("%q: %v", names, algs)
		}
	}
	if algs, err := Algorithms([]string{"ES256"}); err != nil || len(algs) != 1 {
		t.Errorf("ES256: %v, %v", algs, err)
	}
}
