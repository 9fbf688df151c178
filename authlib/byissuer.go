package authlib

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ByIssuer returns a verifier for the JWTs of several issuers (RFC 7519 §4.1.1).
// Each token is shown to one verifier only: that of the issuer which the token names,
// letter for letter, or else other. What that one says is the answer. The name is not
// trusted, only followed: it is for the verifier to check it, along with the
// signature.
//
// No issuer, one that is not written in full, such as https://id.example.com, and a
// verifier that is nil are errors. A nil other refuses what is no JWT and what names
// another issuer.
func ByIssuer(verifiers map[string]Verifier, other Verifier) (Verifier, error) {
	r := &issuers{verifiers: map[string]Verifier{}, other: other}
	for issuer, v := range verifiers {
		if err := validateIssuer("ByIssuer", issuer); err != nil {
			return nil, err
		}
		if isNil(v) {
			return nil, fmt.Errorf("authlib: ByIssuer: the issuer %s has no verifier", quote(issuer))
		}
		r.verifiers[issuer] = v
	}
	if len(r.verifiers) == 0 || isNil(other) && other != nil {
		return nil, errors.New("authlib: ByIssuer: there is no issuer, or the other verifier is a nil function")
	}
	return r, nil
}

type issuers struct {
	verifiers map[string]Verifier
	other     Verifier
}

// Verify asks the one verifier that token belongs to.
func (r *issuers) Verify(ctx context.Context, token string) (*Principal, error) {
	if v, ok := r.verifiers[claimedIssuer(token)]; ok {
		return v.Verify(ctx, token)
	}
	if r.other == nil {
		return nil, fmt.Errorf("%w: it names no issuer that is known here", ErrInvalidToken)
	}
	return r.other.Verify(ctx, token)
}

// claimedIssuer returns who issued token by its own word; "" if it doesn't say.
func claimedIssuer(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > maxToken {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims map[string]json.RawMessage // whose keys are case-sensitive
	var issuer string
	if json.Unmarshal(payload, &claims) != nil || json.Unmarshal(claims["iss"], &issuer) != nil {
		return ""
	}
	return issuer
}
