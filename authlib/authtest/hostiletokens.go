package authtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// badTokens are JWTs that nobody may take for good ones (RFC 8725, RFC 9068 §4). Those
// whose keys are wrong are sent to every server; those that are right but for one
// claim need the issuer.
func badTokens() []Attempt {
	return append(forgedTokens(), wrongTokens()...)
}

// forgedTokens were not signed by the issuer.
func forgedTokens() []Attempt {
	const forge = "anybody could make tokens"
	token := func(name string, mint func(*attacker) string) Attempt {
		return Attempt{Name: name, Why: forge, Want: []int{401}, change: func(a *attacker, r *http.Request) { r.Header.Set("Authorization", "Bearer "+mint(a)) }}
	}
	var list []Attempt
	for _, alg := range []string{"none", "None", "nOnE", ""} {
		list = append(list, token("a token with the algorithm "+quoted(alg), func(a *attacker) string {
			return signingInput(map[string]any{"alg": alg, "typ": "at+jwt"}, a.good()) + "."
		}))
	}
	return append(list,
		token("a token that the public key signed as a secret", func(a *attacker) string { return a.confused() }),
		token("a token of another key, with the key's own name", func(a *attacker) string { return a.forged.MintAs("at+jwt", a.keyID(), a.good()) }),
		token("a token of a key that is not published", func(a *attacker) string { return a.forged.MintAs("at+jwt", "no-such-key", a.good()) }),
		token("a token of a key with the name of a file", func(a *attacker) string { return a.forged.MintAs("at+jwt", "../../../../dev/null", a.good()) }),
		token("a token that brings its own key", func(a *attacker) string {
			return sign(a.forged.alg, a.forged.key, map[string]any{"typ": "at+jwt", "jwk": a.forged.jwk()}, a.good())
		}),
		token("a token that says where its key is", func(a *attacker) string {
			return sign(a.forged.alg, a.forged.key, map[string]any{"typ": "at+jwt", "jku": a.forged.URL + IssuerKeys, "x5u": a.forged.URL + IssuerKeys}, a.good())
		}),
	)
}

// wrongTokens were signed by the issuer, and are not for this server, or not now.
func wrongTokens() []Attempt {
	wrong := func(name, why string, change func(claims map[string]any)) Attempt {
		return signed(name, why, func(a *attacker) string {
			claims := a.good()
			change(claims)
			return a.Issuer.Mint("at+jwt", claims)
		})
	}
	claim := func(name, why, key string, value any) Attempt {
		return wrong(name, why, func(claims map[string]any) {
			if claims[key] = value; value == nil {
				delete(claims, key)
			}
		})
	}
	const elsewhere = "a token that any other service got could be used here"
	const forever = "a stolen token would be good for ever"
	return []Attempt{
		claim("a token for another audience", elsewhere, "aud", "https://another.example.com/mcp"),
		claim("a token for several other audiences", elsewhere, "aud", []string{"https://another.example.com/mcp", "account"}),
		claim("a token for no audience", elsewhere, "aud", nil),
		wrong("a token for an audience that begins the same", elsewhere, func(c map[string]any) { c["aud"] = c["aud"].(string) + "/more" }),
		claim("a token of another issuer", "subjects of two issuers could be mixed up", "iss", "https://evil.example.com"),
		claim("a token of no issuer", "subjects of two issuers could be mixed up", "iss", nil),
		wrong("a token of an issuer with a slash at the end", "subjects of two issuers could be mixed up", func(c map[string]any) { c["iss"] = c["iss"].(string) + "/" }),
		wrong("a token that has ended", forever, func(c map[string]any) { c["exp"] = time.Now().Add(-10 * time.Minute).Unix() }),
		claim("a token without an end", forever, "exp", nil),
		claim("a token whose end is no number", forever, "exp", "9999999999"),
		wrong("a token that begins later", "it may have been taken back by then", func(c map[string]any) { c["nbf"] = time.Now().Add(time.Hour).Unix() }),
		claim("a token of nobody", "rules about people would hold for nobody", "sub", nil),
		signed("an ID token", "whoever signs in anywhere at the issuer could call", func(a *attacker) string { return a.Issuer.Mint("JWT", a.good()) }),
		signed("a token with a critical header that nobody knows", "what it demands would be ignored (RFC 7515 §4.1.11)", func(a *attacker) string {
			return sign(a.Issuer.alg, a.Issuer.key, map[string]any{"typ": "at+jwt", "kid": a.keyID(), "crit": []string{"x-must"}, "x-must": true}, a.good())
		}),
		signed("a good token with another payload", "anybody could make tokens", func(a *attacker) string {
			parts := strings.Split(a.Issuer.Mint("at+jwt", a.good()), ".")
			claims := a.good()
			claims["sub"] = "somebody-else"
			return parts[0] + "." + part(claims) + "." + parts[2]
		}),
		signed("a good token without its signature", "anybody could make tokens", func(a *attacker) string {
			token := a.Issuer.Mint("at+jwt", a.good())
			return token[:strings.LastIndexByte(token, '.')+1]
		}),
	}
}

func signed(name, why string, mint func(*attacker) string) Attempt {
	return Attempt{
		Name: name, Why: why, Want: []int{401}, needs: needsIssuer,
		change: func(a *attacker, r *http.Request) { r.Header.Set("Authorization", "Bearer "+mint(a)) },
	}
}

func needsIssuer(a *attacker) string {
	if a.Issuer == nil || a.Audience == "" {
		return "the Target has no Issuer and Audience to make tokens of"
	}
	return ""
}

// good are the claims of the caller, as far as they are known: those of their token,
// or else what somebody would guess.
func (a *attacker) good() map[string]any {
	if claims := claimsOf(a.Caller.Token()); claims != nil {
		claims["exp"] = time.Now().Add(time.Hour).Unix()
		return claims
	}
	claims := a.forged.claims(authlib.Principal{Subject: "admin", ClientID: "mcp"}, a.Caller.url.String())
	claims["scope"] = a.Caller.Scope()
	return claims
}

// claimsOf reads a JWT without checking it; nil for what is none.
func claimsOf(token string) (claims map[string]any) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, err := unb64(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return nil
	}
	return maps.Clone(claims)
}

// keyID is the name of the issuer's key, as far as it is known.
func (a *attacker) keyID() string {
	if a.Issuer == nil {
		return "key-1"
	}
	return a.Issuer.keyID
}

// confused is a token whose MAC is made with the public key, which a verifier checks
// that lets the token choose the algorithm.
func (a *attacker) confused() string {
	from := a.forged
	if a.Issuer != nil {
		from = a.Issuer
	}
	der, err := x509.MarshalPKIXPublicKey(from.key.Public())
	if err != nil {
		a.t.Fatalf("authtest: %v", err)
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	input := signingInput(map[string]any{"alg": "HS256", "typ": "at+jwt", "kid": a.keyID()}, a.good())
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(input))
	return input + "." + b64(m.Sum(nil))
}
