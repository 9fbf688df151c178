package authtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A googleWire makes a [Google] answer at Google's names: behind a proxy that leads
// nowhere else, with a certificate that only those trust who are told to.
type googleWire struct {
	proxy *url.URL
	roots *x509.CertPool
	file  string // the certificate
}

var googleHosts = []string{googleAccounts, googleTokens, googleUserInfo, googleKeys}

func newGoogleWire(t testing.TB, h http.Handler) *googleWire {
	t.Helper()
	cert, file := certificate(t, googleHosts)
	srv := httptest.NewUnstartedServer(h)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { tunnel(w, r, srv.Listener.Addr().String()) }))
	t.Cleanup(proxy.Close)
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	return &googleWire{u, roots, file}
}

// Env are environment variables for a program that is to take g for Google: its
// credentials, the proxy and the certificate. The proxy leads to g and nowhere else;
// programs on this machine are reached without it.
func (g *Google) Env() []string {
	return []string{"HTTPS_PROXY=" + g.wire.proxy.String(), "SSL_CERT_FILE=" + g.wire.file,
		"GOOGLE_CLIENT_ID=" + g.ClientID, "GOOGLE_CLIENT_SECRET=" + g.ClientSecret}
}

// Transport is for code in this process that is to take g for Google, such as
// google.Config.HTTPClient or the browser of [Client.HTTP]. It reaches g and, by
// plain HTTP, this machine.
func (g *Google) Transport() *http.Transport {
	return &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: g.wire.roots},
		DisableKeepAlives: true,
		Proxy: func(r *http.Request) (*url.URL, error) {
			if r.URL.Scheme == "https" {
				return g.wire.proxy, nil
			}
			return nil, nil
		},
	}
}

// certificate makes one for hosts that is its own authority.
func certificate(t testing.TB, hosts []string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: hosts, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, file
}

// tunnel connects a CONNECT to one of Google's names to addr, and refuses others.
func tunnel(w http.ResponseWriter, r *http.Request, addr string) {
	host, port, _ := strings.Cut(r.Host, ":")
	if r.Method != http.MethodConnect || port != "443" || !slices.Contains(googleHosts, host) {
		http.Error(w, "only Google is here", http.StatusBadGateway)
		return
	}
	up, err := net.Dial("tcp", addr)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer up.Close()
	down, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer down.Close()
	if _, err := io.WriteString(down, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	go func() { _, _ = io.Copy(up, down) }() // ends when either side closes
	_, _ = io.Copy(down, up)
}
