package memstore

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// Whoever listens hears every message from then on, before Broadcast returns.
func TestBroadcastIsHeardAtOnce(t *testing.T) {
	s, ctx := New(), context.Background()
	var first, second []string
	listen := func(to *[]string) {
		up := false
		s.Listen(session.Listener{Up: func(is bool) { up = is }, Heard: func(m string) { *to = append(*to, m) }})
		if !up {
			t.Error("it is not said that messages arrive")
		}
	}
	listen(&first)
	_ = s.Broadcast(ctx, "a")
	listen(&second)
	_ = s.Broadcast(ctx, "b")
	if !slices.Equal(first, []string{"a", "b"}) || !slices.Equal(second, []string{"b"}) {
		t.Errorf("heard %v and %v", first, second)
	}
	if err := s.Broadcast(ctx, strings.Repeat("m", session.MaxMessage+1)); err == nil || len(first) != 2 {
		t.Errorf("a message that is too long: %v", err)
	}
}
