package authtest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
)

// An application is what a client is registered as.
type application struct {
	id       string
	server   serverMetadata
	resource string
}

// callback is where the browser would come back to; nobody need listen there.
const callback = "http://127.0.0.1:7777/callback"

type serverMetadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Registration  string   `json:"registration_endpoint"`
	Revocation    string   `json:"revocation_endpoint"`
	Methods       []string `json:"code_challenge_methods_supported"`
	SaysIssuer    bool     `json:"authorization_response_iss_parameter_supported"`
}

type resourceMetadata struct {
	Resource string   `json:"resource"`
	Servers  []string `json:"authorization_servers"`
	Scopes   []string `json:"scopes_supported"`
}

// challenged calls the server as somebody who has not signed in, and returns its
// challenge. A server that lets strangers in is shown a token that is none.
func (c *Client) challenged(ctx context.Context) (map[string]string, error) {
	for _, token := range []string{"", "not-a-token"} {
		status, header, _, err := c.exchange(ctx, token, "", request(1, "ping", nil))
		if err != nil {
			return nil, err
		}
		if status == http.StatusUnauthorized {
			return bearer(header)
		}
		if status/100 != 2 {
			return nil, fmt.Errorf("a stranger's first request is answered with %d, not with 401", status)
		}
	}
	return nil, errors.New("the server takes a token that nobody issued: it is not protected")
}

// authorize goes through the authorization code flow for scope.
func (c *Client) authorize(ctx context.Context, challenge map[string]string, scope string) error {
	about, err := c.about(ctx, challenge["resource_metadata"])
	if err != nil {
		return err
	}
	if c.app == nil {
		if c.app, err = c.register(ctx, about); err != nil {
			return err
		}
	}
	if scope == "" {
		scope = strings.Join(about.Scopes, " ")
	}
	state, verifier := random(), random()+random()
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {c.app.id}, "redirect_uri": {callback}, "state": {state}, "resource": {c.app.resource},
		"code_challenge": {b64(sum[:])}, "code_challenge_method": {"S256"},
	}
	if scope != "" {
		q.Set("scope", scope)
	}
	back, err := robot.SignIn(ctx, c.HTTP, withQuery(c.app.server.Authorization, q), c.answers)
	if err != nil {
		return err
	}
	if err := c.app.check(back.Query(), state); err != nil {
		return err
	}
	return c.redeem(ctx, url.Values{"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}, "code_verifier": {verifier}, "redirect_uri": {callback}})
}

// check looks at what the browser brought back (RFC 6749 §4.1.2, RFC 9207 §2.4).
func (a *application) check(q url.Values, state string) error {
	switch {
	case q.Get("state") != state:
		return errors.New("the answer belongs to another sign-in: its state is not ours")
	case a.server.SaysIssuer && q.Get("iss") != a.server.Issuer:
		return fmt.Errorf("the answer is from issuer %q, not from %q", q.Get("iss"), a.server.Issuer)
	case q.Get("error") != "":
		return fmt.Errorf("the authorization server answers %q: %s", q.Get("error"), q.Get("error_description"))
	case q.Get("code") == "":
		return errors.New("the answer has no code")
	}
	return nil
}

// about reads the metadata of the protected resource (RFC 9728 §3).
func (c *Client) about(ctx context.Context, address string) (m resourceMetadata, err error) {
	if address == "" {
		return m, errors.New("the challenge names no resource_metadata")
	}
	if err := c.get(ctx, address, &m); err != nil {
		return m, err
	}
	if m.Resource != c.url.String() {
		return m, fmt.Errorf("the metadata are those of %q, not of %q", m.Resource, c.url)
	}
	if len(m.Servers) == 0 {
		return m, errors.New("the metadata name no authorization server")
	}
	return m, nil
}

// register finds the authorization server and registers with it (RFC 8414, RFC 7591).
func (c *Client) register(ctx context.Context, about resourceMetadata) (*application, error) {
	app := &application{resource: about.Resource}
	if err := c.discover(ctx, about.Servers[0], &app.server); err != nil {
		return nil, err
	}
	m := app.server
	switch {
	case m.Issuer != about.Servers[0]:
		return nil, fmt.Errorf("the metadata of issuer %q are those of %q", about.Servers[0], m.Issuer)
	case !slices.Contains(m.Methods, "S256"):
		return nil, fmt.Errorf("the authorization server at %s does not announce PKCE with S256", m.Issuer)
	case m.Registration == "":
		return nil, fmt.Errorf("nobody can register at %s; use Client.UseToken with a token of its own", m.Issuer)
	}
	body, err := json.Marshal(map[string]any{
		"client_name": "authtest", "redirect_uris": []string{callback}, "token_endpoint_auth_method": "none",
		"grant_types": []string{"authorization_code", "refresh_token"}, "response_types": []string{"code"},
	})
	if err != nil {
		return nil, err
	}
	var registered struct {
		ID string `json:"client_id"`
	}
	if err := c.ask(ctx, http.MethodPost, m.Registration, "application/json", string(body), &registered); err != nil {
		return nil, err
	}
	app.id = registered.ID
	return app, nil
}

// discover tries the places where an issuer's metadata may be (RFC 8414 §3.1, OpenID
// Connect Discovery §4), in the order of the MCP specification.
func (c *Client) discover(ctx context.Context, issuer string, m *serverMetadata) error {
	u, err := url.Parse(issuer)
	if err != nil {
		return err
	}
	path := strings.TrimSuffix(u.Path, "/")
	places := []string{"/.well-known/oauth-authorization-server" + path, "/.well-known/openid-configuration" + path}
	if path != "" {
		places = append(places, path+"/.well-known/openid-configuration")
	}
	for _, place := range places {
		u.Path = place
		if err = c.get(ctx, u.String(), m); err == nil {
			return nil
		}
	}
	return err
}

// redeem gets tokens for a code or a refresh token, and begins anew with them.
func (c *Client) redeem(ctx context.Context, form url.Values) error {
	form.Set("client_id", c.app.id)
	form.Set("resource", c.app.resource)
	var answer struct {
		Access  string `json:"access_token"`
		Type    string `json:"token_type"`
		Refresh string `json:"refresh_token"`
		Scope   string `json:"scope"`
	}
	if err := c.post(ctx, c.app.server.Token, form, &answer); err != nil {
		return err
	}
	if answer.Access == "" || !strings.EqualFold(answer.Type, "Bearer") {
		return fmt.Errorf("the token endpoint gives no bearer token, but one of type %q", answer.Type)
	}
	c.tokens = tokens{answer.Access, answer.Refresh, answer.Scope}
	return nil
}

func (c *Client) get(ctx context.Context, address string, into any) error {
	return c.ask(ctx, http.MethodGet, address, "", "", into)
}

func (c *Client) post(ctx context.Context, address string, form url.Values, into any) error {
	return c.ask(ctx, http.MethodPost, address, "application/x-www-form-urlencoded", form.Encode(), into)
}

// ask sends body and reads JSON; into may be nil. No part of body is in an error.
func (c *Client) ask(ctx context.Context, method, address, contentType, body string, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "application/json")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	res, answer, err := c.send(r)
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers %d: %s", address, res.StatusCode, excerpt(answer))
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	return nil
}

func withQuery(address string, q url.Values) string {
	if strings.Contains(address, "?") {
		return address + "&" + q.Encode()
	}
	return address + "?" + q.Encode()
}

// union is each scope of both lists once.
func union(a, b string) string {
	var out []string
	for _, s := range strings.Fields(a + " " + b) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}
