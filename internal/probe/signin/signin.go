// Package signin signs in to a guarded MCP server the way a real client does:
// with the OAuth client of the official Go SDK. The person in front of the
// browser is replaced by a function.
package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

// A Browser opens authURL, does what a person would do on the pages that come,
// and returns the URL that the last page sends the browser to: the client's
// redirect URI with code, state and iss in its query. It doesn't call that URL.
type Browser func(ctx context.Context, authURL string) (callback *url.URL, err error)

// Options of [Connect].
type Options struct {
	URL      string       // the MCP endpoint
	Browser  Browser      // required
	Redirect string       // redirect URI; "" means http://127.0.0.1:7777/callback, where nothing need listen
	HTTP     *http.Client // nil means http.DefaultClient
}

// A Session is an MCP session of a signed-in user. It is safe for concurrent use.
type Session struct {
	session *mcp.ClientSession
	handler *auth.AuthorizationCodeHandler
	options Options
}

// Connect opens an MCP session with o.URL. When the server refuses, as it must,
// it follows the challenge: reads the metadata, registers a client, sends
// o.Browser to the authorization endpoint, redeems the code with PKCE, and tries
// again. A server that lets everybody in never sends the browser anywhere;
// [Session.Token] is then an error.
func Connect(ctx context.Context, o Options) (*Session, error) {
	if o.Browser == nil {
		return nil, errors.New("sign in: no browser")
	}
	handler, err := newHandler(o)
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	return connect(ctx, o, handler)
}

// Again opens another MCP session as the same user, with the same tokens. It is
// what a client does when the server answers 404 to its session: so does a server
// that lets strangers in when one of them has signed in, since a session that
// began without a user never becomes a user's.
func (s *Session) Again(ctx context.Context) (*Session, error) {
	return connect(ctx, s.options, s.handler)
}

func connect(ctx context.Context, o Options, handler *auth.AuthorizationCodeHandler) (*Session, error) {
	client := mcp.NewClient(&mcp.Implementation{Name: "mcp-migrate", Version: "1.0.0"}, nil)
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint:             o.URL,
		HTTPClient:           o.HTTP,
		OAuthHandler:         handler,
		MaxRetries:           -1,
		DisableStandaloneSSE: true, // nothing is awaited from the server
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("sign in to %s: %w", o.URL, err)
	}
	return &Session{session: session, handler: handler, options: o}, nil
}

func newHandler(o Options) (*auth.AuthorizationCodeHandler, error) {
	redirect := o.Redirect
	if redirect == "" {
		redirect = "http://127.0.0.1:7777/callback"
	}
	return auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		Client: o.HTTP,
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{
			Metadata: &oauthex.ClientRegistrationMetadata{
				ClientName:              "mcp-migrate",
				RedirectURIs:            []string{redirect},
				GrantTypes:              []string{"authorization_code", "refresh_token"},
				ResponseTypes:           []string{"code"},
				TokenEndpointAuthMethod: "none",
			},
		},
		AuthorizationCodeFetcher: o.Browser.fetch,
	})
}

// Token signs in to the server at o.URL without opening an MCP session, and
// returns an access token, which is a secret. It shows a token that no server can
// have issued, so that a server which lets strangers in asks for a sign-in too.
func Token(ctx context.Context, o Options) (string, error) {
	if o.Browser == nil {
		return "", errors.New("sign in: no browser")
	}
	handler, err := newHandler(o)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.URL, nil)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", "Bearer not-a-token")
	client := o.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		return "", fmt.Errorf("sign in: the server answers %s to a token that is none, not 401", res.Status)
	}
	if err := handler.Authorize(ctx, req, res); err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	access, _, err := (&Session{handler: handler}).tokens(ctx)
	return access, err
}

// fetch adapts b to what the SDK wants.
func (b Browser) fetch(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
	back, err := b(ctx, args.URL)
	if err != nil {
		return nil, err
	}
	q := back.Query()
	if e := q.Get("error"); e != "" {
		return nil, fmt.Errorf("the authorization server refused: %q %q", e, q.Get("error_description"))
	}
	return &auth.AuthorizationResult{Code: q.Get("code"), State: q.Get("state"), Iss: q.Get("iss")}, nil
}

// Tools returns the names of the tools that the user sees, in the server's order.
func (s *Session) Tools(ctx context.Context) ([]string, error) {
	var names []string
	for t, err := range s.session.Tools(ctx, nil) {
		if err != nil {
			return nil, fmt.Errorf("list tools: %w", err)
		}
		names = append(names, t.Name)
	}
	return names, nil
}

// CallTool calls tool name and returns the text of its result. A result that is
// an error is an error.
func (s *Session) CallTool(ctx context.Context, name string, args map[string]any) (string, error) {
	res, err := s.session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		return "", fmt.Errorf("call %s: %w", name, err)
	}
	text := texts(res.Content)
	if res.IsError {
		return "", fmt.Errorf("call %s: %s", name, text)
	}
	return text, nil
}

// Prompt gets prompt name and returns the text of its messages, one a line.
func (s *Session) Prompt(ctx context.Context, name string) (string, error) {
	res, err := s.session.GetPrompt(ctx, &mcp.GetPromptParams{Name: name})
	if err != nil {
		return "", fmt.Errorf("get prompt %s: %w", name, err)
	}
	var content []mcp.Content
	for _, m := range res.Messages {
		content = append(content, m.Content)
	}
	return texts(content), nil
}

func texts(content []mcp.Content) string {
	var all []string
	for _, c := range content {
		if t, ok := c.(*mcp.TextContent); ok {
			all = append(all, t.Text)
		}
	}
	return strings.Join(all, "\n")
}

// Token returns the access token that the session uses at the moment. It is a
// secret. Without a sign-in there is none, which is an error.
func (s *Session) Token(ctx context.Context) (string, error) {
	access, _, err := s.tokens(ctx)
	return access, err
}

// RefreshToken returns the refresh token that belongs to [Session.Token], a
// secret as well. A server that gave none is an error.
func (s *Session) RefreshToken(ctx context.Context) (string, error) {
	_, refresh, err := s.tokens(ctx)
	if err == nil && refresh == "" {
		err = errors.New("the server gave no refresh token")
	}
	return refresh, err
}

func (s *Session) tokens(ctx context.Context) (access, refresh string, err error) {
	source, err := s.handler.TokenSource(ctx)
	if err != nil {
		return "", "", err
	}
	if source == nil {
		return "", "", errors.New("the server asked for no token")
	}
	t, err := source.Token()
	if err != nil {
		return "", "", err
	}
	return t.AccessToken, t.RefreshToken, nil
}

// Close ends the session.
func (s *Session) Close() error { return s.session.Close() }
