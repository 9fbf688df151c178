package issuer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Errors about a token. Any other error means that it could not be checked.
var (
	ErrInvalid  = errors.New("the token is not valid")
	ErrExpired  = fmt.Errorf("%w: it has ended", ErrInvalid)
	ErrAudience = fmt.Errorf("%w: it is meant for somebody else", ErrInvalid)
)

// maxToken bounds a token, in bytes.
const maxToken = 16 << 10

// A Token is a token whose signature was checked, and nothing else of it.
type Token struct {
	Type   string // header typ, in lower case, without "application/" (RFC 7515 §4.1.9)
	Alg    string
	Claims Claims
}

// Open checks the signature of a signed JWT in compact form (RFC 7519 §7.2) by
// the issuer's keys. Claims are not looked at. The token is never in an error.
func (i *Issuer) Open(ctx context.Context, raw string, algs []jose.SignatureAlgorithm) (*Token, error) {
	sig, err := parse(raw, algs)
	if err != nil {
		return nil, err
	}
	h := sig.Signatures[0].Protected
	keys, err := i.keysFor(ctx, h.KeyID, jose.SignatureAlgorithm(h.Algorithm))
	if err != nil {
		return nil, err
	}
	return verify(sig, keys)
}

// parse reads the outside of a token, before anybody is asked for anything.
func parse(raw string, algs []jose.SignatureAlgorithm) (*jose.JSONWebSignature, error) {
	if len(raw) > maxToken || strings.Count(raw, ".") != 2 || strings.ContainsAny(raw, " \t\r\n={") {
		return nil, fmt.Errorf("%w: it is not a signed JWT", ErrInvalid)
	}
	sig, err := jose.ParseSignedCompact(raw, algs)
	if err != nil || len(sig.Signatures) != 1 {
		return nil, fmt.Errorf("%w: it is not a signed JWT, or its algorithm is not allowed", ErrInvalid)
	}
	if len(sig.Signatures[0].Protected.KeyID) > 1024 {
		return nil, fmt.Errorf("%w: its key ID is too long", ErrInvalid)
	}
	return sig, nil
}

func headerType(h jose.Header) string {
	typ, _ := h.ExtraHeaders[jose.HeaderType].(string)
	return strings.TrimPrefix(strings.ToLower(typ), "application/")
}

// decodeClaims reads a JSON object by the exact names of its members: decoding
// into a struct would take "ISS" for "iss".
func decodeClaims(payload []byte) (Claims, error) {
	d := json.NewDecoder(bytes.NewReader(payload))
	claims := Claims{}
	if err := d.Decode(&claims); err != nil || claims == nil {
		return nil, fmt.Errorf("%w: its claims are not a JSON object", ErrInvalid)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows its claims", ErrInvalid)
	}
	return claims, nil
}
