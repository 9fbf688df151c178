// Package redistest is for tests: it starts Redis servers, alone, with replicas, with
// Sentinels or as a cluster, loses what is sent to them, and takes the embedded one back
// in time. It checks that what it started answers, and nothing else.
//
// # What it does not do
//
// It is not for programs, and downloads nothing: without a redis-server on the machine
// the tests that need one are skipped.
package redistest

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Program finds a Redis or Valkey to start: REDIS_TEST_SERVER names one, else the
// path is searched. Without one the test is skipped; the embedded twin runs the same
// suites always.
func Program(t testing.TB) string {
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

// A Server is a Redis of the test's own, at 127.0.0.1 and at a socket.
type Server struct {
	Addr     string // host:port
	Socket   string // path of its socket
	Dir      string // where it keeps its files
	Password string // what follows --requirepass

	args []string
	cmd  *exec.Cmd
}

// Start starts a Redis that keeps nothing on disk unless args say so; it is killed
// when the test ends.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := prepare(t)
	_, port, _ := net.SplitHostPort(s.Addr)
	s.args = append([]string{"--port", port, "--bind", "127.0.0.1", "--unixsocket", s.Socket, "--dir", s.Dir, "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"}, args...)
	for i, arg := range args[:max(0, len(args)-1)] {
		if arg == "--requirepass" {
			s.Password = args[i+1]
		}
	}
	s.Start(t)
	return s
}

// prepare finds a port and a folder.
func prepare(t testing.TB) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "redis") // t.TempDir is too long for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{Addr: FreeAddr(t), Socket: filepath.Join(dir, "s"), Dir: dir}
	t.Cleanup(s.Kill)
	return s
}

// FreeAddr is an address at which nobody listens.
func FreeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Start starts a server that was killed, with what it has on disk, and waits until it
// answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.cmd = exec.Command(Program(t), s.args...)
	var out bytes.Buffer
	s.cmd.Stdout, s.cmd.Stderr = &out, &out
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 400 {
		if s.ready() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Kill()
	t.Fatalf("it does not start:\n%s", &out)
}

func (s *Server) ready() bool {
	conn, err := net.Dial("unix", s.Socket) // go-redis would log each refusal
	if err != nil {
		return false
	}
	conn.Close()
	admin := s.admin()
	defer admin.Close()
	return admin.Ping(context.Background()).Err() == nil
}

// Kill ends it at once (SIGKILL).
func (s *Server) Kill() {
	if s.cmd != nil && s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

// URL is what REDIS_URL may be.
func (s *Server) URL() string { return "redis://" + s.Addr }

func (s *Server) admin() *redis.Client {
	return redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket, Password: s.Password, Protocol: 2, MaxRetries: -1, DialerRetries: 1})
}

// Do runs a command as the administrator, and returns the answer.
func (s *Server) Do(t testing.TB, args ...any) any {
	t.Helper()
	admin := s.admin()
	defer admin.Close()
	answer, err := admin.Do(context.Background(), args...).Result()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return answer
}

// Says waits until INFO has the line.
func (s *Server) Says(t testing.TB, section, line string) {
	t.Helper()
	Within(t, 15*time.Second, section+" "+line, func() bool {
		info, _ := s.Do(t, "INFO", section).(string)
		return strings.Contains(info, line+"\r\n")
	})
}

// Within waits until is holds.
func Within(t testing.TB, d time.Duration, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("%s did not come about within %v", what, d)
}
