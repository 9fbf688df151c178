package peers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

// goSDK is a program written with the official Go SDK. Its client does all by
// itself: it reads the challenge, registers, signs in, refreshes and steps up.
type goSDK struct {
	*user
	o        Options
	handler  *auth.AuthorizationCodeHandler
	session  *mcp.ClientSession
	clientID string // of the last authorization request
}

// GoSDK returns a program written with the official Go SDK. Options.Scopes are not
// looked at: the client asks for what the server's challenge says.
func GoSDK(o Options) (Peer, error) {
	u, err := newUser(o)
	if err != nil {
		return nil, err
	}
	p := &goSDK{user: u, o: o}
	config := &auth.AuthorizationCodeHandlerConfig{
		Client: o.HTTP, RedirectURL: callback, RequestRefreshToken: true, AuthorizationCodeFetcher: p.fetch,
	}
	if o.Document != "" {
		config.ClientIDMetadataDocumentConfig = &auth.ClientIDMetadataDocumentConfig{URL: o.Document}
	} else {
		config.DynamicClientRegistrationConfig = &auth.DynamicClientRegistrationConfig{Metadata: metadata(o)}
	}
	p.handler, err = auth.NewAuthorizationCodeHandler(config)
	return p, err
}

func metadata(o Options) *oauthex.ClientRegistrationMetadata {
	return &oauthex.ClientRegistrationMetadata{
		ClientName: "a go-sdk program", RedirectURIs: []string{callback}, ResponseTypes: []string{"code"},
		GrantTypes: []string{"authorization_code", "refresh_token"}, TokenEndpointAuthMethod: cmp.Or(o.Method, "none"),
	}
}

// fetch is the user's part of a sign-in.
func (p *goSDK) fetch(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
	at, err := url.Parse(args.URL)
	if err != nil {
		return nil, err
	}
	p.clientID = at.Query().Get("client_id")
	q, err := p.signIn(ctx, args.URL)
	if err != nil {
		return nil, err
	}
	return &auth.AuthorizationResult{Code: q.Get("code"), State: q.Get("state"), Iss: q.Get("iss")}, nil
}

func (p *goSDK) Connect(ctx context.Context) (err error) {
	c := mcp.NewClient(&mcp.Implementation{Name: "a go-sdk program", Version: "1"}, nil)
	p.session, err = c.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: p.o.URL, HTTPClient: p.o.HTTP, OAuthHandler: p.handler, MaxRetries: -1, DisableStandaloneSSE: true,
	}, nil)
	return err
}

func (p *goSDK) Call(ctx context.Context, tool string, args map[string]any) (string, error) {
	res, err := p.session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		return "", err
	}
	if len(res.Content) != 1 || res.IsError {
		return "", fmt.Errorf("%s: %d parts, error %v", tool, len(res.Content), res.IsError)
	}
	text, ok := res.Content[0].(*mcp.TextContent)
	if !ok {
		return "", fmt.Errorf("%s: no text", tool)
	}
	return text.Text, nil
}

func (p *goSDK) Ask(context.Context, ...string) error { return ErrCannot }

func (p *goSDK) Tokens(ctx context.Context) (Tokens, error) {
	source, err := p.handler.TokenSource(ctx)
	if err != nil {
		return Tokens{}, err
	}
	if source == nil {
		return Tokens{}, errors.New("the server asked for no token")
	}
	t, err := source.Token()
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{t.AccessToken, t.RefreshToken, p.clientID}, nil
}

func (p *goSDK) SignOut(ctx context.Context) error { return p.signOut(ctx, p.o.URL) }

func (p *goSDK) Close() error {
	if p.session == nil {
		return nil
	}
	return p.session.Close()
}
