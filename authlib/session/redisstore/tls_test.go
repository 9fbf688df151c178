package redisstore

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// trusted is the certificate of 127.0.0.1 that TestMain makes this process trust.
var trusted tls.Certificate

// trust writes a certificate to where the system's are looked for, before anybody
// looks.
func trust() (cleanup func(), err error) {
	dir, err := os.MkdirTemp("", "redisstore")
	if err != nil {
		return nil, err
	}
	cleanup = func() { os.RemoveAll(dir) }
	if trusted, err = certificate(); err != nil {
		return cleanup, err
	}
	file := filepath.Join(dir, "roots.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.Certificate[0]})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		return cleanup, err
	}
	return cleanup, os.Setenv("SSL_CERT_FILE", file)
}

func certificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// rediss:// works with a certificate of the host, and with no other.
func TestTLS(t *testing.T) {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("SSL_CERT_FILE is not read on " + runtime.GOOS)
	}
	run := func(cert tls.Certificate) *miniredis.Miniredis {
		m := miniredis.NewMiniRedis()
		if err := m.StartTLS(&tls.Config{Certificates: []tls.Certificate{cert}}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(m.Close)
		return m
	}
	good := run(trusted)
	s := open(t, "rediss://"+good.Addr())
	put(t, s, "grant", "k", "v")
	e := listen(s)
	e.waitUp(t, true, 5*time.Second)
	foreign, err := certificate()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(good.Addr())
	for what, addr := range map[string]string{"a foreign certificate": run(foreign).Addr(), "another name": "localhost:" + port} {
		_, err := Open(Config{URL: "rediss://" + addr, Resource: resource, Logger: quietly()})
		if err == nil || !strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), port) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
