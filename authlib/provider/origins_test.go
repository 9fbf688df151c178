package provider

import (
	"net/url"
	"testing"
)

// What a token is sent to is what the origin says, and nothing that looks like it.
func TestSendsTo(t *testing.T) {
	github := []string{"https://api.github.com", "https://uploads.github.com"}
	google := []string{"https://*.googleapis.com"}
	local := []string{"http://127.0.0.1:8080", "https://ghe.acme.test:8443"}
	for _, c := range []struct {
		origins []string
		url     string
		want    bool
	}{
		{github, "https://api.github.com/user", true},
		{github, "https://API.GitHub.com:443/user?x=1", true},
		{github, "HTTPS://uploads.github.com", true},
		{github, "http://api.github.com/user", false},
		{github, "https://api.github.com:8443/user", false},
		{github, "https://api.github.com:80/", false},
		{github, "https://api.github.com./user", false},
		{github, "https://api.github.com.evil.example/user", false},
		{github, "https://evil.example/api.github.com", false},
		{github, "https://evil.example#@api.github.com", false},
		{github, "https://api.github.com@evil.example/", false},
		{github, "https://api.github.com:443@evil.example/", false},
		{github, "https://evil@api.github.com/", false},
		{github, "https://evil.example\\@api.github.com/", false},
		{github, "https://xapi.github.com/", false},
		{github, "https://github.com/", false},
		{github, "https://api-github.com/", false},
		{github, "https://api.github.com%2eevil.example/", false},
		{github, "https://api.gith\u0443b.com/", false}, // a Cyrillic letter
		{github, "https://\uff41pi.github.com/", false}, // a wide letter, which IDNA would make an a
		{github, "https://api\u3002github.com/", false}, // a dot of another script
		{github, "//api.github.com/user", false},
		{github, "/user", false},
		{github, "", false},
		{github, "ws://api.github.com/", false},
		{google, "https://www.googleapis.com/calendar/v3", true},
		{google, "https://us-central1-aiplatform.googleapis.com", true},
		{google, "https://compute.us-central1.rep.googleapis.com:443/", true},
		{google, "https://googleapis.com/", false},
		{google, "https://.googleapis.com/", false},
		{google, "https://a..googleapis.com/", false},
		{google, "https://www.googleapis.com.evil.example/", false},
		{google, "https://evilgoogleapis.com/", false},
		{google, "https://www.googleapis.com:8443/", false},
		{google, "http://www.googleapis.com/", false},
		{google, "https://*.googleapis.com/", false},
		{google, "https://a_b.googleapis.com/", false},
		{google, "https://evil.example/.googleapis.com", false},
		{google, "https://user@www.googleapis.com/", false},
		{google, "https://www.googleapi\u017f.com/", false}, // a long s, which Unicode folds to an s
		{[]string{"https://ok.test"}, "https://o\u212a.test/", false},
		{local, "http://127.0.0.1:8080/api", true},
		{local, "https://ghe.acme.test:8443/api/v3", true},
		{local, "http://127.0.0.1:8081/api", false},
		{local, "http://localhost:8080/api", false},
		{local, "https://127.0.0.1:8080/api", false},
		{local, "https://ghe.acme.test/api/v3", false},
		{nil, "https://api.github.com/user", false},
		{[]string{"https://*"}, "https://api.github.com/user", false},
		{[]string{"http://acme.test"}, "http://acme.test/", false},
	} {
		u, err := url.Parse(c.url)
		if err != nil {
			u = nil // what does not parse is sent nowhere
		}
		if got := SendsTo(c.origins, u); got != c.want {
			t.Errorf("SendsTo(%q, %q) = %v", c.origins, c.url, got)
		}
	}
}

// URLs that no parser made.
func TestSendsToOfURLsMadeByHand(t *testing.T) {
	origins := []string{"https://api.github.com"}
	for name, u := range map[string]*url.URL{
		"opaque":         {Scheme: "https", Opaque: "//evil.example/", Host: "api.github.com"},
		"two ports":      {Scheme: "https", Host: "api.github.com:443:443"},
		"user in host":   {Scheme: "https", Host: "api.github.com@evil.example"},
		"path in host":   {Scheme: "https", Host: "evil.example/.api.github.com"},
		"space":          {Scheme: "https", Host: "api.github.com "},
		"scheme in host": {Host: "https://api.github.com"},
		"nil":            nil,
	} {
		if SendsTo(origins, u) {
			t.Errorf("%s: taken", name)
		}
	}
	if !SendsTo(origins, &url.URL{Scheme: "https", Host: "api.github.com"}) {
		t.Error("the origin itself is not taken")
	}
}

func TestCheckOrigin(t *testing.T) {
	for in, want := range map[string]string{
		"https://Graph.Microsoft.com": "https://graph.microsoft.com:443",
		"https://api.acme.test:8443":  "https://api.acme.test:8443",
		"http://localhost:9000":       "http://localhost:9000",
		"http://[::1]:9000":           "http://[::1]:9000",
	} {
		if got, err := CheckOrigin(in); got != want || err != nil {
			t.Errorf("CheckOrigin(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, bad := range []string{
		"", "graph.microsoft.com", "https://", "http://graph.microsoft.com", "https://graph.microsoft.com/", "https://graph.microsoft.com/v1",
		"https://u@graph.microsoft.com", "https://graph.microsoft.com?x", "https://graph.microsoft.com#x", "https://*.acme.test", "ftp://acme.test",
		"https://gr\u00e4ph.test", "https://a b.test", "https:acme.test",
	} {
		if got, err := CheckOrigin(bad); err == nil {
			t.Errorf("CheckOrigin(%q) = %q, want an error", bad, got)
		}
	}
}
