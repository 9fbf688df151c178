package issuer

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// rsaOf is a public key whose modulus has so many bits. Nobody has its other half.
func rsaOf(bits int) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}
}

func encoded(t *testing.T, k jose.JSONWebKey, more map[string]any) json.RawMessage {
	t.Helper()
	doc, err := k.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]any{}
	if err := json.Unmarshal(doc, &members); err != nil {
		t.Fatal(err)
	}
	for name, v := range more {
		members[name] = v
	}
	doc, err = json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// newECDSA makes a key on a curve.
func newECDSA(t *testing.T, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Which published keys are used, and for which algorithms.
func TestWhichKeysAreUsed(t *testing.T) {
	p256, p224 := newECDSA(t, elliptic.P256()), newECDSA(t, elliptic.P224())
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	allRSA := []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.RS384, jose.PS384, jose.RS512, jose.PS512}
	for name, c := range map[string]struct {
		key  any
		more map[string]any
		want []jose.SignatureAlgorithm // nil: not used
	}{
		"RSA of 2047 bits":       {rsaOf(2047), nil, nil},
		"RSA of 2048 bits":       {rsaOf(2048), nil, allRSA},
		"RSA of 4096 bits":       {rsaOf(4096), nil, allRSA},
		"RSA of 8193 bits":       {rsaOf(8193), nil, nil},
		"P-256":                  {&p256.PublicKey, nil, []jose.SignatureAlgorithm{jose.ES256}},
		"P-384":                  {&newECDSA(t, elliptic.P384()).PublicKey, nil, []jose.SignatureAlgorithm{jose.ES384}},
		"P-521":                  {&newECDSA(t, elliptic.P521()).PublicKey, nil, []jose.SignatureAlgorithm{jose.ES512}},
		"Ed25519":                {ed.Public(), nil, []jose.SignatureAlgorithm{jose.EdDSA}},
		"a private key":          {p256, nil, nil},
		"a private Ed25519 key":  {ed, nil, nil},
		"a shared secret":        {[]byte("0123456789abcdef0123456789abcdef"), nil, nil},
		"for encryption":         {&p256.PublicKey, map[string]any{"use": "enc"}, nil},
		"for signatures":         {&p256.PublicKey, map[string]any{"use": "sig", "key_ops": []string{"verify"}}, []jose.SignatureAlgorithm{jose.ES256}},
		"for other operations":   {&p256.PublicKey, map[string]any{"key_ops": []string{"encrypt"}}, nil},
		"for no operation":       {&p256.PublicKey, map[string]any{"key_ops": []string{}}, nil},
		"of a type of tomorrow":  {&p256.PublicKey, map[string]any{"kty": "AKP"}, nil},
		"a point off the curve":  {&p256.PublicKey, map[string]any{"x": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, nil},
		"a curve of another key": {&p256.PublicKey, map[string]any{"crv": "P-384"}, nil},
	} {
		got, ok := parseKey(encoded(t, jose.JSONWebKey{Key: c.key, KeyID: "1"}, c.more))
		if ok != (c.want != nil) || ok && !slices.Equal(got.algs, c.want) {
			t.Errorf("%s: %v %v, want %v", name, ok, got.algs, c.want)
		}
	}
	// go-jose reads neither of these, or not in every version.
	if algorithmsFor(&p224.PublicKey) != nil {
		t.Error("P-224 is used")
	}
	for bits, want := range map[int]bool{2047: false, 2048: true, 8192: true, 8193: false} {
		if got := algorithmsFor(rsaOf(bits)) != nil; got != want {
			t.Errorf("RSA of %d bits: %v", bits, got)
		}
	}
}

// The algorithm is the key's, whatever a token says of itself, and where the issuer
// names one, that one.
func TestTheKeyFixesTheAlgorithm(t *testing.T) {
	all := []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256, jose.ES384, jose.EdDSA, jose.HS256, "none"}
	set := func(k any, alg string) keySet {
		return parseKeys([]json.RawMessage{encoded(t, jose.JSONWebKey{Key: k, KeyID: "1", Algorithm: alg}, nil)})
	}
	for name, c := range map[string]struct {
		set  keySet
		want []jose.SignatureAlgorithm
	}{
		"RSA":           {set(rsaOf(2048), ""), []jose.SignatureAlgorithm{jose.RS256, jose.PS256}},
		"RSA for PS256": {set(rsaOf(2048), "PS256"), []jose.SignatureAlgorithm{jose.PS256}},
		"P-256":         {set(&newECDSA(t, elliptic.P256()).PublicKey, ""), []jose.SignatureAlgorithm{jose.ES256}},
	} {
		for _, alg := range all {
			if got := len(c.set.find("1", alg)) > 0; got != slices.Contains(c.want, alg) {
				t.Errorf("%s: %s %v", name, alg, got)
			}
		}
	}
}

// A token that names no key fits only where there is one of its kind; many keys of
// one name are not all tried.
func TestWhichKeyATokenMeans(t *testing.T) {
	ec := func(id string) json.RawMessage {
		return encoded(t, jose.JSONWebKey{Key: &newECDSA(t, elliptic.P256()).PublicKey, KeyID: id}, nil)
	}
	rsaKey := encoded(t, jose.JSONWebKey{Key: rsaOf(2048), KeyID: "r"}, nil)
	one := parseKeys([]json.RawMessage{ec("a"), rsaKey})
	two := parseKeys([]json.RawMessage{ec("a"), ec("b"), rsaKey})
	many := parseKeys([]json.RawMessage{ec("a"), ec("a"), ec("a"), ec("a"), ec("a")})
	for name, c := range map[string]struct {
		set  keySet
		kid  string
		want int
	}{
		"none named, one of the kind": {one, "", 1}, "none named, two of the kind": {two, "", 0},
		"named": {two, "b", 1}, "another": {two, "c", 0}, "of another kind": {two, "r", 0}, "many of one name": {many, "a", maxTried},
	} {
		if got := len(c.set.find(c.kid, jose.ES256)); got != c.want {
			t.Errorf("%s: %d keys, want %d", name, got, c.want)
		}
	}
}

// Tokens of each algorithm that is allowed by default are opened, and not by
// another key of the same kind.
func TestOpenByEachAlgorithm(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, otherEd, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	algs, err := Algorithms(nil)
	if err != nil {
		t.Fatal(err)
	}
	ec := newECDSA(t, elliptic.P256())
	is := publish(t, jose.JSONWebKey{Key: rsaKey.Public(), KeyID: "rsa"}, jose.JSONWebKey{Key: ec.Public(), KeyID: "ec"}, jose.JSONWebKey{Key: ed.Public(), KeyID: "ed"})
	for name, c := range map[string]struct {
		alg  jose.SignatureAlgorithm
		key  crypto.Signer
		kid  string
		good bool
	}{
		"RS256": {jose.RS256, rsaKey, "rsa", true}, "PS256": {jose.PS256, rsaKey, "rsa", true}, "ES256": {jose.ES256, ec, "ec", true},
		"EdDSA": {jose.EdDSA, ed, "ed", true}, "EdDSA by another": {jose.EdDSA, otherEd, "ed", false},
		"ES256 by another": {jose.ES256, newECDSA(t, elliptic.P256()), "ec", false}, "ES256 named as RSA": {jose.ES256, ec, "rsa", false},
		"RS512, which is not allowed": {jose.RS512, rsaKey, "rsa", false},
	} {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: c.alg, Key: c.key}, (&jose.SignerOptions{}).WithType("at+jwt").WithHeader("kid", c.kid))
		if err != nil {
			t.Fatal(name, err)
		}
		signed, err := signer.Sign([]byte(`{"sub":"42"}`))
		if err != nil {
			t.Fatal(name, err)
		}
		raw, err := signed.CompactSerialize()
		if err != nil {
			t.Fatal(name, err)
		}
		tok, err := is.Open(context.Background(), raw, algs)
		if (err == nil) != c.good || c.good && (tok.Claims.String("sub") != "42" || tok.Type != "at+jwt" || tok.Alg != string(c.alg)) {
			t.Errorf("%s: %+v, %v", name, tok, err)
		}
	}
}

// publish returns an issuer that publishes keys.
func publish(t *testing.T, keys ...jose.JSONWebKey) *Issuer {
	t.Helper()
	var srv *httptest.Server
	srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: keys})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": srv.URL, "jwks_uri": srv.URL + "/keys"})
	}))
	t.Cleanup(srv.Close)
	is, err := New(srv.URL, OAuth, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return is
}
