package redisstore

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/redis/go-redis/v9"
)

const (
	// quiet is how long a connection may bring nothing before it is asked whether
	// it still lives, and how long its answer may take.
	quiet = time.Second
	// A lost connection is tried again after firstPause, then twice as long each
	// time, up to longestPause.
	firstPause   = 50 * time.Millisecond
	longestPause = 2 * time.Second
)

// Broadcast is [session.Broadcaster].Broadcast.
func (s *Store) Broadcast(ctx context.Context, message string) error {
	if len(message) > session.MaxMessage {
		return errors.New("redisstore: message is too long")
	}
	if strings.HasPrefix(message, endingPrefix) {
		return errors.New("redisstore: messages that start with " + endingPrefix + "are the store's own")
	}
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	if err := s.client.Publish(ctx, s.names.channel(), message).Err(); err != nil {
		return failed(ctx, "broadcast", err)
	}
	return nil
}

// Listen is [session.Broadcaster].Listen. It holds one connection. A connection
// that is lost without a word is noticed after 2 seconds.
func (s *Store) Listen(l session.Listener) {
	go func() {
		for pause := firstPause; s.ctx.Err() == nil; pause = min(2*pause, longestPause) {
			if s.listen(l) {
				pause = firstPause
			}
			select {
			case <-s.ctx.Done():
			case <-time.After(pause):
			}
		}
	}()
}

// listen subscribes, and returns when the connection is lost or the store closed. It
// reports whether it was subscribed. (go-redis would connect again by itself, and
// tell nobody that messages were missed.)
func (s *Store) listen(l session.Listener) (up bool) {
	sub := s.client.Subscribe(s.ctx, s.names.channel())
	defer sub.Close()
	defer s.doubtful.Store(true) // whoever answers next may be another Redis
	defer l.Up(false)
	asked := false
	for s.ctx.Err() == nil {
		m, err := sub.ReceiveTimeout(s.ctx, quiet)
		if isTimeout(err) && !asked {
			err, asked = sub.Ping(s.ctx), true
			if err != nil {
				return up
			}
			continue
		}
		if err != nil {
			return up
		}
		asked = false
		switch m := m.(type) {
		case *redis.Subscription:
			up = m.Kind == "subscribe"
			l.Up(up)
		case *redis.Message:
			if !s.heardEnding(m.Payload) && len(m.Payload) <= session.MaxMessage {
				l.Heard(m.Payload)
			}
		}
	}
	return up
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
