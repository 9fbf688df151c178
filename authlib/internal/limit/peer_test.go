package limit

import (
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

// Strangers are told apart by the address of their connection, where it is a public
// one: behind a proxy, or in a network of one's own, all of them look alike.
func TestPublicPeer(t *testing.T) {
	for remote, want := range map[string]string{
		"8.8.8.8:4711":               "8.8.8.8",
		"[2606:4700:4700::1111]:443": "2606:4700:4700::/64",
		"[::ffff:8.8.8.8]:80":        "8.8.8.8",
		"127.0.0.1:80":               "",
		"10.1.2.3:80":                "",
		"192.168.0.1:80":             "",
		"[fd00::1]:80":               "",
		"[fe80::1%eth0]:80":          "",
		"@":                          "", // a unix socket
		"":                           "",
	} {
		r := httptest.NewRequest("POST", "/mcp", nil)
		r.RemoteAddr = remote
		if got := PublicPeer(r); got != want {
			t.Errorf("%q: peer %q, want %q", remote, got, want)
		}
	}
}

func TestIsPublic(t *testing.T) {
	for addr, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700:4700::1111": true,
		"0.0.0.0": false, "127.0.0.1": false, "169.254.169.254": false, "100.64.0.1": false, "198.18.0.1": false,
		"224.0.0.1": false, "255.255.255.255": false, "::1": false, "64:ff9b::7f00:1": false, "2001:db8::1": false,
		"10.0.0.1": false, "192.0.0.1": false, "192.0.2.1": false, "192.88.99.1": false, "198.51.100.1": false, "203.0.113.1": false, "240.0.0.1": false,
		"64:ff9b:1::1": false, "100::1": false, "2001::1": false, "2002:7f00:1::": false, "3fff::1": false, "5f00::1": false, "fec0::1": false, "::127.0.0.1": false,
		"fd00::1": false, "fe80::1": false, "ff02::1": false, "::ffff:127.0.0.1": false, "fe80::1%eth0": false, "8.8.8.7": true, "2606:4700:4700::1001": true,
	} {
		if got := IsPublic(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v, want %v", addr, got, want)
		}
	}
}

// Retry-After is in whole seconds, and never so short that it means at once.
func TestRetryAfter(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "1", time.Millisecond: "1", time.Second: "1", 1100 * time.Millisecond: "2", time.Minute: "60"} {
		if got := RetryAfter(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
