package broker

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// Limits of registration: anybody can register, so its cost is bounded.
const (
	maxRegistration = 32 << 10 // bytes
	maxRedirects    = 10
	maxRedirectSize = 4 << 10 // bytes, of all together: what 10,000 clients keep in memory
	maxClients      = 10_000
	unusedTTL       = 24 * time.Hour
	// crowdedTTL holds once half of the clients are taken, so that a flood ends
	// soon after it stops.
	crowdedTTL = 15 * time.Minute
)

// registration is what we read of a client's metadata (RFC 7591 §2). Its scope is
// not read: clients ask for more later, and it must not bind them.
type registration struct {
	RedirectURIs    []string `json:"redirect_uris"`
	Method          string   `json:"token_endpoint_auth_method"`
	GrantTypes      []string `json:"grant_types"`
	ResponseTypes   []string `json:"response_types"`
	ClientName      string   `json:"client_name"`
	ApplicationType string   `json:"application_type"`
}

// registered is the answer (RFC 7591 §3.2.1). Strict clients refuse null and
// empty members, so there are none.
type registered struct {
	ClientID        string   `json:"client_id"`
	IssuedAt        int64    `json:"client_id_issued_at"`
	Secret          string   `json:"client_secret,omitempty"`
	SecretExpiresAt *int64   `json:"client_secret_expires_at,omitempty"`
	ClientName      string   `json:"client_name,omitempty"`
	RedirectURIs    []string `json:"redirect_uris"`
	GrantTypes      []string `json:"grant_types"`
	ResponseTypes   []string `json:"response_types"`
	Method          string   `json:"token_endpoint_auth_method"`
	ApplicationType string   `json:"application_type,omitempty"`
}

func (b *Broker) serveRegister(w http.ResponseWriter, r *http.Request) {
	if err := b.limits.pass(doorRegister, r); err != nil {
		b.writeError(w, r, err)
		return
	}
	answer, err := b.registerBody(w, r)
	var refused *oauthError
	b.tellRegistration(r.Context(), "dynamic", err, errors.As(err, &refused))
	if err != nil {
		b.writeError(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, answer)
}

func (b *Broker) registerBody(w http.ResponseWriter, r *http.Request) (*registered, error) {
	body, err := readBody(w, r, "application/json", "invalid_client_metadata", maxRegistration)
	if err != nil {
		return nil, err
	}
	reg, err := parseRegistration(body)
	if err != nil {
		return nil, err
	}
	return b.register(r.Context(), reg)
}

// parseRegistration reads and checks client metadata, and fills in what the
// client left to us.
func parseRegistration(body []byte) (*registration, error) {
	reg := &registration{}
	if err := json.Unmarshal(body, reg); err != nil {
		return nil, badRequest("invalid_client_metadata", "the body is not a JSON object of client metadata")
	}
	if len(reg.RedirectURIs) == 0 || len(reg.RedirectURIs) > maxRedirects {
		return nil, badRequest("invalid_redirect_uri", fmt.Sprintf("redirect_uris must have 1 to %d members", maxRedirects))
	}
	size := 0
	for i, s := range reg.RedirectURIs {
		if _, err := parseRedirect(s); err != nil {
			return nil, badRequest("invalid_redirect_uri", fmt.Sprintf("redirect_uris[%d]: %v", i, err))
		}
		size += len(s)
	}
	if size > maxRedirectSize {
		return nil, badRequest("invalid_redirect_uri", "redirect_uris have more than 4 KiB together")
	}
	// The RFC's default is client_secret_basic, but a client that does not care
	// cannot keep a secret either; the answer tells it (RFC 7591 §3.2.1).
	if reg.Method == "" {
		reg.Method = "none"
	}
	if !slices.Contains(authMethods(), reg.Method) {
		return nil, badRequest("invalid_client_metadata", "token_endpoint_auth_method must be none, client_secret_basic or client_secret_post")
	}
	if len(reg.ResponseTypes) > 0 && !slices.Contains(reg.ResponseTypes, "code") {
		return nil, badRequest("invalid_client_metadata", "response_types must contain code")
	}
	// A client that names no grant gets both, or its users would have to sign
	// in every hour.
	if len(reg.GrantTypes) == 0 {
		reg.GrantTypes = []string{"authorization_code", "refresh_token"}
	}
	if !slices.Contains(reg.GrantTypes, "authorization_code") {
		return nil, badRequest("invalid_client_metadata", "grant_types must contain authorization_code")
	}
	reg.ClientName = printable(reg.ClientName, 80)
	if reg.ApplicationType != "native" && reg.ApplicationType != "web" {
		reg.ApplicationType = ""
	}
	return reg, nil
}

// register makes a client, or finds the one that the same metadata made before.
func (b *Broker) register(ctx context.Context, reg *registration) (*registered, error) {
	c := &client{
		Name: reg.ClientName, RedirectURIs: reg.RedirectURIs, Method: reg.Method,
		Refresh: slices.Contains(reg.GrantTypes, "refresh_token"), Created: b.now(),
	}
	secret := ""
	var err error
	if c.Method == "none" {
		c.ID, err = b.publicClientID(c)
	} else {
		// Never shared: whoever sends the same metadata must not learn the secret.
		c.ID, secret, err = newSecretClient()
		c.SecretHash = hash(secret)
	}
	if err != nil {
		return nil, err
	}
	if err := b.saveNewClient(ctx, c); err != nil {
		return nil, err
	}
	b.cfg.Logger.InfoContext(ctx, auditRegistered, "client", c.ID, "name", c.Name, "redirects", printable(strings.Join(c.RedirectURIs, " "), 200))
	return c.answer(reg.ApplicationType, secret), nil
}

// publicClientID depends on everything that the user consents to, so that
// changed metadata is another client.
func (b *Broker) publicClientID(c *client) (string, error) {
	meta, err := json.Marshal([]any{c.Name, c.RedirectURIs, c.Refresh})
	return base64.RawURLEncoding.EncodeToString(b.ring.MAC("client", meta)[:18]), err
}

func newSecretClient() (id, secret string, err error) {
	raw, err1 := randomBytes(18)
	secret, err2 := randomString()
	return base64.RawURLEncoding.EncodeToString(raw), secret, errors.Join(err1, err2)
}

func (b *Broker) saveNewClient(ctx context.Context, c *client) error {
	n, err := b.store.Count(ctx, kindClient)
	if err != nil {
		return err
	}
	old, version, err := load[client](ctx, b.store, kindClient, c.ID)
	switch {
	case err == nil && old.Used:
		return nil
	case err == nil:
		c.Created = old.Created
	case !errors.Is(err, session.ErrNotFound):
		return err
	case n >= maxClients:
		return &oauthError{Status: http.StatusTooManyRequests, Code: "temporarily_unavailable", Description: "too many clients are registered", after: time.Minute, door: doorRegister.String()}
	}
	ttl := unusedTTL
	if n >= maxClients/2 {
		ttl = crowdedTTL
	}
	err = save(ctx, b.store, kindClient, c.ID, c, b.now().Add(ttl), version)
	if errors.Is(err, session.ErrConflict) {
		return nil // somebody else just wrote the same
	}
	return err
}

func (c *client) answer(applicationType, secret string) *registered {
	a := &registered{
		ClientID: c.ID, IssuedAt: c.Created.Unix(), Secret: secret, ClientName: c.Name,
		RedirectURIs: c.RedirectURIs, GrantTypes: []string{"authorization_code"},
		ResponseTypes: []string{"code"}, Method: c.Method, ApplicationType: applicationType,
	}
	if c.Refresh {
		a.GrantTypes = append(a.GrantTypes, "refresh_token")
	}
	if secret != "" {
		a.SecretExpiresAt = new(int64) // 0: it does not expire
	}
	return a
}

// keepClient lets a client that somebody signed in with live as long as the
// family it got.
func (b *Broker) keepClient(ctx context.Context, known *client) error {
	if known.Document {
		return nil
	}
	id := known.ID
	for {
		c, version, err := load[client](ctx, b.store, kindClient, id)
		if err != nil {
			return err
		}
		c.Used = true
		err = save(ctx, b.store, kindClient, id, c, b.now().Add(b.cfg.FamilyTTL+time.Hour), version)
		if !errors.Is(err, session.ErrConflict) {
			return err
		}
	}
}

// findClient returns nil for an unknown client.
func (b *Broker) findClient(ctx context.Context, id string) (*client, error) {
	if isDocumentID(id) && !b.cfg.NoClientDocuments {
		c, err := b.documentClient(ctx, id)
		if errors.Is(err, errDocument) {
			return nil, nil
		}
		return c, err
	}
	if id == "" || len(id) > 256 {
		return nil, nil
	}
	c, _, err := load[client](ctx, b.store, kindClient, id)
	if errors.Is(err, session.ErrNotFound) {
		return nil, nil
	}
	return c, err
}
