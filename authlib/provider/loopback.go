package provider

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// IsLoopbackHost reports whether host, without a port, can only mean this
// machine: "localhost" (RFC 6761 §6.3) or a loopback address. Other names are not
// looked up, since what they resolve to can change.
func IsLoopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return err == nil && addr.Zone() == "" && addr.Unmap().IsLoopback()
}

// HostMatches reports whether a request's Host names the server at base. For a
// loopback base every loopback name with the same port does.
func HostMatches(host string, base *url.URL) bool {
	name, port := splitHost(host, base.Scheme)
	baseName, basePort := splitHost(base.Host, base.Scheme)
	if port != basePort {
		return false
	}
	if IsLoopbackHost(baseName) {
		return IsLoopbackHost(name)
	}
	return strings.EqualFold(name, baseName)
}

// splitHost puts the scheme's default where there is no port.
func splitHost(host, scheme string) (name, port string) {
	u := url.URL{Host: host}
	name, port = u.Hostname(), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	return name, port
}

// forwarded are headers that a proxy or tunnel adds. Their presence means that
// the peer is not who sent the request.
var forwarded = []string{"Forwarded", "Via", "X-Real-Ip", "True-Client-Ip", "X-Client-Ip", "X-Original-Host", "X-Envoy-External-Address"}

// CheckLocal returns why a request cannot be taken for one that a person at this
// machine sent straight to this server: peer or local address are not loopback,
// the Host is not base's, or something forwarded it. nil means that it can.
func CheckLocal(r *http.Request, base *url.URL) error {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local == nil || !loopbackAddr(local.String()) {
		return errors.New("the connection did not arrive on a loopback address")
	}
	if !loopbackAddr(r.RemoteAddr) {
		return errors.New("the connection does not come from this machine")
	}
	if !HostMatches(r.Host, base) {
		return fmt.Errorf("the request names host %.100q", r.Host)
	}
	for _, h := range forwarded {
		if _, ok := r.Header[h]; ok {
			return fmt.Errorf("the request was forwarded (header %s)", h)
		}
	}
	for h := range r.Header {
		if strings.HasPrefix(h, "X-Forwarded-") || strings.HasPrefix(h, "Cf-") {
			return fmt.Errorf("the request was forwarded (header %.60q)", h)
		}
	}
	return nil
}

func loopbackAddr(addr string) bool {
	ap, err := netip.ParseAddrPort(addr)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}
