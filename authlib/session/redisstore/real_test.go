package redisstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore/redistest"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
)

func TestStoreOverRealRedis(t *testing.T) {
	r := redistest.Start(t)
	storetest.Run(t, suite(func(*testing.T) string { return r.URL() }))
}

func TestSealedStoreOverRealRedis(t *testing.T) {
	r := redistest.Start(t)
	socket := func(*testing.T) string { return "unix://" + r.Socket + "?db=3" }
	storetest.Run(t, sealed(t, suite(socket)))
}

// A restart costs the connections, and what was not saved; the store finds its way
// back by itself.
func TestRealRedisRestarts(t *testing.T) {
	r := redistest.Start(t)
	s := open(t, r.URL())
	e := listen(s)
	e.waitUp(t, true, 5*time.Second)
	put(t, s, "grant", "k", "v")
	r.Kill()
	mustFail(t, s)
	e.waitUp(t, false, 5*time.Second)
	r.Start(t)
	if _, err := s.Get(context.Background(), "grant", "k"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("after a restart that saved nothing: %v, want ErrNotFound", err)
	}
	put(t, s, "grant", "k", "v")
	e.waitUp(t, true, 5*time.Second)
}

// The rights in the package comment are enough, and without them it does not start.
func TestRightsInThePackageComment(t *testing.T) {
	r := redistest.Start(t, "--appendonly", "yes")
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
	r.Do(t, args...)
	url := "redis://mcp:pw@" + r.Addr
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
	r.Do(t, "ACL", "SETUSER", "mcp", "resetkeys", "~other:*")
	if _, err := Open(Config{URL: url, Resource: resource, Logger: quietly()}); err == nil || !strings.Contains(err.Error(), "may not do this") {
		t.Errorf("a user without rights: %v", err)
	}
}

func TestReadOnlyReplicaIsRefused(t *testing.T) {
	primary := redistest.Start(t)
	_, port, _ := net.SplitHostPort(primary.Addr)
	replica := redistest.Start(t, "--replicaof", "127.0.0.1 "+port)
	_, err := Open(Config{URL: replica.URL(), Resource: resource, Logger: quietly()})
	if err == nil || !strings.Contains(err.Error(), "read-only replica") {
		t.Errorf("%v", err)
	}
}

// A policy that evicts is warned of, and so is one that cannot be seen.
func TestEvictionIsWarnedOf(t *testing.T) {
	r := redistest.Start(t, "--appendonly", "yes")
	warnings := func() string {
		log := &bytes.Buffer{}
		open(t, r.URL(), func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
		return log.String()
	}
	if w := warnings(); w != "" {
		t.Errorf("with noeviction: %s", w)
	}
	for _, policy := range []string{"volatile-lru", "allkeys-lfu"} {
		r.Do(t, "CONFIG", "SET", "maxmemory-policy", policy)
		if w := warnings(); !strings.Contains(w, "maxmemory_policy="+policy) {
			t.Errorf("with %s: %q", policy, w)
		}
	}
	r.Do(t, "ACL", "SETUSER", "default", "-info")
	if w := warnings(); !strings.Contains(w, "cannot see whether") {
		t.Errorf("without INFO: %q", w)
	}
}

// A Redis without memory takes nobody in, but still ends what was revoked.
func TestFullRedis(t *testing.T) {
	r := redistest.Start(t)
	s := open(t, r.URL())
	ctx := context.Background()
	put(t, s, "grant", "k", "v")
	put(t, s, "code", "k", "v")
	r.Do(t, "CONFIG", "SET", "maxmemory", "1")
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
	nodes := redistest.Cluster(t)
	for i, n := range nodes {
		t.Run(fmt.Sprint("from node ", i), func(t *testing.T) {
			storetest.Run(t, suite(func(*testing.T) string { return n.URL() }))
		})
	}
	a, b := open(t, nodes[0].URL()), open(t, nodes[1].URL())
	e := listen(b)
	e.waitUp(t, true, 5*time.Second)
	if err := a.Broadcast(context.Background(), "m"); err != nil {
		t.Fatal(err)
	}
	e.wait(t, "m")
}
