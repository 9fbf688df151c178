package broker

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
)

// Two brokers on one origin and one mux, with one store and one key: a user signs in
// at each, and what one gave means nothing to the other.
func TestTwoBrokersOnOneOrigin(t *testing.T) {
	dir := t.TempDir()
	be := newBench(t, files(dir, 1))
	first := be.b
	second := be.newBroker(func(c *Config) {
		files(dir, 1)(c)
		c.Resource, c.PathIssuer = be.srv.URL+"/admin", true
		p, err := dev.New(dev.Config{Resource: c.Resource, PathIssuer: true, Code: devCode, Out: io.Discard, Now: be.clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		c.Providers = []provider.Provider{p}
	})
	mux := http.NewServeMux()
	for _, b := range []*Broker{first, second} {
		for _, path := range b.Paths() {
			mux.Handle(path, b) // panics where they clash
		}
	}
	be.serve(mux)

	one := be.signIn()
	be.b = second
	if second.Issuer() != be.srv.URL+"/admin" {
		t.Fatalf("issuer %s", second.Issuer())
	}
	two := be.signIn()
	be.wantValid(two.access)
	be.wantInvalid(one.access)
	be.refused(one.refreshForm(), "invalid_client")
	be.b = first
	be.wantValid(one.access)
	be.wantInvalid(two.access)
	be.refused(two.refreshForm(), "invalid_client")
}

// RFC 8414 §3.1 and OpenID Connect Discovery §4 put the path in different places.
func TestMetadataOfPathIssuer(t *testing.T) {
	be := newBench(t, func(c *Config) { c.PathIssuer, c.Providers = true, []provider.Provider{pathDev(t, c.Resource)} })
	issuer := be.srv.URL + "/mcp"
	for _, path := range []string{pathMetadata + "/mcp", pathOIDC + "/mcp", "/mcp" + pathOIDC} {
		res, err := http.Get(be.srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		m := be.decode(res, http.StatusOK)
		if m["issuer"] != issuer || m["token_endpoint"] != issuer+"/oauth/token" || m["registration_endpoint"] != issuer+"/oauth/register" {
			t.Errorf("%s: %v", path, m)
		}
	}
	res, err := http.Get(be.srv.URL + pathMetadata)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("the origin's metadata: %s; it is not this issuer's", res.Status)
	}
}

func pathDev(t *testing.T, resource string) *dev.Provider {
	p, err := dev.New(dev.Config{Resource: resource, PathIssuer: true, Code: devCode, Out: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestIssuerPath(t *testing.T) {
	for in, want := range map[string]string{"/": "", "": "", "/mcp": "/mcp", "/a/b/": "/a/b", "/a_b.c~1": "/a_b.c~1"} {
		got, err := provider.IssuerPath(&url.URL{Path: in})
		if got != want || err != nil {
			t.Errorf("IssuerPath(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"/a//b", "/a b", "/{x}", "/a/../b", "/./", "/ä", "//", "/a;b"} {
		if got, err := provider.IssuerPath(&url.URL{Path: in}); err == nil {
			t.Errorf("IssuerPath(%q) = %q, want an error", in, got)
		}
	}
}
