package memstore

import (
	"context"
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

var _ session.Broadcaster = (*Store)(nil)

// Broadcast is [session.Broadcaster].Broadcast. All who listen are in this process,
// and have heard message when it returns.
func (s *Store) Broadcast(ctx context.Context, message string) error {
	if len(message) > session.MaxMessage {
		return fmt.Errorf("memstore: a message of %d bytes, at most %d", len(message), session.MaxMessage)
	}
	s.telling.Lock()
	defer s.telling.Unlock()
	for _, l := range s.listeners {
		l.Heard(message)
	}
	return ctx.Err()
}

// Listen is [session.Broadcaster].Listen. Messages arrive at once, and none is missed.
func (s *Store) Listen(l session.Listener) {
	s.telling.Lock()
	defer s.telling.Unlock()
	s.listeners = append(s.listeners, l)
	l.Up(true)
}
