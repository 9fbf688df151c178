package broker

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// FuzzDocument checks that a document which is taken says of itself what we keep
// of it, and that we keep nothing that could mislead whoever is asked to consent.
func FuzzDocument(f *testing.F) {
	f.Add(documentID, []byte(goodDocument()))
	f.Add(documentID, []byte(strings.Replace(goodDocument(), "none", "client_secret_basic", 1)))
	f.Add(documentID, []byte(strings.Replace(goodDocument(), `"Doc"`, `"\u202eDoc\n"`, 1)))
	f.Add(documentID, []byte(`{"client_id":"`+documentID+`","Client_ID":"https://evil.test/x","client_name":"x","redirect_uris":["https://app.test/cb"]}`))
	f.Add("https://client.test/x", []byte(`{"client_id":"https://client.test/x","client_secret":null,"client_name":"x","redirect_uris":["app.test:/cb","a:b"]}`))
	f.Fuzz(func(t *testing.T, id string, body []byte) {
		c, err := parseDocument(id, body)
		if err != nil {
			return
		}
		var own map[string]any
		if err := json.Unmarshal(body, &own); err != nil {
			t.Fatalf("took what is no JSON object: %v", err)
		}
		if c.ID != id || c.Method != "none" || !c.Document || c.SecretHash != nil || own["client_secret"] != nil {
			t.Fatalf("took %+v from %q", c, body)
		}
		if c.Name == "" || len([]rune(c.Name)) > 81 || strings.ContainsFunc(c.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("took the name %q", c.Name)
		}
		for _, s := range c.RedirectURIs {
			if _, err := parseRedirect(s); err != nil {
				t.Fatalf("took the redirect %q", s)
			}
		}
	})
}

// FuzzDocumentID checks that a client ID which is taken for a document's URL can be
// read in one way only: it is asked for at the host and path that it shows.
func FuzzDocumentID(f *testing.F) {
	for _, s := range []string{
		documentID, "https://client.test/x/", "https://client.test//x", "https://client.test/%2e%2e/x", "https://client.test:443/x", "https://a@b/x",
		"https://client.test/x?", "https://[::1]/x", "https://client.test\\@evil.test/x", "https://cliént.test/x", "https://client.test/a%2Fb", "https://127.1/x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if !isDocumentID(id) {
			return
		}
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, id, nil)
		if err != nil {
			t.Fatalf("%q cannot be asked for: %v", id, err)
		}
		authority, path, _ := strings.Cut(strings.TrimPrefix(id, "https://"), "/")
		if req.URL.Scheme != "https" || req.URL.Host != req.Host || req.URL.RequestURI() != "/"+path || req.URL.User != nil {
			t.Fatalf("%q is asked for as %s at %q", id, req.URL.RequestURI(), req.Host)
		}
		if shown, err := url.PathUnescape(authority); err != nil || shown != req.Host {
			t.Fatalf("%q shows the host %q but is asked for at %q", id, authority, req.Host)
		}
		if segments := strings.Split(req.URL.Path, "/"); slices.Contains(segments, "..") || slices.Contains(segments, ".") {
			t.Fatalf("%q has dot segments", id)
		}
		if site := siteOf(id); site == "" || !strings.HasSuffix(strings.TrimSuffix(strings.ToLower(req.URL.Hostname()), "."), site) {
			t.Fatalf("%q belongs to the site %q", id, site)
		}
	})
}
