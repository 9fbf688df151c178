package doctor

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/jwtauth"
)

// introspect asks the issuer about the token (RFC 7662).
func (c *checking) introspect(ctx context.Context) {
	c.Good(stepForm, "the issuer is asked about it, whatever its form")
	v, err := jwtauth.NewIntrospection(jwtauth.IntrospectionConfig{
		Issuer: c.o.Issuer, Endpoint: c.o.Introspection, ClientID: c.o.ClientID, ClientSecret: c.o.ClientSecret,
		Audience: c.o.audience(), HTTPClient: c.o.HTTPClient, Now: c.o.Now,
	})
	if err != nil {
		c.Stop(stepVerifier, err.Error(), "set the variables as the program has them")
		return
	}
	p, err := v.Verify(ctx, c.token)
	c.judge(p, err, "it ended, was revoked, or is another issuer's: sign in again")
}

// jwt checks one claim after the other, also after one that is wrong, and asks the
// program's own verifier last: it has the last word.
func (c *checking) jwt(ctx context.Context) {
	typ, claims, err := readJWT(c.token)
	if err != nil {
		c.Bad(stepForm, err.Error(), "give the access token, not a part of it")
		return
	}
	c.Good(stepForm, "a signed JWT")
	v, err := jwtauth.New(jwtauth.Config{Issuer: c.o.Issuer, Audience: c.o.audience(), AnyType: c.o.AnyType, HTTPClient: c.o.HTTPClient, Now: c.o.Now})
	if err != nil {
		c.Stop(stepVerifier, err.Error(), "set the variables as the program has them")
		return
	}
	c.issuer(claims)
	if !c.signature(ctx) {
		return
	}
	c.typ(typ, claims)
	c.audiences(claims)
	c.times(claims)
	p, err := v.Verify(ctx, c.token)
	c.verdict(p, err)
}

// readJWT reads a token as it presents itself. Nothing of it is authentic.
func readJWT(token string) (typ string, claims map[string]any, err error) {
	parts := strings.Split(token, ".")
	var header struct {
		Typ string `json:"typ"`
	}
	if decodePart(parts[0], &header) != nil || decodePart(parts[1], &claims) != nil || claims == nil {
		return "", nil, errors.New("it has the form of a JWT, and cannot be read as one")
	}
	return strings.TrimPrefix(strings.ToLower(header.Typ), "application/"), claims, nil
}

func decodePart(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func (c *checking) issuer(claims map[string]any) {
	is, _ := claims["iss"].(string)
	if is == c.o.Issuer {
		c.Good(stepIssued, "%s", Quote(is))
		return
	}
	cure := "get a token from the issuer that the program trusts, or set OIDC_ISSUER to this one"
	if strings.TrimSuffix(is, "/") == strings.TrimSuffix(c.o.Issuer, "/") {
		cure = "the two differ by a slash at the end: set OIDC_ISSUER letter for letter as tokens have it"
	}
	c.Bad(stepIssued, fmt.Sprintf("%s (want %s)", Quote(is), Quote(c.o.Issuer)), cure)
}

// signature checks by the issuer's keys. It reports whether they could be had.
func (c *checking) signature(ctx context.Context) bool {
	keys, err := jwtauth.NewIssuerKeys(jwtauth.IssuerKeysConfig{Issuer: c.o.Issuer, HTTPClient: c.o.HTTPClient, Now: c.o.Now})
	if err == nil {
		_, _, err = keys.Open(ctx, c.token)
	}
	switch {
	case err == nil:
		c.Good(stepSignature, "made by a key of the issuer")
	case errors.Is(err, authlib.ErrInvalidToken):
		c.Bad(stepSignature, strings.TrimPrefix(err.Error(), "authlib: "), "it was signed by somebody else, changed, or its key was withdrawn: get a new token")
	default:
		c.Stop(stepSignature, err.Error(), "the program answers 503 while this lasts: see that the issuer's metadata and keys can be read from here")
		c.Skip("the issuer's keys could not be had", stepType, stepAudience, stepExpiry, stepScopes)
		return false
	}
	return true
}

// typ keeps ID tokens out (RFC 9068 §4).
func (c *checking) typ(typ string, claims map[string]any) {
	switch {
	case typ == "at+jwt", c.o.AnyType && (typ == "" || typ == "jwt"):
		c.Good(stepType, "%s", Quote(typ))
	case claims["nonce"] != nil || claims["at_hash"] != nil:
		c.Bad(stepType, Quote(typ)+" (want \"at+jwt\"): it looks like an ID token", "send the access token: the ID token is for the client only")
	default:
		c.Bad(stepType, Quote(typ)+" (want \"at+jwt\")", "have the issuer mark access tokens (RFC 9068); for one that cannot, set AnyType: true in the wiring, and try doctor token --any-type")
	}
}

func (c *checking) audiences(claims map[string]any) {
	auds := stringsOf(claims["aud"])
	want := c.o.audience()
	var shown []string
	for _, a := range auds[:min(len(auds), 5)] {
		shown = append(shown, Quote(a))
	}
	if slices.ContainsFunc(auds, func(a string) bool { return sameURL(a, want) }) {
		c.Good(stepAudience, "%s", Quote(want))
		return
	}
	found := strings.Join(shown, ", ")
	if found == "" {
		found = "none"
	}
	c.Bad(stepAudience, fmt.Sprintf("%s (want %s)", found, Quote(want)),
		"ask the issuer for a token with that audience: clients send it as the parameter resource (RFC 8707); for an issuer with names of its own, set MCP_AUDIENCE")
}

func stringsOf(v any) []string {
	if one, ok := v.(string); ok {
		return []string{one}
	}
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// sameURL compares as the verifier does: without regard to the case of the host and a
// slash at the end.
func sameURL(a, b string) bool {
	return a != "" && (a == b || plainURL(a) != "" && plainURL(a) == plainURL(b))
}

func plainURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || strings.ContainsAny(s, "?#") {
		return ""
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	return strings.TrimSuffix(u.String(), "/")
}

// jwtLeeway is what the verifier allows for clocks that differ.
const jwtLeeway = 30 * time.Second

// times looks at when the token begins; its end is looked at by expiry.
func (c *checking) times(claims map[string]any) {
	ends, ok := claims["exp"].(float64)
	if !ok {
		c.Bad(stepExpiry, "it has no end (exp)", "have the issuer set one: tokens without are not taken")
		return
	}
	for _, name := range []string{"nbf", "iat"} {
		at, ok := claims[name].(float64)
		if ok && c.o.Now().Add(jwtLeeway).Before(time.Unix(int64(at), 0)) {
			c.Bad(stepExpiry, "it begins in the future ("+name+")", "set the clocks of the issuer and of this machine by NTP")
			return
		}
	}
	c.expiry(time.Unix(int64(ends), 0).Add(jwtLeeway))
}

// verdict is the program's own, with the scopes that it would see.
func (c *checking) verdict(p *authlib.Principal, err error) {
	switch {
	case err == nil:
		c.scopes(p.Scopes)
		c.Good(stepVerdict, "the program takes it")
	case !c.OK:
		c.Bad(stepVerdict, "the program refuses it with 401 invalid_token", "mend what is wrong above")
	default:
		c.Bad(stepVerdict, strings.TrimPrefix(err.Error(), "authlib: "), "get a new token")
	}
}
