package oidc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/oidc"
)

// What an issuer answers to a refresh token decides whether the sign-in is over or
// can only not be looked at now. Dex answers invalid_request where the standard has
// invalid_grant: taken for an outage, its users' clients would try again for ever.
func TestRefusedRefreshTokens(t *testing.T) {
	for _, tt := range []struct {
		status int
		code   string
		over   bool
	}{
		{400, "invalid_grant", true},
		{400, "invalid_request", true}, // dex
		{400, "invalid_client", false},
		{401, "invalid_client", false},
		{400, "temporarily_unavailable", false},
		{500, "invalid_request", false},
		{503, "", false},
	} {
		is := authtest.NewIssuer(t)
		p := newProvider(t, is, func(c *oidc.Config) {
			c.HTTPClient = &http.Client{Transport: refuses{tt.status, fmt.Sprintf(`{"error":%q}`, tt.code)}}
		})
		tok := signIn(t, p)
		_, err := p.Refresh(context.Background(), tok)
		if err == nil || errors.Is(err, provider.ErrInvalidToken) != tt.over {
			t.Errorf("%d %s: %v; the sign-in is over: %v", tt.status, tt.code, err, tt.over)
		}
	}
}

// refuses answers every refresh in one way.
type refuses struct {
	status int
	body   string
}

func (f refuses) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != authtest.IssuerToken || r.Body == nil {
		return http.DefaultTransport.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !strings.Contains(string(body), "grant_type=refresh_token") {
		return http.DefaultTransport.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: f.status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(f.body)), Request: r,
	}, nil
}
