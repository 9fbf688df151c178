package redisstore

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// kindProbe is the kind of the record that tryOut writes.
const kindProbe session.Kind = "probe"

// tryOut writes a record and takes it back, so that a program which could not keep
// anybody signed in does not start.
func (s *Store) tryOut(ctx context.Context) error {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return fmt.Errorf("redisstore: no randomness: %w", err)
	}
	key := base64.RawURLEncoding.EncodeToString(id)
	if err := s.Put(ctx, kindProbe, key, session.Record{Expires: s.now().Add(10 * time.Second)}, 0); err != nil {
		return err
	}
	if _, err := s.Get(ctx, kindProbe, key); err != nil {
		return err
	}
	_, err := s.Take(ctx, kindProbe, key)
	return err
}

// warn looks at how Redis is set up, where it may; managed services often forbid
// CONFIG, but not INFO.
func (s *Store) warn(ctx context.Context) {
	policy, known := s.info(ctx, "memory", "maxmemory_policy")
	switch {
	case !known:
		s.log.Warn("redis_eviction_unknown", "meaning", "cannot see whether Redis evicts records; make sure that its maxmemory-policy is noeviction")
	case policy != "noeviction":
		s.log.Warn("redis_may_evict", "maxmemory_policy", policy,
			"meaning", "Redis may evict signed-in users when its memory is full, and signing a user out everywhere may then miss some; set maxmemory-policy to noeviction")
	}
	if appends, _ := s.info(ctx, "persistence", "aof_enabled"); appends == "0" {
		s.log.Warn("redis_may_forget",
			"meaning", "Redis keeps no append-only file: when it restarts, users sign in again, and what was revoked since its last snapshot may be valid again; set appendonly to yes")
	}
}

// info returns a line of what Redis says of itself.
func (s *Store) info(ctx context.Context, section, name string) (value string, known bool) {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	info, err := s.client.Info(ctx, section).Result()
	if err != nil {
		return "", false
	}
	for _, line := range strings.Split(info, "\n") {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+":"); ok {
			return value, true
		}
	}
	return "", false
}
