package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// googleHost is the one host that provider/google asks. It takes no other, so the
// emulator is put in its place from outside: by a proxy, and a certificate.
const googleHost = "accounts.google.com"

// emulatedGoogle lets users of emulate's Google sign in.
func emulatedGoogle(ctx context.Context, clients string) error {
	g := &googleBed{tmp: "", ctx: ctx, clients: clients}
	defer g.stop()
	r, err := migrated(ctx, "gosdk-listen", "google", g.prepare)
	if g.err != nil {
		return g.err
	}
	if err != nil {
		return err
	}
	defer r.stop()
	return visitEmulated(ctx, r, g.browser, "email", "ada@acme.test", "mallory@gmail.com")
}

type googleBed struct {
	ctx     context.Context
	clients string
	tmp     string
	emu     *emulator
	front   *httptest.Server
	proxy   *httptest.Server
	browser *http.Client
	err     error
}

func (g *googleBed) stop() {
	if g.proxy != nil {
		g.proxy.Close()
		g.front.Close()
		g.emu.stop()
	}
	os.RemoveAll(g.tmp)
}

func (g *googleBed) prepare(resource string) (flags, env []string) {
	id, secret := "1-interop.apps.googleusercontent.com", rand.Text()
	env, g.err = g.start(resource, id, secret)
	return []string{"--allow", "domain:acme.test"}, append(env, "GOOGLE_CLIENT_ID="+id, "GOOGLE_CLIENT_SECRET="+secret)
}

func (g *googleBed) start(resource, id, secret string) ([]string, error) {
	origin, err := originOf(resource)
	if err != nil {
		return nil, err
	}
	if g.tmp, err = os.MkdirTemp("", "mcp-migrate-google-"); err != nil {
		return nil, err
	}
	seed := fmt.Sprintf(`google:
  users:
  - {email: ada@acme.test, name: Ada, hd: acme.test}
  - {email: mallory@gmail.com, name: Mallory}
  oauth_clients:
  - {client_id: %s, client_secret: %s, redirect_uris: [%q]}
`, id, secret, origin+"/oauth/callback/google")
	if g.emu, err = startEmulator(g.ctx, g.clients, g.tmp, "google", seed, "https://"+googleHost); err != nil {
		return nil, err
	}
	cert, file, err := certificateFor(g.tmp, googleHost)
	if err != nil {
		return nil, err
	}
	g.front = httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(g.emu.url))
	g.front.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	g.front.StartTLS()
	g.proxy = httptest.NewServer(http.HandlerFunc(g.tunnel))
	g.browser = throughProxy(g.proxy.URL, cert.Leaf)
	return []string{"HTTPS_PROXY=" + g.proxy.URL, "SSL_CERT_FILE=" + file}, nil
}

// tunnel connects what is meant for Google with the emulator, and nothing else.
func (g *googleBed) tunnel(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect || r.Host != googleHost+":443" {
		http.Error(w, "only Google is here, not "+r.Host, http.StatusBadGateway)
		return
	}
	up, err := net.Dial("tcp", g.front.Listener.Addr().String())
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

// throughProxy is a browser that trusts root and asks the proxy for https.
func throughProxy(proxy string, root *x509.Certificate) *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(root)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		Proxy: func(r *http.Request) (*url.URL, error) {
			if r.URL.Scheme == "https" {
				return url.Parse(proxy)
			}
			return nil, nil
		},
	}}
}

// certificateFor makes one for host that is its own authority, in a file of dir.
func certificateFor(dir, host string) (cert tls.Certificate, file string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return cert, "", err
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		return cert, "", err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return cert, "", err
	}
	file = filepath.Join(dir, "ca.pem")
	err = os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, file, err
}
