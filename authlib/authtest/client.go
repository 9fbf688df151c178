package authtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Answers fill in the pages on which a user signs in, by the names of their fields:
// "user" and "code" on the dev provider's page; "provider" chooses one where there
// are several, and "answer": "deny" declines. What is not named stays as the page has
// it, and consent is given.
type Answers map[string]string

// A Client is an MCP client over streamable HTTP whose user needs no browser. It
// keeps to the MCP authorization specification, and is no more lenient than real
// clients are. It is for one goroutine at a time, and its requests end after 30
// seconds.
type Client struct {
	// HTTP is used for its Transport. Set it before the first call, for a server with
	// a certificate of one's own or for [Google.Transport].
	HTTP *http.Client
	// Version is the protocol version that it asks for; "2025-06-18" at first.
	Version string
	// Scopes are what a sign-in asks for. At first, when nil, it is what the challenge
	// names, or else all that the metadata know, as clients do (MCP authorization, Scope
	// Selection Strategy).
	Scopes []string

	t       testing.TB
	url     *url.URL
	answers Answers
	app     *application // nil: not registered
	tokens  tokens
	session string // Mcp-Session-Id; "" for none
	agreed  string // protocol version; "": not initialized
	lastID  int
}

// tokens are what a sign-in gave.
type tokens struct{ access, refresh, scope string }

// NewClient returns a client of the MCP endpoint at url that nobody has signed in
// with. It ends its session with t.
func NewClient(t testing.TB, endpoint string) *Client {
	t.Helper()
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		t.Fatalf("authtest: %q is not the URL of an MCP endpoint", endpoint)
	}
	c := &Client{t: t, url: u, Version: "2025-06-18"}
	t.Cleanup(c.leave)
	return c
}

// String names the endpoint. A Client holds tokens, which are not shown.
func (c *Client) String() string { return "authtest.Client(" + c.url.String() + ")" }

// GoString is String, for %#v.
func (c *Client) GoString() string { return c.String() }

// SignIn signs a user in: it calls the server, follows the challenge to the metadata,
// registers, goes through the pages with answers, and redeems the code. It fails the
// test if that does not work, and returns c.
func (c *Client) SignIn(answers Answers) *Client {
	c.t.Helper()
	if err := c.TrySignIn(answers); err != nil {
		c.t.Fatalf("authtest: sign in to %s: %v", c.url, err)
	}
	return c
}

// TrySignIn is SignIn for users who may be turned away: the error says where it
// ended. A user who may not sign in ends with the authorization server's error, such
// as access_denied.
func (c *Client) TrySignIn(answers Answers) error {
	ctx, cancel := timeout()
	defer cancel()
	challenge, err := c.challenged(ctx)
	if err != nil {
		return err
	}
	c.leave()
	c.answers, c.agreed = answers, ""
	scope := challenge["scope"]
	if c.Scopes != nil {
		scope = strings.Join(c.Scopes, " ")
	}
	return c.authorize(ctx, challenge, scope)
}

// UseToken makes c send a token that came from elsewhere, such as [Issuer.Token] or
// an API key, and returns c.
func (c *Client) UseToken(token string) *Client {
	c.forget()
	c.tokens = tokens{access: token}
	return c
}

// Token is the access token that c sends; "" without a sign-in. It is a secret.
func (c *Client) Token() string { return c.tokens.access }

// Scope is what the token was issued for, as far as its issuer said so, with spaces
// between.
func (c *Client) Scope() string { return c.tokens.scope }

// Refresh gets new tokens for the refresh token. One that was used, revoked or never
// given is an error.
func (c *Client) Refresh() error {
	if c.app == nil || c.tokens.refresh == "" {
		return errors.New("authtest: there is no refresh token")
	}
	ctx, cancel := timeout()
	defer cancel()
	return c.redeem(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {c.tokens.refresh}})
}

// SignOut revokes the tokens (RFC 7009) and keeps them, so that a test can see them
// refused.
func (c *Client) SignOut() error {
	if c.app == nil || c.app.server.Revocation == "" {
		return errors.New("authtest: there is nowhere to revoke the token")
	}
	token := c.tokens.refresh
	if token == "" {
		token = c.tokens.access
	}
	ctx, cancel := timeout()
	defer cancel()
	return c.post(ctx, c.app.server.Revocation, url.Values{"token": {token}, "client_id": {c.app.id}}, nil)
}

// StepUp signs the user in again for the scopes that a refusal asked for, along with
// those that the token has, as clients do (MCP authorization, Step-Up Authorization
// Flow). A refusal that names no scopes is an error: nothing would help.
func (c *Client) StepUp(no *Refusal) error {
	if no == nil || no.Challenge["error"] != "insufficient_scope" || no.Challenge["scope"] == "" {
		return errors.New("authtest: the refusal asks for no scopes, so that signing in again would not help")
	}
	ctx, cancel := timeout()
	defer cancel()
	return c.authorize(ctx, no.Challenge, union(c.tokens.scope, no.Challenge["scope"]))
}

func timeout() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 30*time.Second)
}

// send does one request and reads its answer, up to 4 MiB. Redirects are answers.
func (c *Client) send(r *http.Request) (*http.Response, []byte, error) {
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if c.HTTP != nil {
		client.Transport = c.HTTP.Transport
	}
	res, err := client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := read(res)
	return res, body, err
}

const maxAnswer = 4 << 20

// read reads an answer. Of an event stream that stays open it is the first message
// with a result or an error.
func read(res *http.Response) ([]byte, error) {
	limited := io.LimitReader(res.Body, maxAnswer)
	if isStream(res) {
		return firstAnswer(limited)
	}
	return io.ReadAll(limited)
}
