package provider

import (
	"net/http"
	"net/url"
	"testing"
)

func TestSameOrigin(t *testing.T) {
	base := &url.URL{Scheme: "https", Host: "mcp.test"}
	for _, tt := range []struct {
		site, origin []string
		want         bool
	}{
		{nil, []string{"https://mcp.test"}, true},
		{[]string{"same-origin"}, nil, true},
		{[]string{"same-origin"}, []string{"https://mcp.test"}, true},
		{[]string{"same-origin"}, []string{"null"}, true},
		{nil, nil, false},
		{nil, []string{"null"}, false},
		{nil, []string{"http://mcp.test"}, false},
		{nil, []string{"https://mcp.test.evil.test"}, false},
		{nil, []string{"https://mcp.test", "https://mcp.test"}, false},
		{[]string{"same-origin"}, []string{"https://evil.test"}, false},
		{[]string{"same-site"}, []string{"https://mcp.test"}, false},
		{[]string{"none"}, nil, false},
		{[]string{"cross-site"}, nil, false},
		{[]string{"same-origin", "cross-site"}, nil, false},
	} {
		r := &http.Request{Header: http.Header{}}
		for name, values := range map[string][]string{"Sec-Fetch-Site": tt.site, "Origin": tt.origin} {
			for _, v := range values {
				r.Header.Add(name, v)
			}
		}
		if got := SameOrigin(r, base); got != tt.want {
			t.Errorf("Sec-Fetch-Site %q, Origin %q: %v", tt.site, tt.origin, got)
		}
	}
}

func TestHostMatches(t *testing.T) {
	for _, tt := range []struct {
		base, host string
		want       bool
	}{
		{"https://mcp.test", "mcp.test", true}, {"https://mcp.test", "MCP.test:443", true}, {"https://mcp.test", "mcp.test:80", false},
		{"https://mcp.test", "localhost", false}, {"https://mcp.test", "evil.test", false}, {"https://mcp.test", "", false},
		{"http://localhost:8080", "127.0.0.1:8080", true}, {"http://localhost:8080", "[::1]:8080", true}, {"http://localhost:8080", "localhost", false},
		{"http://localhost:8080", "evil.test:8080", false}, {"http://127.0.0.1", "localhost:80", true}, {"http://localhost:8080", "127.0.0.1.evil.test:8080", false},
	} {
		base, err := url.Parse(tt.base)
		if err != nil {
			t.Fatal(err)
		}
		if got := HostMatches(tt.host, base); got != tt.want {
			t.Errorf("host %q at %s: %v", tt.host, tt.base, got)
		}
	}
}
