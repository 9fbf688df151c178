package authlib

import (
	"context"
	"errors"
	"testing"
)

func TestByPrefix(t *testing.T) {
	asked := map[string]int{}
	refuse := func(name string, err error) Verifier {
		return VerifierFunc(func(context.Context, string) (*Principal, error) {
			asked[name]++
			return nil, err
		})
	}
	down := errors.New("the store is down")
	v, err := ByPrefix(map[string]Verifier{"key_": refuse("key", ErrTokenExpired), "at_": refuse("at", down)}, refuse("other", ErrInvalidToken))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		token, verifier string
		err             error
	}{
		{"key_x", "key", ErrTokenExpired}, {"at_x", "at", down}, {"KEY_x", "other", ErrInvalidToken}, {"", "other", ErrInvalidToken}, {"key", "other", ErrInvalidToken},
	} {
		clear(asked)
		p, err := v.Verify(context.Background(), tt.token)
		if p != nil || !errors.Is(err, tt.err) || len(asked) != 1 || asked[tt.verifier] != 1 {
			t.Errorf("%q: %v, %v; asked %v, want only %s", tt.token, p, err, asked, tt.verifier)
		}
	}
	alone, err := ByPrefix(map[string]Verifier{"key_": refuse("key", nil)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := alone.Verify(context.Background(), "x"); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("a token of no kind: %v", err)
	}
}

func TestByPrefixRefuses(t *testing.T) {
	v := VerifierFunc(func(context.Context, string) (*Principal, error) { return nil, ErrInvalidToken })
	for name, c := range map[string]struct {
		verifiers map[string]Verifier
		other     Verifier
	}{
		"no prefix":       {nil, v},
		"an empty prefix": {map[string]Verifier{"": v}, v},
		"no verifier":     {map[string]Verifier{"a_": nil}, v},
		"a nil function":  {map[string]Verifier{"a_": VerifierFunc(nil)}, v},
		"a nil other":     {map[string]Verifier{"a_": v}, VerifierFunc(nil)},
		"nested prefixes": {map[string]Verifier{"a_": v, "a_b_": v}, v},
	} {
		if _, err := ByPrefix(c.verifiers, c.other); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
