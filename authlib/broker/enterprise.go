package broker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// An EnterpriseIssuer is a company's identity provider, which lets its users' programs
// in without a page here: it gives the program an identity assertion for this server
// (ID-JAG), and the program exchanges it for an access token (MCP Enterprise-Managed
// Authorization; RFC 7523 §2.1). [Config].Allow and Roles are asked as at a sign-in.
type EnterpriseIssuer struct {
	// Name is what rules name it by, such as "work" in "work:domain:acme.com": of the
	// letters a to z, digits and "-", and no provider's.
	Name string
	// Issuer is its issuer identifier, exactly as its assertions spell it.
	Issuer string
	// Keys check what it signs: jwtauth.NewIssuerKeys fetches those it publishes.
	Keys AssertionKeys
}

const (
	grantAssertion = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	profileIDJAG   = "urn:ietf:params:oauth:grant-profile:id-jag"
	typeIDJAG      = "oauth-id-jag+jwt"
	// maxIDJAG is how far the end of an identity assertion may be away. Issuers make
	// them for some minutes.
	maxIDJAG = time.Hour
	// maxSubject is in bytes (OpenID Connect Core §2).
	maxSubject = 255
)

func (c *Config) checkEnterprise() error {
	c.Enterprise = slices.Clone(c.Enterprise)
	names, issuers := map[string]bool{}, map[string]bool{}
	for _, p := range c.Providers {
		if p != nil {
			names[p.Name()] = true
		}
	}
	for i, e := range c.Enterprise {
		u, err := url.Parse(e.Issuer)
		var wrong string
		switch {
		case !validProviderName(e.Name) || names[e.Name]:
			wrong = fmt.Sprintf("Name %.40q is empty, a provider's, used twice or not made of a-z, 0-9 and -", e.Name)
		case err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && provider.IsLoopbackHost(u.Hostname())):
			wrong = "Issuer is not an https URL"
		case issuers[e.Issuer]:
			wrong = "Issuer is there twice"
		case e.Keys == nil:
			wrong = "Keys is nil; jwtauth.NewIssuerKeys makes them"
		case c.Allow == nil:
			wrong = "Config.Allow is nil, so every user of the issuer could come in; say who may, with broker.AllowRules"
		}
		if wrong != "" {
			return fmt.Errorf("broker: Config.Enterprise[%d]: %s", i, wrong)
		}
		names[e.Name], issuers[e.Issuer] = true, true
	}
	return nil
}

// enterpriseIssuer returns the one of that identifier, or nil.
func (b *Broker) enterpriseIssuer(id string) *EnterpriseIssuer {
	for i := range b.cfg.Enterprise {
		if id != "" && b.cfg.Enterprise[i].Issuer == id {
			return &b.cfg.Enterprise[i]
		}
	}
	return nil
}

// enterpriseToken exchanges an identity assertion. There is no refresh token: the
// issuer decides again each time.
func (b *Broker) enterpriseToken(ctx context.Context, c *client, form url.Values) (*tokenAnswer, error) {
	e, a, ends, err := b.openIDJAG(ctx, c, form.Get("assertion"))
	if err != nil {
		return nil, b.assertionError(ctx, c, err)
	}
	scopes, err := b.assertedScopes(a, form)
	if err != nil {
		return nil, err
	}
	if err := b.knownClient(ctx, c); err != nil {
		return nil, err
	}
	si, err := b.welcome(ctx, a.identity(), e.Name, scopes)
	b.tellSignIn(ctx, e.Name, err)
	if errors.Is(err, errNotAllowed) {
		return nil, badRequest("invalid_grant", "this account may not use this server")
	}
	if err == nil {
		err = b.use(ctx, "issuer "+e.Issuer, a, ends)
	}
	if err != nil {
		return nil, b.assertionError(ctx, c, err)
	}
	if err := b.limits.passHolder("user " + userKey(e.Issuer, si.Identity.Subject)); err != nil {
		return nil, err
	}
	b.cfg.Logger.InfoContext(ctx, auditLogin, "client", c.ID, "issuer", e.Issuer, "subject", si.Identity.Subject, "scopes", scopes, "by", "id-jag")
	return b.newShortGrant(ctx, &grant{ClientID: c.ID, SignIn: *si, Wanted: scopes})
}

// assertionError tells what is wrong with an assertion from an outage. The reason is
// for the log: it may be of use to an attacker.
func (b *Broker) assertionError(ctx context.Context, c *client, err error) error {
	if !errors.Is(err, errAssertion) && !errors.Is(err, authlib.ErrInvalidToken) {
		return err
	}
	b.cfg.Logger.WarnContext(ctx, auditAssertionRefused, "client", c.ID, "reason", err)
	return badRequest("invalid_grant", "the assertion is not valid, was used before, or is not meant for this client and server")
}

// knownClient makes sure that a client named by its document has one that we take.
// It is asked for only now that the issuer has vouched for the client.
func (b *Broker) knownClient(ctx context.Context, c *client) error {
	if !c.Document {
		return nil
	}
	found, err := b.findClient(ctx, c.ID)
	if err == nil && found == nil {
		err = &oauthError{Status: http.StatusUnauthorized, Code: "invalid_client", Description: "the client's metadata document cannot be used"}
	}
	return err
}

// openIDJAG checks everything of an identity assertion but whether it was used (MCP
// Enterprise-Managed Authorization §4.3 and §5.1).
func (b *Broker) openIDJAG(ctx context.Context, c *client, jwt string) (*EnterpriseIssuer, assertion, time.Time, error) {
	fail := func(reason string) (*EnterpriseIssuer, assertion, time.Time, error) {
		return nil, nil, time.Time{}, fmt.Errorf("%w: %s", errAssertion, reason)
	}
	e := b.enterpriseIssuer(peek(jwt).str("iss"))
	if e == nil {
		return fail("it is of no issuer that is configured")
	}
	typ, claims, err := e.Keys.Open(ctx, jwt)
	if err != nil {
		return nil, nil, time.Time{}, err
	}
	a := assertion(claims)
	ends, err := a.checkTimes(b.now(), maxIDJAG)
	_, issued := a.time("iat")
	sub := a.str("sub")
	switch {
	case typ != typeIDJAG:
		return fail("its type is not " + typeIDJAG) // such as an ID token
	case err != nil:
		return fail(err.Error())
	case !issued:
		return fail("it does not say when it was issued (iat)")
	case a.str("iss") != e.Issuer:
		return fail("it names another issuer")
	case sub == "" || len(sub) > maxSubject:
		return fail("it names nobody (sub)")
	case a.only("aud") != b.Issuer():
		return fail("it is for another server, or for several (aud)")
	case !sameResource(a.only("resource"), b.resource.String()):
		return fail("it is for another resource, or for several")
	case a.str("client_id") != c.ID:
		return fail("it is for another client (client_id)")
	case a["cnf"] != nil:
		return fail("it is bound to a key (cnf), which is not supported")
	}
	return e, a, ends, nil
}

// assertedScopes are those that the issuer granted, that the client asks for, if it
// asks for any, and that tokens here can carry.
func (b *Broker) assertedScopes(a assertion, form url.Values) ([]string, error) {
	granted, ok1 := parseScopes(a.str("scope"))
	asked, ok2 := parseScopes(form.Get("scope"))
	if !ok1 || !ok2 {
		return nil, badRequest("invalid_scope", "scope is malformed")
	}
	out := intersect(b.cfg.Scopes, granted)
	asked = slices.DeleteFunc(asked, func(s string) bool { return s == offlineAccess })
	if len(asked) == 0 {
		return out, nil
	}
	if out = intersect(out, asked); len(out) == 0 {
		return nil, badRequest("invalid_scope", "the issuer granted none of these scopes")
	}
	return out, nil
}

// identity is who the assertion is about. Only what the issuer vouches for is a name.
func (a assertion) identity() *provider.Identity {
	claims := maps.Clone(map[string]any(a))
	for _, protocol := range []string{"iss", "aud", "exp", "iat", "nbf", "jti", "client_id", "resource", "scope"} {
		delete(claims, protocol)
	}
	id := &provider.Identity{Issuer: a.str("iss"), Subject: a.str("sub"), Email: a.str("email"), Claims: claims}
	id.Scopes = strings.Fields(a.str("scope"))
	if id.EmailVerified = id.Email != "" && a["email_verified"] == true; id.EmailVerified {
		id.Username = id.Email
	}
	return id
}
