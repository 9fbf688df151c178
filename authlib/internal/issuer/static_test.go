package issuer

import (
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// Keys that somebody was told open what they signed, by the algorithms that are allowed
// and that fit them.
func TestToldKeysOpenWhatTheySigned(t *testing.T) {
	own, other := newECDSA(t, elliptic.P256()), newECDSA(t, elliptic.P256())
	set := func(keys ...json.RawMessage) []byte {
		doc, err := json.Marshal(map[string]any{"keys": keys})
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	keys, err := ParseKeys(set(encoded(t, jose.JSONWebKey{Key: &own.PublicKey, KeyID: "own"}, nil)))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(key any, id string) string {
		s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: id}}, (&jose.SignerOptions{}).WithType("at+jwt"))
		if err != nil {
			t.Fatal(err)
		}
		sig, err := s.Sign([]byte(`{"sub":"alice"}`))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := sig.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	algs := []jose.SignatureAlgorithm{jose.ES256}
	if tok, err := keys.Open(sign(own, "own"), algs); err != nil || tok.Claims.String("sub") != "alice" || tok.Type != "at+jwt" {
		t.Errorf("its own: %+v, %v", tok, err)
	}
	for name, raw := range map[string]string{
		"another key": sign(other, "own"), "a key of another name": sign(own, "other"), "no token": "x.y.z", "nothing": "",
	} {
		if tok, err := keys.Open(raw, algs); !errors.Is(err, ErrInvalid) || tok != nil {
			t.Errorf("%s: %+v, %v", name, tok, err)
		}
	}
	if tok, err := keys.Open(sign(own, "own"), []jose.SignatureAlgorithm{jose.RS256}); !errors.Is(err, ErrInvalid) || tok != nil {
		t.Errorf("an algorithm that is not allowed: %+v, %v", tok, err)
	}
}

// A set that somebody was told has public keys for signatures and nothing else, and the
// error says which one is not, without showing it.
func TestToldKeysThatAreRefused(t *testing.T) {
	key := newECDSA(t, elliptic.P256())
	good := string(encoded(t, jose.JSONWebKey{Key: &key.PublicKey}, nil))
	private := string(encoded(t, jose.JSONWebKey{Key: key}, nil))
	for name, doc := range map[string]string{
		"nothing": ``, "no set": `[]`, "no keys": `{"keys":[]}`, "another member": `{"key":[` + good + `]}`,
		"a private key":   `{"keys":[` + good + `,` + private + `]}`,
		"a shared secret": `{"keys":[` + good + `,{"kty":"oct","k":"AAAA"}]}`,
		"for encryption":  `{"keys":[` + good + `,` + strings.Replace(good, "{", `{"use":"enc",`, 1) + `]}`,
		"too many":        fmt.Sprintf(`{"keys":[%s]}`, strings.TrimSuffix(strings.Repeat(good+",", maxKeys+1), ",")),
	} {
		keys, err := ParseKeys([]byte(doc))
		if err == nil || keys != nil || strings.Contains(err.Error(), `"d"`) {
			t.Errorf("%s: %v, %v", name, keys, err)
		}
		if strings.Contains(doc, good+",") && name != "too many" && err != nil && !strings.Contains(err.Error(), "key 2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
