package broker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// A Machine is a program that uses the server as itself: it gets access tokens by the
// client credentials grant (RFC 6749 §4.4), and no user signs in. It has Keys, which
// is better, or a secret.
type Machine struct {
	// ID is its client ID, of visible ASCII characters; it must not begin with
	// "https://".
	ID string
	// Keys check what it signs to authenticate (private_key_jwt, RFC 7523 §2.2).
	Keys AssertionKeys
	// SecretSHA256 is the SHA-256 of its secret, in hex. Take a secret of
	// [NewMachineSecret]: one that a person made up can be guessed.
	SecretSHA256 string `json:"-"`
	// Scopes are those that its tokens can carry, all among Config.Scopes.
	Scopes []string
	// Roles are given to it.
	Roles []string
}

// String shows neither keys nor the secret's hash.
func (m Machine) String() string { return fmt.Sprintf("broker.Machine{ID: %q}", m.ID) }

// GoString is String, for %#v.
func (m Machine) GoString() string { return m.String() }

// NewMachineSecret returns a secret of 256 random bits and its hash for
// [Machine].SecretSHA256. The secret is to be shown once and kept nowhere here.
func NewMachineSecret() (secret, sha256 string, err error) {
	s, err := randomString()
	if err != nil {
		return "", "", err
	}
	secret = "mcpms_" + s
	return secret, hex.EncodeToString(hash(secret)), nil
}

// maxMachineAssertion is how far the end of a machine's assertion may be away. It is
// made for one request.
const maxMachineAssertion = 10 * time.Minute

// grantMachine is the grant type of machines.
const grantMachine = "client_credentials"

func (c *Config) checkMachines() error {
	c.Machines = slices.Clone(c.Machines)
	seen := map[string]bool{}
	for i, m := range c.Machines {
		if err := c.checkMachine(m); err != nil {
			return fmt.Errorf("broker: Config.Machines[%d]: %w", i, err)
		}
		if seen[m.ID] {
			return fmt.Errorf("broker: Config.Machines[%d]: ID %q is there twice", i, m.ID)
		}
		seen[m.ID] = true
	}
	return nil
}

func (c *Config) checkMachine(m Machine) error {
	if !validScope(m.ID) || strings.HasPrefix(m.ID, "https://") {
		return fmt.Errorf("ID %.60q is empty, has more than 200 characters or others than visible ASCII, or begins with https://", m.ID)
	}
	if (m.Keys == nil) == (m.SecretSHA256 == "") {
		return errors.New("it must have either Keys or SecretSHA256, and not both")
	}
	if sum, err := hex.DecodeString(m.SecretSHA256); m.Keys == nil && (err != nil || len(sum) != sha256.Size) {
		return errors.New("SecretSHA256 is not 64 hexadecimal digits; write the hash of the secret, never the secret")
	}
	for _, s := range m.Scopes {
		if !slices.Contains(c.Scopes, s) {
			return fmt.Errorf("scope %.60q is not among Config.Scopes", s)
		}
	}
	for _, r := range m.Roles {
		if r == "" || strings.ContainsAny(r, " \t\r\n") {
			return fmt.Errorf("%.60q is no role", r)
		}
	}
	return nil
}

// machine returns the machine of that ID, or nil.
func (b *Broker) machine(id string) *Machine {
	for i := range b.cfg.Machines {
		if b.cfg.Machines[i].ID == id {
			return &b.cfg.Machines[i]
		}
	}
	return nil
}

// hasSecret compares a secret with the machine's. A machine with keys has none.
func (m *Machine) hasSecret(secret string) bool {
	sum, err := hex.DecodeString(m.SecretSHA256)
	return err == nil && m.Keys == nil && len(sum) == sha256.Size && equal(hash(secret), sum)
}

// assertingMachine returns the machine that a form with a client assertion (RFC 7521
// §4.2) says it is from; nil if it is from no machine with keys.
func (b *Broker) assertingMachine(form url.Values) *Machine {
	if !form.Has("client_assertion") {
		return nil
	}
	id := form.Get("client_id")
	if id == "" {
		id = peek(form.Get("client_assertion")).str("sub")
	}
	if m := b.machine(id); m != nil && m.Keys != nil {
		return m
	}
	return nil
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// authenticateAsserted checks the assertion of a machine with keys.
func (b *Broker) authenticateAsserted(ctx context.Context, m *Machine, r *http.Request, form url.Values) (*client, error) {
	if len(r.Header.Values("Authorization")) > 0 || form.Has("client_secret") || form.Get("client_assertion_type") != assertionType {
		return nil, badRequest("invalid_request", "the client must authenticate in one way, with an assertion of type "+assertionType)
	}
	err := b.checkMachineAssertion(ctx, m, form.Get("client_assertion"))
	if errors.Is(err, errAssertion) || errors.Is(err, authlib.ErrInvalidToken) {
		b.cfg.Logger.WarnContext(ctx, auditClientRefused, "client", m.ID, "reason", err)
		return nil, &oauthError{Status: http.StatusUnauthorized, Code: "invalid_client", Description: "the client assertion is refused"}
	}
	if err != nil {
		return nil, err
	}
	return &client{ID: m.ID, Method: "private_key_jwt", machine: m}, nil
}

// checkMachineAssertion checks an assertion (RFC 7523 §3, OpenID Connect Core §9).
func (b *Broker) checkMachineAssertion(ctx context.Context, m *Machine, jwt string) error {
	typ, claims, err := m.Keys.Open(ctx, jwt)
	if err != nil {
		return err
	}
	a := assertion(claims)
	ends, err := a.checkTimes(b.now(), maxMachineAssertion)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errAssertion, err)
	case typ != "" && typ != "jwt" && typ != "client-authentication+jwt":
		return fmt.Errorf("%w: it is of another type", errAssertion)
	case a.str("iss") != m.ID || a.str("sub") != m.ID:
		return fmt.Errorf("%w: iss and sub must be the client ID", errAssertion)
	case !b.isOwnAudience(a.only("aud")):
		return fmt.Errorf("%w: it is for another server, or for several (aud)", errAssertion)
	}
	return b.use(ctx, "machine "+m.ID, a, ends)
}

// isOwnAudience takes the issuer, and the token endpoint as RFC 7523 §3 does.
func (b *Broker) isOwnAudience(aud string) bool {
	return aud == b.Issuer() || aud == b.Issuer()+pathToken
}

// machineToken is the client credentials grant (RFC 6749 §4.4). There is no refresh
// token: the machine authenticates again.
func (b *Broker) machineToken(ctx context.Context, c *client, form url.Values) (*tokenAnswer, error) {
	if c.machine == nil {
		return nil, badRequest("unauthorized_client", "this client may not use client_credentials")
	}
	if err := b.limits.passHolder("machine " + c.ID); err != nil {
		return nil, err
	}
	asked, ok := parseScopes(form.Get("scope"))
	if !ok {
		return nil, badRequest("invalid_scope", "scope is malformed")
	}
	scopes, err := c.machine.scopes(asked)
	if err != nil {
		return nil, err
	}
	si := signIn{Identity: provider.Identity{Issuer: b.machineIssuer(), Subject: c.ID, Username: c.ID}, Scopes: scopes, Roles: c.machine.Roles}
	a, err := b.newShortGrant(ctx, &grant{ClientID: c.ID, SignIn: si, Wanted: scopes, Machine: true})
	if err == nil {
		b.cfg.Logger.InfoContext(ctx, auditMachineToken, "client", c.ID, "scopes", scopes)
	}
	return a, err
}

// machineIssuer is the issuer of machines' names: no user of a provider has it.
func (b *Broker) machineIssuer() string { return b.Issuer() + "/oauth/machine" }

// scopes returns those asked for that the machine may have; for none asked, all.
func (m *Machine) scopes(asked []string) ([]string, error) {
	asked = slices.DeleteFunc(asked, func(s string) bool { return s == offlineAccess })
	if len(asked) == 0 {
		return slices.Clone(m.Scopes), nil
	}
	out := intersect(m.Scopes, asked)
	if len(out) == 0 {
		return nil, badRequest("invalid_scope", "this client may have none of these scopes")
	}
	return out, nil
}

func intersect(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !slices.Contains(other, s) })
}

// asConfigured takes from a machine's token what the machine may no longer have, and
// reports whether it may have one at all. Others' are left as they are.
func (b *Broker) asConfigured(a *access, g *grant) bool {
	if !g.Machine {
		return true
	}
	m := b.machine(g.ClientID)
	if m == nil {
		return false
	}
	a.Scopes, g.SignIn.Roles = intersect(a.Scopes, m.Scopes), slices.Clone(m.Roles)
	return true
}
