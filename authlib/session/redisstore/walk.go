package redisstore

import (
	"context"
	"errors"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/redis/go-redis/v9"
)

var _ session.Walker = (*Store)(nil)

// walkPage is how many keys of a kind's index are read at a time.
const walkPage = 100

// Walk is [session.Walker].Walk. It goes through the index of the kind and scans
// nothing. What Redis has forgotten, and what went back in time, is left out. What ends
// or is removed meanwhile may push another record out of sight.
func (s *Store) Walk(ctx context.Context, kind session.Kind, visit func(key string, r session.Record, err error) bool) error {
	for offset := int64(0); ; offset += walkPage {
		keys, err := s.page(ctx, kind, offset)
		if err != nil || len(keys) == 0 {
			return err
		}
		if more, err := s.visit(ctx, kind, keys, visit); err != nil || !more {
			return err
		}
	}
}

// page returns keys of a kind that have not ended by our clock.
func (s *Store) page(ctx context.Context, kind session.Kind, offset int64) ([]string, error) {
	ctx, cancel, err := s.op(ctx, kind, "x")
	if err != nil {
		return nil, err
	}
	defer cancel()
	from := &redis.ZRangeBy{Min: "(" + millis(s.now()), Max: "+inf", Offset: offset, Count: walkPage}
	keys, err := s.client.ZRangeByScore(ctx, s.names.index(kind), from).Result()
	if err != nil {
		return nil, failed(ctx, "walk", err)
	}
	return keys, nil
}

func (s *Store) visit(ctx context.Context, kind session.Kind, keys []string, visit func(key string, r session.Record, err error) bool) (more bool, err error) {
	for _, key := range keys {
		r, err := s.Get(ctx, kind, key)
		switch {
		case errors.Is(err, session.ErrNotFound):
			continue
		case errors.Is(err, session.ErrCorrupt):
			key, r = "", session.Record{}
		case err != nil:
			return false, err
		}
		if !visit(key, r, err) {
			return false, nil
		}
	}
	return true, nil
}
