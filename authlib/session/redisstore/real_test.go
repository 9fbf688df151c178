package redisstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
)

// program finds a Redis or Valkey to start: REDIS_TEST_SERVER names one, else the
// path is searched. Without one the tests over a real Redis are skipped; the
// embedded twin runs the same suite always.
func program(t testing.TB) string {
	t.Helper()
	if name := os.Getenv("REDIS_TEST_SERVER"); name != "" {
		return name
	}
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no redis-server or valkey-server here; set REDIS_TEST_SERVER to one")
	return ""
}

// A real is a Redis of the test's own.
type real struct {
	addr, socket string
	args         []string
	cmd          *exec.Cmd
}

func startReal(t testing.TB, args ...string) *real {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir, err := os.MkdirTemp("", "redis") // t.TempDir is too long for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	_, port, _ := net.SplitHostPort(addr)
	r := &real{addr: addr, socket: filepath.Join(dir, "s")}
	r.args = append([]string{"--port", port, "--bind", "127.0.0.1", "--unixsocket", r.socket, "--dir", dir, "--save", "", "--appendonly", "no"}, args...)
	t.Cleanup(r.stop)
	r.start(t)
	return r
}

func (r *real) start(t testing.TB) {
	t.Helper()
	r.cmd = exec.Command(program(t), r.args...)
	var out bytes.Buffer
	r.cmd.Stdout, r.cmd.Stderr = &out, &out
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if conn, err := net.Dial("unix", r.socket); err == nil {
			conn.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("it does not start:\n%s", &out)
}

func (r *real) stop() {
	if r.cmd.ProcessState == nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
	}
}

func (r *real) url() string { return "redis://" + r.addr }

// do runs a command as the administrator.
func (r *real) do(t testing.TB, args ...any) {
	t.Helper()
	admin := redis.NewClient(&redis.Options{Network: "unix", Addr: r.socket, Protocol: 2})
	defer admin.Close()
	if err := admin.Do(context.Background(), args...).Err(); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
}

func TestStoreOverRealRedis(t *testing.T) {
	r := startReal(t)
	storetest.Run(t, suite(func(*testing.T) string { return r.url() }))
}

func TestSealedStoreOverRealRedis(t *testing.T) {
	r := startReal(t)
	socket := func(*testing.T) string { return "unix://" + r.socket + "?db=3" }
	storetest.Run(t, sealed(t, suite(socket)))
}

// A restart costs the connections, and what was not saved; the store finds its way
// back by itself.
func TestRealRedisRestarts(t *testing.T) {
	r := startReal(t)
	s := open(t, r.url())
	e := listen(s)
	e.waitUp(t, true, 5*time.Second)
	put(t, s, "grant", "k", "v")
	r.stop()
	mustFail(t, s)
	e.waitUp(t, false, 5*time.Second)
	r.start(t)
	if _, err := s.Get(context.Background(), "grant", "k"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("after a restart that saved nothing: %v, want ErrNotFound", err)
	}
	put(t, s, "grant", "k", "v")
	e.waitUp(t, true, 5*time.Second)
}

// The rights in the package comment are enough, and without them it does not start.
func TestRightsInThePackageComment(t *testing.T) {
	r := startReal(t, "--appendonly", "yes")
	rights := "~mcp:* &mcp:* +@connection +eval +evalsha +get +getrange +set +incr +del +pttl +pexpire +zadd +zrem +zcount +zrangebyscore +publish +subscribe +info"
	src, err := os.ReadFile("redisstore.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, right := range strings.Fields(rights) {
		if head, _, _ := strings.Cut(string(src), "\npackage "); !strings.Contains(head, right) {
			t.Errorf("the package comment does not name %s", right)
		}
	}
	args := []any{"ACL", "SETUSER", "mcp", "reset", "on", ">pw"}
	for _, right := range strings.Fields(rights) {
		args = append(args, right)
	}
	r.do(t, args...)
	url := "redis://mcp:pw@" + r.addr
	log := &bytes.Buffer{}
	s := open(t, url, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
	if log.Len() > 0 {
		t.Errorf("a warning: %s", log)
	}
	e := listen(s)
	e.waitUp(t, true, 5*time.Second)
	if err := s.Broadcast(context.Background(), "m"); err != nil {
		t.Error(err)
	}
	e.wait(t, "m")
	if _, err := s.Count(context.Background(), "grant"); err != nil {
		t.Error(err)
	}
	if err := s.Delete(context.Background(), "grant", "k"); err != nil {
		t.Error(err)
	}
	r.do(t, "ACL", "SETUSER", "mcp", "resetkeys", "~other:*")
	if _, err := Open(Config{URL: url, Resource: resource, Logger: quietly()}); err == nil || !strings.Contains(err.Error(), "may not do this") {
		t.Errorf("a user without rights: %v", err)
	}
}

func TestReadOnlyReplicaIsRefused(t *testing.T) {
	primary := startReal(t)
	_, port, _ := net.SplitHostPort(primary.addr)
	replica := startReal(t, "--replicaof", "127.0.0.1 "+port)
	_, err := Open(Config{URL: replica.url(), Resource: resource, Logger: quietly()})
	if err == nil || !strings.Contains(err.Error(), "read-only replica") {
		t.Errorf("%v", err)
	}
}

// A policy that evicts is warned of, and so is one that cannot be seen.
func TestEvictionIsWarnedOf(t *testing.T) {
	r := startReal(t, "--appendonly", "yes")
	warnings := func() string {
		log := &bytes.Buffer{}
		open(t, r.url(), func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
		return log.String()
	}
	if w := warnings(); w != "" {
		t.Errorf("with noeviction: %s", w)
	}
	for _, policy := range []string{"volatile-lru", "allkeys-lfu"} {
		r.do(t, "CONFIG", "SET", "maxmemory-policy", policy)
		if w := warnings(); !strings.Contains(w, "maxmemory_policy="+policy) {
			t.Errorf("with %s: %q", policy, w)
		}
	}
	r.do(t, "ACL", "SETUSER", "default", "-info")
	if w := warnings(); !strings.Contains(w, "cannot see whether") {
		t.Errorf("without INFO: %q", w)
	}
}

// A Redis without memory takes nobody in, but still ends what was revoked.
func TestFullRedis(t *testing.T) {
	r := startReal(t)
	s := open(t, r.url())
	ctx := context.Background()
	put(t, s, "grant", "k", "v")
	put(t, s, "code", "k", "v")
	r.do(t, "CONFIG", "SET", "maxmemory", "1")
	if err := s.Put(ctx, "grant", "new", inAnHour("v"), 0); !errors.Is(err, session.ErrFull) {
		t.Errorf("Put: %v, want ErrFull", err)
	}
	if _, err := s.Get(ctx, "grant", "k"); err != nil {
		t.Errorf("Get: %v", err)
	}
	if err := s.Delete(ctx, "grant", "k"); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if _, err := s.Get(ctx, "grant", "k"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Get of what was deleted: %v, want ErrNotFound", err)
	}
	if err := s.Broadcast(ctx, "m"); err != nil {
		t.Errorf("Broadcast: %v", err)
	}
	if _, err := s.Take(ctx, "code", "k"); err != nil {
		t.Errorf("Take: %v", err)
	}
}

// A cluster of three is found from any of its nodes.
func TestCluster(t *testing.T) {
	var nodes []*real
	for range 3 {
		nodes = append(nodes, startReal(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000"))
	}
	for i, n := range nodes {
		n.do(t, "CLUSTER", "ADDSLOTSRANGE", i*5462, min((i+1)*5462, 16384)-1)
		n.do(t, "CLUSTER", "SET-CONFIG-EPOCH", i+1)
	}
	for _, n := range nodes[1:] {
		host, port, _ := net.SplitHostPort(n.addr)
		nodes[0].do(t, "CLUSTER", "MEET", host, port)
	}
	ready := func(n *real) bool {
		c := redis.NewClient(&redis.Options{Addr: n.addr, Protocol: 2})
		defer c.Close()
		info, err := c.ClusterInfo(context.Background()).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3")
	}
	for i := 0; i < 300 && !(ready(nodes[0]) && ready(nodes[1]) && ready(nodes[2])); i++ {
		time.Sleep(50 * time.Millisecond)
	}
	for i, n := range nodes {
		t.Run(fmt.Sprint("from node ", i), func(t *testing.T) {
			storetest.Run(t, suite(func(*testing.T) string { return n.url() }))
		})
	}
	a, b := open(t, nodes[0].url()), open(t, nodes[1].url())
	e := listen(b)
	e.waitUp(t, true, 5*time.Second)
	if err := a.Broadcast(context.Background(), "m"); err != nil {
		t.Fatal(err)
	}
	e.wait(t, "m")
}
