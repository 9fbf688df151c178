package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
)

// Tokens are made here with the standard library alone: what checks them in the
// library is somebody else's code, so that a mistake of one is not shared by both.

func newKey(alg string) (crypto.Signer, error) {
	switch alg {
	case "RS256", "PS256":
		return rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EdDSA":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("authtest: an Issuer does not sign with %q", alg)
}

// jwk is a public key as RFC 7517 and RFC 7518 §6 write it, and RFC 8037 §2.
func jwk(key crypto.PublicKey) map[string]any {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return map[string]any{"kty": "RSA", "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes())}
	case *ecdsa.PublicKey:
		p, err := k.ECDH()
		if err != nil {
			panic(err)
		}
		point := p.Bytes() // 4, x, y
		return map[string]any{"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])}
	case ed25519.PublicKey:
		return map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64(k)}
	}
	panic(fmt.Sprintf("authtest: no JWK of a %T", key))
}

// sign makes a JWT in compact form (RFC 7515 §7.1).
func sign(alg string, key crypto.Signer, header, claims map[string]any) string {
	h := maps.Clone(header)
	h["alg"] = alg
	input := signingInput(h, claims)
	return input + "." + b64(signature(alg, key, []byte(input)))
}

func signingInput(header, claims map[string]any) string { return part(header) + "." + part(claims) }

func part(v map[string]any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b64(b)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// signature is that of RFC 7518 §3 or RFC 8037 §3.1.
func signature(alg string, key crypto.Signer, input []byte) []byte {
	if alg == "EdDSA" {
		return must(key.Sign(rand.Reader, input, crypto.Hash(0)))
	}
	sum := sha256.Sum256(input)
	switch alg {
	case "PS256":
		return must(key.Sign(rand.Reader, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}))
	case "ES256":
		r, s, err := ecdsa.Sign(rand.Reader, key.(*ecdsa.PrivateKey), sum[:])
		out := make([]byte, 64)
		if err != nil {
			panic(err)
		}
		r.FillBytes(out[:32])
		s.FillBytes(out[32:])
		return out
	}
	return must(key.Sign(rand.Reader, sum[:], crypto.SHA256))
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func unb64(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }
