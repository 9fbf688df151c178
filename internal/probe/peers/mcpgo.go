package peers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// Protocol is the MCP version that a program written with mcp-go names here. The
// newest one that mcp-go knows is spoken by servers without sessions only: a
// server made with the official SDK that keeps sessions refuses it.
const Protocol = "2025-11-25"

// mcpGo is a program written with mcp-go. Its client refreshes by itself; the rest
// it leaves to the program, which does it as mcp-go's own example does.
type mcpGo struct {
	*user
	o       Options
	config  client.OAuthConfig
	client  *client.Client
	handler *transport.OAuthHandler // of the last sign-in
}

// MCPGo returns a program written with mcp-go. Its client has no use for
// Options.Document.
func MCPGo(o Options) (Peer, error) { return mcpGoWith(o, client.NewMemoryTokenStore()) }

// mcpGoWith is MCPGo with tokens that other programs of the user have as well.
func mcpGoWith(o Options, store client.TokenStore) (*mcpGo, error) {
	u, err := newUser(o)
	if err != nil {
		return nil, err
	}
	config := client.OAuthConfig{
		RedirectURI: callback, Scopes: o.Scopes, TokenStore: store, PKCEEnabled: true, HTTPClient: o.HTTP,
	}
	if o.Method != "" {
		config.ClientSecret = "registration replaces it" // it makes the client ask for a secret of its own
	}
	return &mcpGo{user: u, o: o, config: config}, nil
}

func (p *mcpGo) Connect(ctx context.Context) error {
	var options []transport.StreamableHTTPCOption
	if p.o.HTTP != nil {
		options = append(options, transport.WithHTTPBasicClient(p.o.HTTP))
	}
	c, err := client.NewOAuthStreamableHttpClient(p.o.URL, p.config, options...)
	if err != nil {
		return err
	}
	p.client = c
	if err := c.Start(ctx); err != nil {
		return err
	}
	req := mcp.InitializeRequest{}
	req.Params.ProtocolVersion, req.Params.ClientInfo = cmp.Or(p.o.Protocol, Protocol), mcp.Implementation{Name: "an mcp-go program", Version: "1"}
	return p.signedIn(ctx, func() error { _, err := c.Initialize(ctx, req); return err })
}

// signedIn does what needs a user, and signs one in where the server says so.
func (p *mcpGo) signedIn(ctx context.Context, do func() error) error {
	err := do()
	if !client.IsOAuthAuthorizationRequiredError(err) {
		return err
	}
	if err := p.register(ctx, client.GetOAuthHandler(err)); err != nil {
		return err
	}
	return do()
}

// register makes the client known, unless it is, and signs the user in.
func (p *mcpGo) register(ctx context.Context, h *transport.OAuthHandler) error {
	if h.GetClientID() == "" {
		if err := h.RegisterClient(ctx, "an mcp-go program"); err != nil {
			return err
		}
	}
	return p.authorize(ctx, h)
}

func (p *mcpGo) authorize(ctx context.Context, h *transport.OAuthHandler) error {
	verifier, err1 := client.GenerateCodeVerifier()
	state, err2 := client.GenerateState()
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	authURL, err := h.GetAuthorizationURL(ctx, state, client.GenerateCodeChallenge(verifier))
	if err != nil {
		return err
	}
	q, err := p.signIn(ctx, authURL)
	if err != nil {
		return err
	}
	p.handler, p.config.ClientID, p.config.ClientSecret = h, h.GetClientID(), h.GetClientSecret()
	return h.ProcessAuthorizationResponse(ctx, q.Get("code"), q.Get("state"), verifier)
}

func (p *mcpGo) Call(ctx context.Context, tool string, args map[string]any) (string, error) {
	req := mcp.CallToolRequest{}
	req.Params.Name, req.Params.Arguments = tool, args
	var res *mcp.CallToolResult
	err := p.signedIn(ctx, func() (err error) { res, err = p.client.CallTool(ctx, req); return err })
	if err != nil {
		return "", err
	}
	if len(res.Content) != 1 || res.IsError {
		return "", fmt.Errorf("%s: %d parts, error %v", tool, len(res.Content), res.IsError)
	}
	text, ok := res.Content[0].(mcp.TextContent)
	if !ok {
		return "", fmt.Errorf("%s: no text", tool)
	}
	return text.Text, nil
}

// Ask keeps the registration: it is the same program.
func (p *mcpGo) Ask(ctx context.Context, scopes ...string) error {
	if err := p.Close(); err != nil {
		return err
	}
	p.config.Scopes = scopes
	if err := p.config.TokenStore.SaveToken(ctx, &client.Token{}); err != nil {
		return err
	}
	return p.Connect(ctx)
}

func (p *mcpGo) Tokens(ctx context.Context) (Tokens, error) {
	if p.handler == nil {
		return Tokens{}, errors.New("the server asked for no token")
	}
	if _, err := p.handler.GetAuthorizationHeader(ctx); err != nil { // refreshes
		return Tokens{}, err
	}
	t, err := p.config.TokenStore.GetToken(ctx)
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{t.AccessToken, t.RefreshToken, p.handler.GetClientID()}, nil
}

// expire makes the client believe that its access token has just ended.
func (p *mcpGo) expire(ctx context.Context) error {
	t, err := p.config.TokenStore.GetToken(ctx)
	if err != nil {
		return err
	}
	old := *t
	old.ExpiresAt = time.Now().Add(-time.Second)
	return p.config.TokenStore.SaveToken(ctx, &old)
}

func (p *mcpGo) SignOut(ctx context.Context) error { return p.signOut(ctx, p.o.URL) }

func (p *mcpGo) Close() error {
	if p.client == nil {
		return nil
	}
	return p.client.Close()
}
