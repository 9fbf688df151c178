package redisstore

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore/redistest"
)

// Nothing that is wrong with REDIS_URL lets a program start, and no error shows a
// part of it.
func TestOpenRefuses(t *testing.T) {
	m := miniredis.RunT(t)
	m.RequireUserAuth("ada", "pw-of-ada")
	gone, plain := closedPort(t), answering(t, "-ERR Protocol error\r\n")
	for name, c := range map[string]struct{ url, want string }{
		"nothing":           {"", "is not set"},
		"no URL":            {"hunter2", "not a URL"},
		"swapped":           {"hunter2:redis@cache.acme.test", "not a URL"},
		"control byte":      {"redis://u:hunter2@cache.acme.test:63\x7f79", "not a URL"},
		"bad port":          {"redis://u:hunter2@cache.acme.test:port", "not a URL"},
		"percent":           {"redis://u:hunter2%zz@cache.acme.test", "not a URL"},
		"http":              {"https://u:hunter2@cache.acme.test", "not a URL"},
		"no host":           {"redis://u:hunter2@/0", "names no host"},
		"database":          {"redis://u:hunter2@cache.acme.test/hunter2", "go-redis does not know"},
		"option":            {"redis://cache.acme.test/0?hunter2=1", "go-redis does not know"},
		"skip_verify":       {"rediss://u:hunter2@cache.acme.test?skip_verify=true", "skip_verify"},
		"nobody there":      {"redis://u:hunter2@" + gone, "cannot be reached"},
		"no Sentinel":       {"redis://u:hunter2@" + gone + "?master_name=hunter2", "cannot be reached"},
		"no master":         {"redis://u:hunter2@cache.acme.test?master_name=", "go-redis does not know"},
		"Sentinel's option": {"redis://u:hunter2@cache.acme.test?master_name=m&hunter2=1", "go-redis does not know"},
		"no node":           {"redis://u:hunter2@" + gone + "?addr=" + gone, "cannot be reached"},
		"odd node":          {"redis://u:hunter2@cache.acme.test?addr=hunter2", "go-redis does not know"},
		"no such host":      {"redis://u:hunter2@cache.acme.invalid", "cannot be resolved"},
		"no such socket":    {"unix://u:hunter2@/nonexistent/hunter2.sock", "cannot be reached"},
		"TLS to plain":      {"rediss://u:hunter2@" + plain, "does not speak TLS"},
		"no password":       {"redis://" + m.Addr(), "wants a password"},
		"another password":  {"redis://ada:hunter2@" + m.Addr(), "does not accept the user name or password"},
	} {
		_, err := Open(Config{URL: c.url, Resource: resource, Logger: quietly()})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "REDIS_URL") {
			t.Errorf("%s: %v, want %q and REDIS_URL", name, err, c.want)
			continue
		}
		for _, part := range []string{"hunter2", "pw-of-ada", "cache.acme", gone, m.Addr()} {
			if strings.Contains(err.Error(), part) {
				t.Errorf("%s: the error shows %q: %v", name, part, err)
			}
		}
	}
	if _, err := Open(Config{URL: "redis://" + m.Addr()}); err == nil || !strings.Contains(err.Error(), "MCP_RESOURCE_URL") {
		t.Errorf("without a resource: %v", err)
	}
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// answering returns the address of a server that says one thing to everybody.
func answering(t *testing.T, what string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1000))
			_, _ = conn.Write([]byte(what))
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// clientLog is what go-redis logs, which has one logger for the whole process.
var clientLog captured

func TestMain(m *testing.M) {
	redis.SetLogger(&clientLog)
	cleanup, err := trust()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	cleanup()
	os.Exit(code)
}

// captured is a log that go-redis writes to.
type captured struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (c *captured) Printf(_ context.Context, format string, v ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(&c.out, format+"\n", v...)
}

func (c *captured) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.String()
}

// Redis quotes in its errors what it was sent. Neither they nor what go-redis logs
// on its own shows a key, a value, the password or the address.
func TestErrorsShowNothing(t *testing.T) {
	m := miniredis.RunT(t)
	addr := m.Addr()
	m.RequireUserAuth("ada", "the-password")
	s := open(t, "redis://ada:the-password@"+m.Addr())
	put(t, s, "grant", "the-key", "the-value")
	look := func() {
		t.Helper()
		ctx := context.Background()
		_, err1 := s.Get(ctx, "grant", "the-key")
		_, err2 := s.Take(ctx, "grant", "the-key")
		_, err3 := s.Count(ctx, "grant")
		errs := []error{err1, err2, err3, s.Put(ctx, "grant", "the-key", inAnHour("the-value"), 1),
			s.Delete(ctx, "grant", "the-key"), s.Broadcast(ctx, "the-value")}
		for _, err := range errs {
			if err == nil {
				t.Fatal("a call worked")
			}
		}
		log := clientLog.String()
		for _, secret := range []string{"the-key", "the-value", "the-password", addr} {
			if all := fmt.Sprintf("%+v %#v\n%s", errs, errs, log); strings.Contains(all, secret) {
				t.Errorf("%q is shown: %s", secret, all)
			}
		}
	}
	for _, code := range []string{"ERR", "NOPERM", "WRONGPASS", "MOVED", "UNHEARD"} {
		m.SetError(code + " unknown command 'AUTH', with args beginning with: 'the-key' 'the-value' 'the-password' " + addr)
		look()
	}
	m.Close()
	look()
	if !strings.Contains(clientLog.String(), "failed to dial") {
		t.Error("go-redis logs no failed connection, so this test shows nothing")
	}
}

// A Redis that takes the call and says nothing costs 2 seconds, no more.
func TestSilentRedis(t *testing.T) {
	m, _ := embedded(t)
	w := redistest.NewWire(t, m.Addr())
	s := open(t, w.URL())
	w.Cut()
	start := time.Now()
	_, err := s.Get(context.Background(), "grant", "k")
	if d := time.Since(start); d < opTimeout-100*time.Millisecond || d > opTimeout+time.Second {
		t.Errorf("Get took %v, want about %v", d, opTimeout)
	}
	if err == nil || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("Get: %v", err)
	}
}
