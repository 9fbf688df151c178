package redisstore

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// A wire is a TCP connection to a Redis that can be cut without anybody being told.
type wire struct {
	addr string
	dead atomic.Bool
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: l.Addr().String()}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go w.join(conn, to)
		}
	}()
	return w
}

func (w *wire) join(conn net.Conn, to string) {
	far, err := net.Dial("tcp", to)
	if err != nil {
		conn.Close()
		return
	}
	defer far.Close()
	go func() { _, _ = io.Copy(gate{conn, w}, far) }()
	_, _ = io.Copy(gate{far, w}, conn)
}

// cut loses whatever is sent from now on, also over new connections.
func (w *wire) cut()  { w.dead.Store(true) }
func (w *wire) mend() { w.dead.Store(false) }

type gate struct {
	io.Writer
	w *wire
}

func (g gate) Write(b []byte) (int, error) {
	if g.w.dead.Load() {
		return len(b), nil
	}
	return g.Writer.Write(b)
}
