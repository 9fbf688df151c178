package probe

import (
	"context"
	"fmt"
	"net"
	"time"
)

// FreePort returns a TCP port of the loopback interface that nothing listened
// on a moment ago. Another program may take it before it is used; [Start] says
// so when that happens.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// answers reports whether something accepts connections on addr.
func answers(ctx context.Context, addr string) bool {
	d := net.Dialer{Timeout: 500 * time.Millisecond}
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	c.Close()
	return true
}
