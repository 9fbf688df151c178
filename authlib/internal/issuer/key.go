package issuer

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

const (
	minRSA = 2048 // bits; RFC 7518 §3.3
	maxRSA = 8192 // a larger one costs more time than a stranger should be able to ask for
)

// parseKey reads one public key for signatures (RFC 7517 §4). Shared secrets and
// private keys are no business of a verifier's.
func parseKey(doc []byte) (key, bool) {
	var more struct {
		Ops []string `json:"key_ops"`
	}
	var k jose.JSONWebKey
	if json.Unmarshal(doc, &more) != nil || k.UnmarshalJSON(doc) != nil {
		return key{}, false
	}
	usable := (k.Use == "" || k.Use == "sig") && (more.Ops == nil || slices.Contains(more.Ops, "verify"))
	algs := algorithmsFor(k.Key)
	if !usable || len(algs) == 0 || !k.Valid() || !k.IsPublic() {
		return key{}, false
	}
	return key{k.KeyID, k.Algorithm, k.Key, algs}, true
}

// algorithmsFor fixes the algorithms by the type of the key, so that no token can
// have a key used for what it is not (RFC 8725 §3.1).
func algorithmsFor(public any) []jose.SignatureAlgorithm {
	switch k := public.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); minRSA <= n && n <= maxRSA {
			return []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.RS384, jose.PS384, jose.RS512, jose.PS512}
		}
	case *ecdsa.PublicKey:
		switch k.Curve.Params().Name {
		case "P-256":
			return []jose.SignatureAlgorithm{jose.ES256}
		case "P-384":
			return []jose.SignatureAlgorithm{jose.ES384}
		case "P-521":
			return []jose.SignatureAlgorithm{jose.ES512}
		}
	case ed25519.PublicKey:
		return []jose.SignatureAlgorithm{jose.EdDSA}
	}
	return nil
}

func (k key) fits(alg jose.SignatureAlgorithm) bool {
	return slices.Contains(k.algs, alg) && (k.alg == "" || k.alg == string(alg))
}

// Algorithms turns names into algorithms; none are the usual ones. HMAC and none
// are errors: with them whoever can check a token can make one (RFC 8725 §3.1).
func Algorithms(names []string) ([]jose.SignatureAlgorithm, error) {
	if len(names) == 0 {
		return []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA}, nil
	}
	known := []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
	var out []jose.SignatureAlgorithm
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("algorithm %.20q is not one of %s", n, strings.Join(known, ", "))
		}
		out = append(out, jose.SignatureAlgorithm(n))
	}
	return out, nil
}
