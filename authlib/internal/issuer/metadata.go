package issuer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// metadataFor is how long metadata is used before it is fetched again.
const metadataFor = 6 * time.Hour

// Metadata is what this program needs of an authorization server's metadata (RFC
// 8414 §2, OpenID Connect Discovery 1.0 §3).
type Metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	UserInfo      string   `json:"userinfo_endpoint"`
	Keys          string   `json:"jwks_uri"`
	Scopes        []string `json:"scopes_supported"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	IssuerParam   bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207 §3
}

// Metadata returns the issuer's metadata. An error means that the issuer could
// not be asked, or publishes something unusable.
func (i *Issuer) Metadata(ctx context.Context) (*Metadata, error) {
	m, err := i.metadata.get(ctx)
	if err != nil {
		return nil, fmt.Errorf("the metadata of %s: %w", i.URL, err)
	}
	return m, nil
}

// places are the addresses at which metadata may be, in the order to try.
func places(u *url.URL, how Discovery) []string {
	origin, path := u.Scheme+"://"+u.Host, strings.TrimSuffix(u.EscapedPath(), "/")
	appended := origin + path + "/.well-known/openid-configuration"
	if how == OpenID {
		return []string{appended}
	}
	out := []string{origin + "/.well-known/oauth-authorization-server" + path, origin + "/.well-known/openid-configuration" + path}
	if path != "" {
		out = append(out, appended)
	}
	return out
}

// discover takes the first metadata that there are.
func (i *Issuer) discover(ctx context.Context, u *url.URL, how Discovery) (*Metadata, time.Duration, error) {
	var errs []error
	for _, place := range places(u, how) {
		m, err := i.readMetadata(ctx, place)
		if err == nil {
			return m, metadataFor, nil
		}
		errs = append(errs, err)
	}
	return nil, 0, errors.Join(errs...)
}

func (i *Issuer) readMetadata(ctx context.Context, place string) (*Metadata, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, place, nil)
	if err != nil {
		return nil, err
	}
	m := &Metadata{}
	status, _, err := i.Client.JSON(req, m)
	switch {
	case err != nil:
		return nil, err
	case status != http.StatusOK:
		return nil, fmt.Errorf("%s answered %d", place, status)
	case m.Issuer != i.URL:
		// Another issuer's metadata here is an attack or a mistake (RFC 8414 §3.3).
		return nil, fmt.Errorf("%s names the issuer %.200q; configure exactly that if it is the one you mean", place, m.Issuer)
	}
	return m, i.checkEndpoints(m)
}

func (i *Issuer) checkEndpoints(m *Metadata) error {
	for name, s := range map[string]string{
		"authorization_endpoint": m.Authorization, "token_endpoint": m.Token, "userinfo_endpoint": m.UserInfo, "jwks_uri": m.Keys,
	} {
		if s == "" {
			continue
		}
		if _, err := checkURL(s, i.loopback); err != nil {
			return fmt.Errorf("%s %.200q: %w", name, s, err)
		}
	}
	return nil
}
