package limit

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// RetryAfter is a Retry-After header's value: whole seconds, at least one (RFC
// 9110 §10.2.3).
func RetryAfter(d time.Duration) string {
	return strconv.FormatInt(max(1, int64((d+time.Second-1)/time.Second)), 10)
}

// PublicPeer tells peers apart by their address: an IPv6 network of 64 bits, which
// one subscriber has, is one. An address that is not public is nobody's: it is a
// proxy's, behind which everybody is.
func PublicPeer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !IsPublic(ip) {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	return fmt.Sprint(netip.PrefixFrom(ip, 64).Masked())
}

// notPublic are the special-purpose blocks (IANA registries, RFC 6890) that
// netip's own predicates do not cover: this network, carrier NAT, protocol
// assignments, documentation, 6to4 relay, benchmarking, reserved; and the IPv6
// ranges that carry an IPv4 address inside (NAT64, Teredo, 6to4), site-local.
func notPublic() []string {
	return []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10", "::/96",
	}
}

// IsPublic reports whether ip is an ordinary address of the internet.
func IsPublic(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsValid() || !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	for _, s := range notPublic() {
		if netip.MustParsePrefix(s).Contains(ip) {
			return false
		}
	}
	return true
}
