package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Replica starts a replica of s, and waits until it has what s has. Its link to s
// goes over the wire, if there is one.
func (s *Server) Replica(t testing.TB, over *Wire, args ...string) *Server {
	t.Helper()
	addr := s.Addr
	if over != nil {
		addr = over.Addr
	}
	host, port, _ := net.SplitHostPort(addr)
	r := Start(t, append([]string{"--replicaof", host + " " + port}, args...)...)
	r.Says(t, "replication", "master_link_status:up")
	return r
}

// Follows waits until the replica has what s has. Nobody may write meanwhile.
func (s *Server) Follows(t testing.TB, replica *Server) {
	t.Helper()
	replica.Says(t, "replication", "master_link_status:up")
	Within(t, 15*time.Second, "the replica's offset", func() bool {
		here, there := s.offset(t, "master_repl_offset"), replica.offset(t, "slave_repl_offset")
		return here != "" && here == there
	})
}

func (s *Server) offset(t testing.TB, name string) string {
	info, _ := s.Do(t, "INFO", "replication").(string)
	_, rest, _ := strings.Cut(info, "\r\n"+name+":")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

// Promote makes a replica a primary.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	s.Do(t, "REPLICAOF", "NO", "ONE")
}

// Sentinels starts n Sentinels that look after s, by the name "main", and waits until
// they know of each other and of a replica. It returns their addresses.
func (s *Server) Sentinels(t testing.TB, n int) []string {
	t.Helper()
	host, port, _ := net.SplitHostPort(s.Addr)
	var addrs []string
	var all []*Server
	for range n {
		w := prepare(t)
		_, own, _ := net.SplitHostPort(w.Addr)
		conf := fmt.Sprintf("port %s\nbind 127.0.0.1\nunixsocket %s\ndir %s\nsentinel monitor main %s %s 2\nsentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 4000\n",
			own, w.Socket, w.Dir, host, port)
		if s.Password != "" {
			conf += "sentinel auth-pass main " + s.Password + "\n"
		}
		file := filepath.Join(w.Dir, "sentinel.conf")
		if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
			t.Fatal(err)
		}
		w.args = []string{file, "--sentinel"}
		w.Start(t)
		addrs, all = append(addrs, w.Addr), append(all, w)
	}
	for _, w := range all {
		Within(t, 20*time.Second, "the Sentinels' knowledge", func() bool {
			info, _ := w.Do(t, "INFO", "sentinel").(string)
			return strings.Contains(info, fmt.Sprintf("slaves=1,sentinels=%d", n))
		})
	}
	return addrs
}

// Cluster starts three primaries that share the slots.
func Cluster(t testing.TB, args ...string) []*Server {
	t.Helper()
	var nodes []*Server
	for i := range 3 {
		n := Start(t, append([]string{"--cluster-enabled", "yes", "--cluster-node-timeout", "2000"}, args...)...)
		n.Do(t, "CLUSTER", "ADDSLOTSRANGE", i*5462, min((i+1)*5462, 16384)-1)
		n.Do(t, "CLUSTER", "SET-CONFIG-EPOCH", i+1)
		nodes = append(nodes, n)
	}
	for _, n := range nodes[1:] {
		host, port, _ := net.SplitHostPort(n.Addr)
		nodes[0].Do(t, "CLUSTER", "MEET", host, port)
	}
	for _, n := range nodes {
		Within(t, 15*time.Second, "the cluster", func() bool {
			c := redis.NewClient(&redis.Options{Network: "unix", Addr: n.Socket, Protocol: 2})
			defer c.Close()
			info, err := c.ClusterInfo(context.Background()).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3")
		})
	}
	return nodes
}
