package redisstore

import (
	"context"
	"errors"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

var _ session.Pinger = (*Store)(nil)

// pingKey is of a record that nobody writes.
const pingKey = "nothing"

// Ping is [session.Pinger].Ping. It reads as Get does: a Redis that is starting, has
// lost its primary or took our rights away answers PING all the same.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.Get(ctx, kindProbe, pingKey)
	if errors.Is(err, session.ErrNotFound) {
		return nil
	}
	return err
}
