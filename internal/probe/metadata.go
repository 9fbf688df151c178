package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// documentLimit bounds a metadata document, in bytes.
const documentLimit = 64 << 10

// Well-known path prefixes (RFC 9728 §3, RFC 8414 §3, OpenID Connect Discovery §4).
const (
	wellKnownResource = "/.well-known/oauth-protected-resource"
	wellKnownServer   = "/.well-known/oauth-authorization-server"
	wellKnownOpenID   = "/.well-known/openid-configuration"
)

// resourceMetadata is what is looked at of RFC 9728 §2.
type resourceMetadata struct {
	Resource             string   `json:"resource"`
	AuthorizationServers []string `json:"authorization_servers"`
}

// serverMetadata is what is looked at of RFC 8414 §2.
type serverMetadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Challenge     []string `json:"code_challenge_methods_supported"`
}

// metadata checks what a client reads between the refusal and the sign-in.
func (v *verifier) metadata(ctx context.Context) {
	at, root := ResourceMetadataURLs(v.target)
	found := v.resource(ctx, at, true)
	if root != at {
		if root := v.resource(ctx, root, found == nil); found == nil {
			found = root
		}
	}
	if found == nil {
		v.skip("authorization server metadata", expectServer, "no protected resource metadata names a server")
		return
	}
	for _, issuer := range found.AuthorizationServers[:min(len(found.AuthorizationServers), 5)] {
		v.server(ctx, issuer)
	}
}

// ResourceMetadataURLs returns where the protected resource metadata of the endpoint
// at target stands (RFC 9728 §3.1), and where clients look then: at the root.
func ResourceMetadataURLs(target *url.URL) (at, root string) {
	root = target.Scheme + "://" + target.Host + wellKnownResource
	return root + strings.TrimSuffix(target.EscapedPath(), "/"), root
}

// resource checks the protected resource metadata at u. Unless it is required,
// it may be missing there (RFC 9728 §3.1 demands the form with the path only).
func (v *verifier) resource(ctx context.Context, u string, required bool) *resourceMetadata {
	c := Check{
		Name: "protected resource metadata", Request: "GET " + quote(u),
		Expected: "200, resource equal to the URL of the server, authorization_servers not empty (RFC 9728 §3.3)",
	}
	var m resourceMetadata
	status, err := v.document(ctx, u, &m)
	c.Got, c.Outcome = fmt.Sprintf("%d, resource %s, %d authorization servers", status, quote(m.Resource), len(m.AuthorizationServers)), Failed
	switch {
	case !required && (status == http.StatusNotFound || status == http.StatusUnauthorized): // 401: the path is the MCP server's
		c.Got, c.Outcome, c.Reason = fmt.Sprint(status), NotTried, "nothing to check: the document stands at the path of the endpoint, which is enough"
	case err != nil:
		c.Got, c.Reason = fmt.Sprint(status), err.Error()
	case m.Resource != v.o.URL && !required:
		c.Outcome, c.Reason = NotTried, "nothing to check: it speaks of another server of this origin; the document at the path of the endpoint is enough"
	case m.Resource != v.o.URL:
		c.Reason = fmt.Sprintf("resource is %s, not the URL that was called; clients refuse that", quote(m.Resource))
	case len(m.AuthorizationServers) == 0:
		c.Reason = "authorization_servers is empty, so a client can't find where to sign in"
	default:
		c.Outcome, c.Reason = Allowed, "a client finds where to sign in"
	}
	v.report.add(c)
	if c.Outcome != Allowed {
		return nil
	}
	return &m
}

const expectServer = "200, issuer equal to the one announced, endpoints, S256 (RFC 8414 §3.3, RFC 7636 §4.2)"

// server checks the metadata of one authorization server, at the first of its
// well-known places that answers.
func (v *verifier) server(ctx context.Context, issuer string) {
	c := Check{Name: "authorization server metadata", Request: "GET the metadata of " + quote(issuer), Expected: expectServer, Outcome: Failed}
	places, err := IssuerMetadataURLs(v.target, issuer)
	if err != nil {
		c.Reason = err.Error()
		v.report.add(c)
		return
	}
	var m serverMetadata
	var status int
	for _, u := range places {
		m = serverMetadata{}
		c.Request = "GET " + quote(u)
		if status, err = v.document(ctx, u, &m); err == nil {
			break
		}
	}
	c.Got = fmt.Sprintf("%d, issuer %s", status, quote(m.Issuer))
	if err != nil {
		c.Reason = err.Error()
	} else {
		c.Reason = m.wrong(issuer)
	}
	if c.Reason == "" {
		c.Outcome, c.Reason = Allowed, "a client can sign in there with PKCE"
	}
	v.report.add(c)
}

func (m serverMetadata) wrong(issuer string) string {
	switch {
	case m.Issuer != issuer:
		return fmt.Sprintf("the document says issuer %s, announced was %s (RFC 8414 §3.3)", quote(m.Issuer), quote(issuer))
	case m.Authorization == "" || m.Token == "":
		return "the document lacks authorization_endpoint or token_endpoint"
	case !slices.Contains(m.Challenge, "S256"):
		return "code_challenge_methods_supported lacks S256; MCP clients refuse to go on"
	}
	return ""
}

// IssuerMetadataURLs returns where the metadata of issuer may stand, in the order of
// the MCP authorization specification (2025-11-25). The issuer comes from the server
// at target, which is being looked at: it must not lead us from outside to a local
// address, nor onto plain http anywhere but on loopback.
func IssuerMetadataURLs(target *url.URL, issuer string) ([]string, error) {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("issuer %s is not a plain URL (RFC 8414 §2)", quote(issuer))
	}
	local := loopback(u.Hostname())
	switch {
	case local && !loopback(target.Hostname()):
		return nil, fmt.Errorf("issuer %s is a loopback address, the server is not", quote(issuer))
	case u.Scheme != "https" && !(u.Scheme == "http" && local):
		return nil, fmt.Errorf("issuer %s does not use https", quote(issuer))
	}
	base, path := u.Scheme+"://"+u.Host, strings.TrimSuffix(u.EscapedPath(), "/")
	if path == "" {
		return []string{base + wellKnownServer, base + wellKnownOpenID}, nil
	}
	return []string{base + wellKnownServer + path, base + wellKnownOpenID + path, base + path + wellKnownOpenID}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// document reads the JSON document at u. No token goes with it.
func (v *verifier) document(ctx context.Context, u string, into any) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := plain(v.o.Client).Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return res.StatusCode, fmt.Errorf("status %d instead of the document", res.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, documentLimit)).Decode(into); err != nil {
		return res.StatusCode, fmt.Errorf("not a JSON document of at most %d bytes: %w", documentLimit, err)
	}
	return res.StatusCode, nil
}
