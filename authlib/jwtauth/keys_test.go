package jwtauth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/jwtauth"
)

// jwks is what an issuer publishes.
func jwks(t *testing.T, is *authtest.Issuer) []byte {
	t.Helper()
	res, err := http.Get(is.URL + authtest.IssuerKeys)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	doc, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// Keys open what they signed, whatever it says, and nothing else.
func TestKeysOpen(t *testing.T) {
	is, other := authtest.NewIssuer(t), authtest.NewIssuer(t)
	static, err1 := jwtauth.ParseKeys(jwks(t, is))
	fetched, err2 := jwtauth.NewIssuerKeys(jwtauth.IssuerKeysConfig{Issuer: is.URL})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{"sub": "1", "exp": 1}
	for _, k := range []*jwtauth.Keys{static, fetched} {
		typ, got, err := k.Open(context.Background(), is.Mint("application/X+JWT", claims))
		if err != nil || typ != "x+jwt" || got["sub"] != "1" || got["exp"] != 1.0 {
			t.Errorf("%v: %q, %v, %v", k, typ, got, err)
		}
		for _, bad := range []string{"", "x.y.z", other.Mint("JWT", claims), other.MintAs("JWT", "key-1", claims)} {
			if _, got, err := k.Open(context.Background(), bad); got != nil || !errors.Is(err, authlib.ErrInvalidToken) {
				t.Errorf("%v: %v, %v", k, got, err)
			}
		}
		if !slices.Contains(k.Algorithms(), "ES256") || slices.Contains(k.Algorithms(), "HS256") {
			t.Errorf("algorithms %v", k.Algorithms())
		}
	}
	// What is configured stays; what is published changes.
	now := time.Now()
	fetched, err := jwtauth.NewIssuerKeys(jwtauth.IssuerKeysConfig{Issuer: is.URL, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := fetched.Open(context.Background(), is.Mint("JWT", claims)); err != nil {
		t.Fatal(err)
	}
	is.Rotate()
	now = now.Add(time.Minute)
	jwt := is.Mint("JWT", claims)
	if _, _, err := static.Open(context.Background(), jwt); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("a key that was not configured: %v", err)
	}
	if _, _, err := fetched.Open(context.Background(), jwt); err != nil {
		t.Errorf("a key that is new: %v", err)
	}
}

// An issuer that cannot be asked has not refused.
func TestIssuerKeysOutage(t *testing.T) {
	is := authtest.NewIssuer(t)
	k, err := jwtauth.NewIssuerKeys(jwtauth.IssuerKeysConfig{Issuer: is.URL})
	if err != nil {
		t.Fatal(err)
	}
	jwt := is.Mint("JWT", map[string]any{})
	is.SetDown(true)
	if _, _, err := k.Open(context.Background(), jwt); err == nil || errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("%v", err)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set := func(keys ...any) []byte {
		doc, err := json.Marshal(map[string]any{"keys": keys})
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	good := jose.JSONWebKey{Key: private.Public()}
	if _, err := jwtauth.ParseKeys(set(good)); err != nil {
		t.Error(err)
	}
	doc, err := jose.JSONWebKey{Key: private}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var jwk struct{ D string }
	if err := json.Unmarshal(doc, &jwk); err != nil || jwk.D == "" {
		t.Fatal(err)
	}
	for name, doc := range map[string][]byte{
		"nothing": nil, "no set": []byte("[]"), "no keys": set(),
		"a private key":       set(good, jose.JSONWebKey{Key: private}),
		"a shared secret":     set(good, jose.JSONWebKey{Key: []byte("0123456789abcdef0123456789abcdef")}),
		"a key to encrypt to": set(jose.JSONWebKey{Key: private.Public(), Use: "enc"}),
		"too many":            set(slices.Repeat([]any{good}, 101)...),
	} {
		if k, err := jwtauth.ParseKeys(doc); err == nil || k != nil {
			t.Errorf("%s is taken", name)
		} else if strings.Contains(err.Error(), jwk.D) {
			t.Errorf("%s: the error shows the key", name)
		}
	}
	for _, alg := range []string{"HS256", "none", ""} {
		if _, err := jwtauth.ParseKeys(set(good), alg); err == nil {
			t.Errorf("algorithm %q is taken", alg)
		}
		if _, err := jwtauth.NewIssuerKeys(jwtauth.IssuerKeysConfig{Issuer: "https://idp.test", Algorithms: []string{alg}}); err == nil {
			t.Errorf("algorithm %q of an issuer is taken", alg)
		}
	}
	for _, issuer := range []string{"", "http://idp.test", "https://idp.test?x"} {
		if _, err := jwtauth.NewIssuerKeys(jwtauth.IssuerKeysConfig{Issuer: issuer}); err == nil {
			t.Errorf("issuer %q is taken", issuer)
		}
	}
}
