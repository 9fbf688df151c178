package issuer

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Keys are public keys that somebody was told, and fetches from nowhere. They do not
// change.
type Keys struct{ set keySet }

// ParseKeys reads a JWK set (RFC 7517 §5). Unlike in a set that an issuer publishes,
// each key must be a public one for signatures: whoever wrote the set meant it, and a
// private key does not belong there.
func ParseKeys(jwks []byte) (*Keys, error) {
	var doc struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(jwks, &doc); err != nil || len(doc.Keys) == 0 || len(doc.Keys) > maxKeys {
		return nil, errors.New(`it is no JWK set such as {"keys":[{"kty":"EC",…}]} with 1 to 100 keys`)
	}
	for i, raw := range doc.Keys {
		if _, ok := parseKey(raw); !ok {
			return nil, fmt.Errorf("key %d is not a public key for signatures: RSA of 2048 to 8192 bits, EC or Ed25519", i+1)
		}
	}
	return &Keys{parseKeys(doc.Keys)}, nil
}

// Open is [Issuer.Open] with these keys.
func (k *Keys) Open(raw string, algs []jose.SignatureAlgorithm) (*Token, error) {
	sig, err := parse(raw, algs)
	if err != nil {
		return nil, err
	}
	h := sig.Signatures[0].Protected
	return verify(sig, k.set.find(h.KeyID, jose.SignatureAlgorithm(h.Algorithm)))
}

// verify returns what the first key that fits has signed.
func verify(sig *jose.JSONWebSignature, keys []any) (*Token, error) {
	h := sig.Signatures[0].Protected
	for _, k := range keys {
		// Extensions that must be understood (crit) are refused in here.
		payload, err := sig.Verify(k)
		if err != nil {
			continue
		}
		claims, err := decodeClaims(payload)
		return &Token{Type: headerType(h), Alg: h.Algorithm, Claims: claims}, err
	}
	return nil, fmt.Errorf("%w: its signature does not fit", ErrInvalid)
}
