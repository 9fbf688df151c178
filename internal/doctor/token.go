package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/apikey"
)

// TokenOptions say what a token is checked against: what the migrated program checks.
type TokenOptions struct {
	Place            // of the sessions, for tokens that the program issued
	Ways    []string // how callers are known: the values of --provider
	Issuer  string   // of jwt
	Aud     string   // what tokens must name as their audience; "" is Place.Resource
	AnyType bool     // takes JWTs without typ at+jwt, as jwtauth.Config.AnyType
	Scopes  []string // what every operation demands
	// Introspection is the endpoint that is asked about tokens; "" if JWTs are checked by keys.
	Introspection, ClientID, ClientSecret string
	KeysFile                              string // of apikey
	HTTPClient                            *http.Client
	Now                                   func() time.Time
}

// audience is what tokens must name.
func (o TokenOptions) audience() string {
	if o.Aud != "" {
		return o.Aud
	}
	return o.Resource
}

// The steps of a token.
const (
	stepForm      = "form"
	stepVerifier  = "verifier"
	stepIssued    = "issuer"
	stepSignature = "signature"
	stepType      = "type"
	stepAudience  = "audience"
	stepExpiry    = "expiry"
	stepScopes    = "scopes"
	stepSignIn    = "sign-in"
	stepVerdict   = "verdict"
)

// maxToken bounds a token, in bytes.
const maxToken = 16 << 10

// Token checks a token as the migrated program would, and says which check it passes.
// Nothing of the token but its issuer, audience, type, times and scopes is shown.
func Token(ctx context.Context, token string, o TokenOptions) *Report {
	if o.Now == nil {
		o.Now = time.Now
	}
	r := New("token", "a token for "+Quote(o.audience()))
	token, ok := trim(r, token)
	if !ok {
		return r
	}
	c := &checking{Report: r, o: o, token: token}
	c.route(ctx)
	return r
}

// trim takes away what was pasted along.
func trim(r *Report, token string) (string, bool) {
	token = strings.TrimSpace(token)
	if rest, found := strings.CutPrefix(token, "Bearer "); found {
		r.Warn(stepForm, "the word Bearer stands in front of it", "it belongs into the header once: Authorization: Bearer TOKEN")
		token = strings.TrimSpace(rest)
	}
	switch {
	case token == "":
		r.Stop(stepForm, "there is no token", "pipe it in: mcp-migrate doctor token < token.txt")
	case len(token) > maxToken:
		r.Stop(stepForm, fmt.Sprintf("it is longer than %d bytes", maxToken), "give one token and nothing else")
	case strings.ContainsAny(token, " \t\r\n"):
		r.Stop(stepForm, "there is space within it", "give one token and nothing else: an editor may have broken the line")
	}
	return token, !r.Unreachable
}

// A checking is one run of Token.
type checking struct {
	*Report
	o     TokenOptions
	token string
}

// brokered are the ways in which the program issues tokens itself.
var brokered = []string{"github", "google", "oidc", "dev"}

// route finds the verifier that takes tokens of this form.
func (c *checking) route(ctx context.Context) {
	own := slices.ContainsFunc(c.o.Ways, func(w string) bool { return slices.Contains(brokered, w) })
	jwt := slices.Contains(c.o.Ways, "jwt")
	switch {
	case strings.HasPrefix(c.token, "mcpat_") || strings.HasPrefix(c.token, "mcprt_"):
		c.ownToken(ctx, own)
	case strings.HasPrefix(c.token, apikey.Prefix):
		c.apiKey(ctx)
	case jwt && c.o.Introspection != "":
		c.introspect(ctx)
	case jwt && strings.Count(c.token, ".") == 2:
		c.jwt(ctx)
	default:
		c.foreign(own)
	}
}

// strangers are what tokens of others begin with.
var strangers = map[string]string{
	"gho_": "GitHub", "ghp_": "GitHub", "ghu_": "GitHub", "github_pat_": "GitHub", "ya29.": "Google",
}

// foreign is for a token that no verifier of the program takes.
func (c *checking) foreign(own bool) {
	for prefix, who := range strangers {
		if strings.HasPrefix(c.token, prefix) {
			c.Bad(stepForm, "it is a token of "+who+"'s own API, which no MCP server may take (MCP authorization, Token Passthrough)",
				"sign in at the MCP server: its client gets a token that is meant for it")
			return
		}
	}
	found := "no verifier of the program takes a token of this form; it knows callers by " + strings.Join(c.o.Ways, ", ")
	if own {
		c.Bad(stepForm, found, "tokens that the program issues begin with mcpat_: sign in at it for one")
		return
	}
	c.Bad(stepForm, found, "get a token from the configured issuer for the audience "+c.o.audience())
}

// apiKey looks a key up in the file.
func (c *checking) apiKey(ctx context.Context) {
	if !slices.Contains(c.o.Ways, "apikey") {
		c.Bad(stepForm, "it is an API key, and the program takes none", "add the provider: mcp-migrate --provider apikey")
		return
	}
	c.Good(stepForm, "an API key")
	v, err := apikey.LoadFile(c.o.KeysFile)
	if err != nil {
		c.Stop(stepVerifier, "the list of keys cannot be read: "+plainPath(err, c.o.KeysFile), "set MCP_API_KEYS_FILE as the program has it")
		return
	}
	v.Now = c.o.Now
	p, err := v.Verify(ctx, c.token)
	c.judge(p, err, "add its hash to the file, and start the program again: it reads it once")
}

// plainPath keeps a path out of an error: the variable may be secret.
func plainPath(err error, path string) string {
	if path == "" {
		return err.Error()
	}
	return strings.ReplaceAll(err.Error(), path, "the file")
}

// judge tells what a verifier of the program said of the whole token.
func (c *checking) judge(p *authlib.Principal, err error, cure string) {
	switch {
	case err == nil:
		c.Good(stepVerdict, "the program takes it")
		c.expiry(p.Expiry)
		c.scopes(p.Scopes)
	case errors.Is(err, authlib.ErrTokenExpired):
		c.Bad(stepExpiry, "it has ended", "a client refreshes, or its user signs in again")
	case errors.Is(err, authlib.ErrWrongAudience):
		c.Bad(stepAudience, "it is not for "+Quote(c.o.audience()), "ask the issuer for a token with that audience: clients send it as the parameter resource (RFC 8707)")
	case errors.Is(err, authlib.ErrInvalidToken):
		c.Bad(stepVerdict, strings.TrimPrefix(err.Error(), "authlib: "), cure)
	default:
		c.Stop(stepVerifier, err.Error(), "the program answers 503 while this lasts: see that the issuer runs, and that its URL and credentials are right")
	}
}

func (c *checking) expiry(ends time.Time) {
	switch now := c.o.Now(); {
	case ends.IsZero():
		c.Good(stepExpiry, "it has no end")
	case !now.Before(ends):
		c.Bad(stepExpiry, "it ended "+short(now.Sub(ends))+" ago", "a client refreshes, or its user signs in again")
	default:
		c.Good(stepExpiry, "it ends in %s", short(ends.Sub(now)))
	}
}

// scopes compares with what every operation demands. A token without them is good, and
// of little use.
func (c *checking) scopes(has []string) {
	var missing []string
	for _, s := range c.o.Scopes {
		if !slices.Contains(has, s) {
			missing = append(missing, s)
		}
	}
	found := Quote(strings.Join(has, " "))
	if len(missing) > 0 {
		c.Bad(stepScopes, found+" lacks "+Quote(strings.Join(missing, " ")), "calls are answered with 403 insufficient_scope, which names the scopes: the client signs in for them, if the issuer grants them")
		return
	}
	c.Good(stepScopes, "%s", found)
}
