package authlib

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func jwtOf(payload string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
}

// asking returns a verifier that refuses, and notes that it was asked.
func asking(asked map[string]int, name string, err error) Verifier {
	return VerifierFunc(func(context.Context, string) (*Principal, error) {
		asked[name]++
		return nil, err
	})
}

// One verifier sees a token, and what it says is final: nobody else's gets to see it.
func TestByIssuer(t *testing.T) {
	asked := map[string]int{}
	down := errors.New("no keys")
	v, err := ByIssuer(map[string]Verifier{
		"https://a.example.com": asking(asked, "a", ErrTokenExpired), "https://b.example.com": asking(asked, "b", down),
	}, asking(asked, "other", ErrInvalidToken))
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]string{
		jwtOf(`{"iss":"https://a.example.com"}`):                             "a",
		jwtOf(`{"sub":"x","iss":"https:\/\/b.example.com"}`):                 "b",
		jwtOf(`{"iss":"https://a.example.com/"}`):                            "other",
		jwtOf(`{"iss":"https://A.example.com"}`):                             "other",
		jwtOf(`{"ISS":"https://a.example.com"}`):                             "other",
		jwtOf(`{"iss":["https://a.example.com"]}`):                           "other",
		jwtOf(`{"iss":""}`):                                                  "other",
		jwtOf(`{"iss":null}`):                                                "other",
		jwtOf(`{}`):                                                          "other",
		jwtOf(`{"iss":"https://a.example.com"`):                              "other",
		jwtOf(`{"iss":"https://a.example.com"}`) + ".x":                      "other",
		"x." + jwtOf(`{"iss":"https://a.example.com"}`):                      "other",
		jwtOf(`{"iss":"https://a.example.com"}`) + strings.Repeat("x", 8192): "other",
		"opaque": "other",
		"e30.!.": "other",
		"":       "other",
	} {
		clear(asked)
		p, err := v.Verify(context.Background(), token)
		if p != nil || err == nil || len(asked) != 1 || asked[want] != 1 {
			t.Errorf("%.80q: %v, %v; asked %v, want only %s", token, p, err, asked, want)
		}
	}
	alone, err := ByIssuer(map[string]Verifier{"https://a.example.com": asking(asked, "a", nil)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	clear(asked)
	if _, err := alone.Verify(context.Background(), jwtOf(`{"iss":"https://b.example.com"}`)); !errors.Is(err, ErrInvalidToken) || len(asked) != 0 {
		t.Errorf("a token of nobody known: %v, asked %v", err, asked)
	}
}

func TestByIssuerRefuses(t *testing.T) {
	v := VerifierFunc(func(context.Context, string) (*Principal, error) { return nil, ErrInvalidToken })
	for name, c := range map[string]struct {
		verifiers map[string]Verifier
		other     Verifier
	}{
		"no issuer":       {nil, v},
		"an empty issuer": {map[string]Verifier{"": v}, v},
		"a provider name": {map[string]Verifier{"google": v}, v},
		"no verifier":     {map[string]Verifier{"https://a.example.com": nil}, v},
		"a nil function":  {map[string]Verifier{"https://a.example.com": VerifierFunc(nil)}, v},
		"a nil other":     {map[string]Verifier{"https://a.example.com": v}, VerifierFunc(nil)},
	} {
		if _, err := ByIssuer(c.verifiers, c.other); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

type boundVerifier struct{ audience string }

func (boundVerifier) Verify(context.Context, string) (*Principal, error) { return nil, ErrInvalidToken }
func (b boundVerifier) Audience() string                                 { return b.audience }

// What each of them is for is compared with the guard's resource, however deep it is.
func TestByIssuerIsCheckedForItsAudience(t *testing.T) {
	for audience, ok := range map[string]bool{resourceURL: true, "https://other.example.com/mcp": false} {
		inner, err := ByIssuer(map[string]Verifier{"https://a.example.com": boundVerifier{resourceURL}, "https://b.example.com": boundVerifier{audience}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		outer, err := ByPrefix(map[string]Verifier{"key_": boundVerifier{resourceURL}}, inner)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(Config{Resource: resourceURL, Verifier: outer, AuthorizationServers: []string{"https://id.example.com"}}); (err == nil) != ok {
			t.Errorf("%s: %v", audience, err)
		}
	}
}
