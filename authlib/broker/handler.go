package broker

import (
	"context"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// FromContext returns the broker that the caller of ctx came in by: that of the guard
// which let the caller in. So a handler reaches [Broker.Client], [Broker.TokenSource]
// and [Broker.UserData] from wherever it is. ok is false for strangers and where the
// guard has no broker.
func FromContext(ctx context.Context) (b *Broker, ok bool) {
	p, ok := authlib.FromContext(ctx)
	if !ok {
		return nil, false
	}
	b, ok = p.AuthServer().(*Broker)
	return b, ok
}
