package redisstore

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore/redistest"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
)

// With Sentinels in the URL the store follows the primary by itself, and hears again.
func TestSentinelsNameThePrimary(t *testing.T) {
	primary := redistest.Start(t, "--requirepass", "pw", "--masterauth", "pw")
	replica := primary.Replica(t, nil, "--requirepass", "pw", "--masterauth", "pw")
	at := primary.Sentinels(t, 3)
	url := fmt.Sprintf("redis://%s/0?master_name=main&addr=%s&addr=%s&password=pw", at[0], at[1], at[2])
	s, other := open(t, url), open(t, url)
	e := listen(other)
	e.waitUp(t, true, 5*time.Second)
	put(t, s, "grant", "stays", "v")
	put(t, s, "grant", "ends", "v")
	must(t, s.Delete(context.Background(), "grant", "ends"))
	primary.Follows(t, replica)
	primary.Kill()
	e.waitUp(t, false, 5*time.Second)
	start := time.Now()
	for _, o := range []*Store{s, other} {
		redistest.Within(t, 20*time.Second, "the failover", func() bool {
			r, err := o.Get(context.Background(), "grant", "stays")
			if errors.Is(err, session.ErrNotFound) {
				t.Fatal("an outage was taken for a missing record")
			}
			return err == nil && string(r.Value) == "v"
		})
		if got := found(t, o, "grant", "ends"); got != "" {
			t.Errorf("what ended is found as %q", got)
		}
	}
	t.Logf("served again %v after the primary's end", time.Since(start).Round(time.Millisecond))
	put(t, s, "grant", "new", "v")
	e.waitUp(t, true, 10*time.Second)
	must(t, s.Broadcast(context.Background(), "m"))
	e.wait(t, "m")
}

// A replica that was behind takes the primary's place: by hand, behind the same
// address.
func TestReplicaThatWasBehind(t *testing.T) {
	primary := redistest.Start(t)
	link, front := redistest.NewWire(t, primary.Addr), redistest.NewWire(t, primary.Addr)
	replica := primary.Replica(t, link)
	a, b := open(t, front.URL()), open(t, front.URL())
	listen(b).waitUp(t, true, 5*time.Second)
	for _, key := range []string{"stays", "removed", "replaced"} {
		put(t, a, "grant", key, "old")
	}
	primary.Follows(t, replica)
	link.Cut()
	must(t, a.Delete(context.Background(), "grant", "removed"))
	must(t, a.Put(context.Background(), "grant", "replaced", inAnHour("new"), 1))
	put(t, b, "grant", "lost", "v")
	primary.Kill()
	replica.Promote(t)
	front.To(replica.Addr)
	for who, s := range map[string]*Store{"who ended it": a, "who heard of it": b} {
		redistest.Within(t, 5*time.Second, "service", func() bool {
			_, err := s.Get(context.Background(), "grant", "stays")
			return err == nil
		})
		for key, want := range map[string]string{"stays": "old", "removed": "", "replaced": "", "lost": ""} {
			if got := found(t, s, "grant", key); got != want {
				t.Errorf("%s finds %s as %q, want %q", who, key, got, want)
			}
		}
	}
	fresh := open(t, replica.URL())
	redistest.Within(t, 3*pulse, "protection of a process that knows nothing", func() bool {
		return found(t, fresh, "grant", "removed") == "" && found(t, fresh, "grant", "replaced") == ""
	})
	if got := found(t, fresh, "grant", "stays"); got != "old" {
		t.Errorf("it finds %q of what stays", got)
	}
}

// With appendfsync always, a Redis that is killed has all that it acknowledged.
func TestKilledRedisWithAppendFsyncAlways(t *testing.T) {
	r := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	s := open(t, r.URL())
	var mu sync.Mutex
	written := map[string]bool{}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 10_000 {
				key := fmt.Sprint(w, ".", i)
				if s.Put(context.Background(), "grant", key, inAnHour(key), 0) != nil {
					return // the kill
				}
				mu.Lock()
				written[key] = true
				mu.Unlock()
			}
		}()
	}
	time.Sleep(500 * time.Millisecond)
	r.Kill()
	wg.Wait()
	r.Start(t)
	for key := range written {
		if got := found(t, s, "grant", key); got != key {
			t.Fatalf("%s is lost", key)
		}
	}
	t.Logf("%d of %d writes are there", len(written), len(written))
}

// A real Redis with TLS, whose issuer the machine trusts.
func TestRealTLS(t *testing.T) {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("SSL_CERT_FILE is not read on " + runtime.GOOS)
	}
	dir := t.TempDir()
	key, err := x509.MarshalPKCS8PrivateKey(trusted.PrivateKey)
	must(t, err)
	for name, block := range map[string]*pem.Block{"cert": {Type: "CERTIFICATE", Bytes: trusted.Certificate[0]}, "key": {Type: "PRIVATE KEY", Bytes: key}} {
		must(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600))
	}
	addr := redistest.FreeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	redistest.Start(t, "--tls-port", port, "--tls-cert-file", filepath.Join(dir, "cert"), "--tls-key-file", filepath.Join(dir, "key"),
		"--tls-ca-cert-file", filepath.Join(dir, "cert"), "--tls-auth-clients", "no")
	storetest.Run(t, suite(func(*testing.T) string { return "rediss://" + addr }))
}

// A cluster may be named by several of its nodes, the first of which may be gone; what
// ended is counted and told there too.
func TestClusterBySeveralNodes(t *testing.T) {
	nodes := redistest.Cluster(t)
	url := "redis://" + redistest.FreeAddr(t) + "?addr=" + nodes[1].Addr + "&addr=" + nodes[2].Addr
	a, b := open(t, url), open(t, url)
	listen(b).waitUp(t, true, 5*time.Second)
	put(t, a, "grant", "k", "v")
	must(t, a.Delete(context.Background(), "grant", "k"))
	redistest.Within(t, 5*time.Second, "the message", func() bool { return len(b.others.byKind()["grant"]) == 1 })
	must(t, a.look(context.Background()))
	if n := a.witness.seen(); n != 2 { // with Open's own
		t.Errorf("%d endings are counted, want 2", n)
	}
}

// A Redis that gets nothing any more costs each call 2 seconds, however many there
// are, and no more connections than the pool has.
func TestBlackHole(t *testing.T) {
	m, _ := embedded(t)
	w := redistest.NewWire(t, m.Addr())
	s := open(t, w.URL()+"?pool_size=10")
	put(t, s, "grant", "k", "v")
	w.Cut()
	before, start := runtime.NumGoroutine(), time.Now()
	var wg sync.WaitGroup
	for range 300 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := s.Get(context.Background(), "grant", "k"); err == nil || errors.Is(err, session.ErrNotFound) {
				t.Errorf("Get: %v", err)
			}
		}()
	}
	wg.Wait()
	if d := time.Since(start); d > opTimeout+time.Second {
		t.Errorf("300 calls at once took %v", d)
	}
	if n := w.Most(); n > 100 { // on a busy machine many are closed and not yet seen to be
		t.Errorf("%d connections at once", n)
	}
	// Each connection that is left has a few in the wire and in the embedded Redis; a call
	// that left something behind would have one at least, and there were 300.
	deadline := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() >= before+300 {
		if time.Now().After(deadline) {
			list := &strings.Builder{}
			_ = pprof.Lookup("goroutine").WriteTo(list, 1)
			t.Fatalf("%d goroutines are left, of %d before:\n%s", runtime.NumGoroutine(), before, list)
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.Mend()
	redistest.Within(t, 10*time.Second, "service", func() bool { _, err := s.Get(context.Background(), "grant", "k"); return err == nil })
}

// A Redis that evicts loses users, who are not found; and it is warned of, as is one
// that keeps nothing on disk.
func TestEvictedUsersAreNotFound(t *testing.T) {
	r := redistest.Start(t, "--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru")
	log := &bytes.Buffer{}
	s := open(t, r.URL(), func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
	for _, want := range []string{"maxmemory_policy=allkeys-lru", "append-only"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no warning of %s: %s", want, log)
		}
	}
	value := strings.Repeat("v", 1000)
	for i := range 3000 {
		put(t, s, "grant", fmt.Sprint(i), value)
	}
	lost := 0
	for i := range 3000 {
		if found(t, s, "grant", fmt.Sprint(i)) == "" {
			lost++
		}
	}
	if lost == 0 || lost == 3000 {
		t.Errorf("%d of 3000 were evicted, so this test shows nothing", lost)
	}
}
