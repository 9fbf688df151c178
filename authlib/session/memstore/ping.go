package memstore

import (
	"context"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

var _ session.Pinger = (*Store)(nil)

// Ping is [session.Pinger].Ping: memory is always there.
func (s *Store) Ping(ctx context.Context) error { return ctx.Err() }
