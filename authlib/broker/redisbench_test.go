package broker

import (
	"context"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore"
)

// inRedis keeps sign-ins in the embedded Redis, or in a real one: the one that
// REDIS_TEST_URL names, or one that the program REDIS_TEST_SERVER starts.
func inRedis(tb testing.TB) func(*Config) {
	return func(c *Config) {
		s, err := redisstore.Open(redisstore.Config{URL: redisURL(tb), Resource: c.Resource, Logger: quiet(), Now: c.Now})
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = s.Close() })
		c.Store, c.Keys = s, [][]byte{make([]byte, 32)}
	}
}

func redisURL(tb testing.TB) string {
	tb.Helper()
	switch program := os.Getenv("REDIS_TEST_SERVER"); {
	case os.Getenv("REDIS_TEST_URL") != "":
		return os.Getenv("REDIS_TEST_URL")
	case program != "":
		return startRedis(tb, program)
	}
	return "redis://" + miniredis.RunT(tb).Addr()
}

// startRedis starts a Redis of the test's own.
func startRedis(tb testing.TB, program string) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(program, "--port", port, "--bind", "127.0.0.1", "--dir", tb.TempDir(), "--save", "", "--appendonly", "no")
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 200 {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return "redis://" + addr
		}
		time.Sleep(20 * time.Millisecond)
	}
	tb.Fatal(program, " does not start")
	return ""
}

// BenchmarkVerifyRedis is what requests in parallel pay with Redis.
func BenchmarkVerifyRedis(b *testing.B) {
	for name, cached := range map[string]time.Duration{"asked": 0, "cached": maxCacheFor} {
		b.Run(name, func(b *testing.B) {
			be := newBench(b, func(c *Config) { inRedis(b)(c); c.CacheFor = cached })
			be.awaitMessages()
			token := be.signIn().access
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := be.b.Verify(context.Background(), token); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
