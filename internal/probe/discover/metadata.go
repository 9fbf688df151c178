package discover

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// resource is what is looked at of RFC 9728 §2.
type resource struct {
	Resource string   `json:"resource"`
	Servers  []string `json:"authorization_servers"`
}

// maxServers is how many authorization servers are looked at.
const maxServers = 5

// metadata looks at what a client reads before it signs in.
func (w *walk) metadata(ctx context.Context) {
	at, root := probe.ResourceMetadataURLs(w.target)
	found := w.resourceAt(ctx, stepAt, at, true)
	if root != at {
		if other := w.resourceAt(ctx, stepRoot, root, false); found == nil {
			found = other
		}
	}
	if found == nil {
		w.Skip("there is no metadata of the resource", stepResource, stepIssuer, stepPKCE, stepRegister)
		return
	}
	w.same(found.Resource)
	if len(found.Servers) == 0 {
		w.Bad(stepIssuer, "authorization_servers is empty: a client cannot find where to sign in", "name the issuer: the program does so with every sign-in but API keys")
		w.Skip("no authorization server is named", stepPKCE, stepRegister)
		return
	}
	for _, issuer := range found.Servers[:min(len(found.Servers), maxServers)] {
		w.issuer(ctx, issuer)
	}
}

// resourceAt reads the document at one of its places. It must stand at the endpoint's
// path (RFC 9728 §3.1); at the root only clients look that know no path.
func (w *walk) resourceAt(ctx context.Context, step, u string, needed bool) *resource {
	var m resource
	d := w.http.get(ctx, u, &m)
	switch {
	case d.err == nil:
		w.Good(step, "%s", doctor.Quote(u))
		w.noteCORS("metadata of the resource", d.header)
		return &m
	case !needed:
		w.Skip(fmt.Sprintf("none there (%s), and none need be", d.err), step)
	case d.status == http.StatusNotFound || d.status == http.StatusUnauthorized:
		w.Bad(step, fmt.Sprintf("status %d at %s", d.status, doctor.Quote(u)), "have the proxy pass on "+mustPath(u)+" to the program, which serves it to everybody")
	default:
		w.Bad(step, fmt.Sprintf("%s at %s", d.err, doctor.Quote(u)), "have the proxy pass on "+mustPath(u)+" to the program as it is")
	}
	return nil
}

func mustPath(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	return u.EscapedPath()
}

// same compares what the server takes itself for with the URL that was called, as
// clients do (RFC 9728 §3.3).
func (w *walk) same(says string) {
	called := w.target.String()
	u, err := url.Parse(says)
	found := fmt.Sprintf("the server calls itself %s, clients call it %s and refuse that", doctor.Quote(says), doctor.Quote(called))
	switch {
	case says == called:
		w.Good(stepResource, "it is the URL that was called")
	case strings.TrimSuffix(says, "/") == strings.TrimSuffix(called, "/"):
		w.Bad(stepResource, found, "the two differ by a slash at the end: give clients the one that the server names, or set MCP_RESOURCE_URL to the other")
	case err == nil && u.Host == w.target.Host && u.Path == w.target.Path:
		w.Bad(stepResource, found, fmt.Sprintf("TLS ends at a proxy, and the program does not know: set MCP_RESOURCE_URL=%s and start it again", called))
	case err == nil && u.Host == w.target.Host:
		w.Bad(stepResource, found, fmt.Sprintf("the path is another: set MCP_RESOURCE_URL=%s, or give clients the URL that the server names", called))
	default:
		w.Bad(stepResource, found, proxyCure(w.target))
	}
}
