package e2e

import (
	"context"
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
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/google"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// fakeGoogle is an issuer that a started program takes for Google: it answers
// behind a proxy, with a certificate for Google's name. env is for the program,
// and transport for a browser.
func fakeGoogle(t *testing.T) (is *authtest.Issuer, env []string, transport http.RoundTripper) {
	t.Helper()
	is = authtest.NewIssuerAs(google.Issuer)
	is.ClientID = "1-e2e.apps.googleusercontent.com"
	cert, certFile := certificate(t, "accounts.google.com")
	srv := httptest.NewUnstartedServer(is.Handler())
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { tunnel(w, r, srv.Listener.Addr().String()) }))
	t.Cleanup(proxy.Close)
	proxyURL, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	transport = &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		Proxy: func(r *http.Request) (*url.URL, error) {
			if r.URL.Scheme == "https" {
				return proxyURL, nil
			}
			return nil, nil
		},
	}
	return is, []string{"HTTPS_PROXY=" + proxy.URL, "SSL_CERT_FILE=" + certFile,
		"GOOGLE_CLIENT_ID=" + is.ClientID, "GOOGLE_CLIENT_SECRET=" + is.ClientSecret}, transport
}

// certificate makes one for host that is its own authority.
func certificate(t *testing.T, host string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
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

// tunnel connects every CONNECT to addr, whatever host it names.
func tunnel(w http.ResponseWriter, r *http.Request, addr string) {
	if r.Method != http.MethodConnect || r.Host != "accounts.google.com:443" {
		http.Error(w, "only Google is here, not "+r.Host, http.StatusBadGateway)
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

func TestProviderGoogle(t *testing.T) {
	t.Parallel()
	is, env, transport := fakeGoogle(t)
	is.SetUser(map[string]any{"sub": "42", "email": "ada@example.com", "email_verified": true, "hd": "example.com"})
	b := migrated(t, "mcpgo-mux", env, "--provider", "google", "--allow", "domain:example.com", "--store", "memory")
	connect := func() (*signin.Session, error) {
		return signin.Connect(t.Context(), signin.Options{URL: b.url(), Browser: func(ctx context.Context, authURL string) (*url.URL, error) {
			return robot.SignIn(ctx, &http.Client{Transport: transport}, authURL, nil)
		}})
	}
	s, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b.served(t, s)
	token, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.calls(t, token, map[string]string{"Google's own token": is.Opaque()})
	// An account of one's own with an address of the company, as after leaving it.
	is.SetUser(map[string]any{"sub": "43", "email": "bob@example.com", "email_verified": true})
	if s, err := connect(); err == nil {
		s.Close()
		t.Error("an account outside the company's Workspace signed in")
	}
}
