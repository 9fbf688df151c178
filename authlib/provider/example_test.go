package provider_test

import (
	"context"
	"fmt"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// An intranet is a provider of one's own. (One with OpenID Connect needs no code: that is
// package oidc.)
type intranet struct{ oauth oauth2.Config }

func (p intranet) Name() string { return "intranet" }

func (p intranet) AuthCodeURL(_ context.Context, req provider.AuthRequest) (string, error) {
	return p.oauth.AuthCodeURL(req.State, oauth2.SetAuthURLParam("redirect_uri", req.RedirectURL),
		oauth2.SetAuthURLParam("code_challenge", req.Challenge), oauth2.SetAuthURLParam("code_challenge_method", "S256")), nil
}

func (p intranet) Exchange(ctx context.Context, req provider.ExchangeRequest) (*oauth2.Token, error) {
	return p.oauth.Exchange(ctx, req.Code, oauth2.VerifierOption(req.Verifier), oauth2.SetAuthURLParam("redirect_uri", req.RedirectURL))
}

func (p intranet) Refresh(context.Context, *oauth2.Token) (*oauth2.Token, error) {
	return nil, provider.ErrNoRefresh // users sign in again
}

// Identify has to ask whose token it is, and whether it was issued to this very client.
func (p intranet) Identify(context.Context, *oauth2.Token) (*provider.Identity, error) {
	return &provider.Identity{Issuer: "https://intranet.acme.test", Subject: "42", Username: "ada"}, nil
}

func Example() {
	p := intranet{oauth2.Config{ClientID: "mcp", Endpoint: oauth2.Endpoint{AuthURL: "https://intranet.acme.test/authorize", TokenURL: "https://intranet.acme.test/token"}}}
	allow, err := broker.AllowRules("user:ada")
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := broker.New(broker.Config{Resource: "https://mcp.acme.test/mcp", Providers: []provider.Provider{p}, Allow: allow})
	fmt.Println(b, err)

	to, err := p.AuthCodeURL(context.Background(), provider.AuthRequest{
		State: "s", Challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", RedirectURL: "https://mcp.acme.test/oauth/callback/intranet",
	})
	u, _ := url.Parse(to)
	fmt.Println(u.Host, u.Query().Get("code_challenge_method"), err)
	// Output:
	// broker.Broker(https://mcp.acme.test) <nil>
	// intranet.acme.test S256 <nil>
}

// A token of a user goes to the API that it is for, and nowhere else.
func ExampleSendsTo() {
	origins := []string{"https://api.acme.test", "https://*.googleapis.com"}
	for _, s := range []string{
		"https://api.acme.test/v1/notes", "https://drive.googleapis.com/v3/files",
		"http://api.acme.test/", "https://api.acme.test.evil.test/", "https://googleapis.com.evil.test/", "https://user@api.acme.test/",
	} {
		u, err := url.Parse(s)
		fmt.Println(provider.SendsTo(origins, u), err)
	}
	// Output:
	// true <nil>
	// true <nil>
	// false <nil>
	// false <nil>
	// false <nil>
	// false <nil>
}
