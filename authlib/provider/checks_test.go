package provider

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// A sign-in page without passwords is for who sits at the machine: whatever came
// from elsewhere, or by way of somebody, is refused.
func TestCheckLocal(t *testing.T) {
	base := &url.URL{Scheme: "http", Host: "localhost:8080"}
	for name, tt := range map[string]struct {
		change func(*http.Request)
		local  string
		want   string // in the error; "" is none
	}{
		"from here":           {func(*http.Request) {}, "127.0.0.1:8080", ""},
		"from here, by IPv6":  {func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:9", "[::1]:8080" }, "[::1]:8080", ""},
		"arrived elsewhere":   {func(*http.Request) {}, "10.0.0.5:8080", "did not arrive"},
		"nobody knows where":  {func(*http.Request) {}, "", "did not arrive"},
		"from another":        {func(r *http.Request) { r.RemoteAddr = "10.0.0.6:9" }, "127.0.0.1:8080", "does not come from"},
		"another's name":      {func(r *http.Request) { r.Host = "evil.test:8080" }, "127.0.0.1:8080", "names host"},
		"another port":        {func(r *http.Request) { r.Host = "localhost:80" }, "127.0.0.1:8080", "names host"},
		"through a proxy":     {func(r *http.Request) { r.Header.Set("Via", "1.1 x") }, "127.0.0.1:8080", "forwarded"},
		"through a tunnel":    {func(r *http.Request) { r.Header.Set("X-Forwarded-Anything", "") }, "127.0.0.1:8080", "forwarded"},
		"through Cloudflare":  {func(r *http.Request) { r.Header.Set("CF-Connecting-IP", "1.2.3.4") }, "127.0.0.1:8080", "forwarded"},
		"by an unnamed proxy": {func(r *http.Request) { r.Header.Set("Forwarded", "") }, "127.0.0.1:8080", "forwarded"},
	} {
		r := &http.Request{RemoteAddr: "127.0.0.1:9", Host: "localhost:8080", Header: http.Header{}}
		tt.change(r)
		ctx := context.Background()
		if tt.local != "" {
			addr, err := net.ResolveTCPAddr("tcp", tt.local)
			if err != nil {
				t.Fatal(err)
			}
			ctx = context.WithValue(ctx, http.LocalAddrContextKey, addr)
		}
		err := CheckLocal(r.WithContext(ctx), base)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// Only what can mean nothing but this machine is loopback, in whatever form an address
// is written.
func TestLoopbackHosts(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.8.9.10": true, "::1": true, "[::1]": true, "::ffff:127.0.0.1": true,
		"8.8.8.8": false, "10.0.0.1": false, "0.0.0.0": false, "::": false, "192.168.1.1": false, "169.254.1.1": false, "fe80::1": false, "2620:fe::fe": false, "::ffff:8.8.8.8": false,
		"::1%eth0": false, "localhost.evil.test": false, "evil.localhost": false, "127.0.0.1.evil.test": false, "localhost.": false, "127.1": false, "2130706433": false, "0x7f.0.0.1": false, "": false, "[": false,
	} {
		if got := IsLoopbackHost(host); got != want {
			t.Errorf("IsLoopbackHost(%q) = %v", host, got)
		}
	}
}

// What examples leave behind is not taken for a credential, and no error shows it.
func TestCredentials(t *testing.T) {
	for v, want := range map[string]string{
		"Iv1.0123456789abcdef": "", "0f9db7c1e6a2d4853960": "",
		"": "is not set", "your-client-id": "placeholder", "YOUR_ID": "placeholder", "<id>": "placeholder", "$CLIENT_ID": "placeholder",
		"changeme": "placeholder", "xxxxxxxx": "placeholder", "my-client": "placeholder", "example-id": "placeholder", "a-secret": "placeholder",
		" 0f9db7": "space", "0f9db7\n": "space", "0f9\x00db7": "space",
	} {
		err := CheckCredential("SOME_VARIABLE", v, "make one")
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "SOME_VARIABLE")) {
			t.Errorf("%q: %v, want %q", v, err, want)
		}
		if err != nil && len(v) > 8 && strings.Contains(err.Error(), v) {
			t.Errorf("the error shows %q: %v", v, err)
		}
	}
	if err := CheckChosen("OIDC_CLIENT_ID", "my-server", ""); err != nil {
		t.Errorf("a name that somebody chose: %v", err)
	}
	if err := CheckChosen("OIDC_CLIENT_ID", "your-client-id", ""); err == nil {
		t.Error("a placeholder was taken")
	}
}

// The path of an issuer has one reading.
func TestIssuerPath(t *testing.T) {
	for in, want := range map[string]string{
		"https://mcp.test": "", "https://mcp.test/": "", "https://mcp.test/a": "/a", "https://mcp.test/a/b-c_d.e~f/": "/a/b-c_d.e~f",
		"https://mcp.test/a//b": "!", "https://mcp.test//": "!", "https://mcp.test/a/../b": "!", "https://mcp.test/./a": "!",
		"https://mcp.test/a%2Fb": "!", "https://mcp.test/a%20b": "!", "https://mcp.test/a;b": "!", "https://mcp.test/{a}": "!",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := IssuerPath(u)
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

// What a provider keeps with a token stays with the copy.
func TestKeep(t *testing.T) {
	tok := &oauth2.Token{AccessToken: "a"}
	kept := Keep(tok, "learned")
	if Kept(kept) != "learned" || Kept(tok) != "" || kept.AccessToken != "a" {
		t.Errorf("kept %q, the original has %q", Kept(kept), Kept(tok))
	}
}
