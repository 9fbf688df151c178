package authlib

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ByPrefix returns a verifier for several kinds of token. Each token is shown to
// one verifier only: the one whose prefix it begins with, or else other. What that
// one says is the answer. An API key is thus never sent to an issuer that is asked
// about tokens, and a token that its own verifier refuses gets no second chance.
//
// No prefix, an empty one, one that begins with another, and a verifier that is
// nil are errors. A nil other refuses what has no prefix.
func ByPrefix(verifiers map[string]Verifier, other Verifier) (Verifier, error) {
	r := &prefixes{verifiers: map[string]Verifier{}, other: other}
	for prefix, v := range verifiers {
		if prefix == "" || isNil(v) {
			return nil, fmt.Errorf("authlib: ByPrefix: prefix %q is empty or has no verifier", clip(prefix))
		}
		for p := range verifiers {
			if p != prefix && strings.HasPrefix(p, prefix) {
				return nil, fmt.Errorf("authlib: ByPrefix: prefix %q begins with %q, so a token could be of either", clip(p), clip(prefix))
			}
		}
		r.verifiers[prefix] = v
	}
	if len(r.verifiers) == 0 || isNil(other) && other != nil {
		return nil, errors.New("authlib: ByPrefix: there is no prefix, or the other verifier is a nil function")
	}
	return r, nil
}

func isNil(v Verifier) bool {
	f, ok := v.(VerifierFunc)
	return v == nil || ok && f == nil
}

type prefixes struct {
	verifiers map[string]Verifier
	other     Verifier
}

// verifiersIn returns the verifiers that v may ask, or v itself.
func verifiersIn(v Verifier) []Verifier {
	var routes map[string]Verifier
	var other Verifier
	switch r := v.(type) {
	case *prefixes:
		routes, other = r.verifiers, r.other
	case *issuers:
		routes, other = r.verifiers, r.other
	default:
		return []Verifier{v}
	}
	var all []Verifier
	for _, part := range routes {
		all = append(all, verifiersIn(part)...)
	}
	if other != nil {
		all = append(all, verifiersIn(other)...)
	}
	return all
}

// Verify asks the one verifier that token belongs to.
func (r *prefixes) Verify(ctx context.Context, token string) (*Principal, error) {
	for prefix, v := range r.verifiers {
		if strings.HasPrefix(token, prefix) {
			return v.Verify(ctx, token)
		}
	}
	if r.other == nil {
		return nil, fmt.Errorf("%w: it is of no kind that is known here", ErrInvalidToken)
	}
	return r.other.Verify(ctx, token)
}
