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

// warnOfEviction looks at the policy where it may; managed services often forbid
// CONFIG, but not INFO.
func (s *Store) warnOfEviction(ctx context.Context) {
	policy, known := s.evictionPolicy(ctx)
	switch {
	case !known:
		s.log.Warn("redis_eviction_unknown", "meaning", "cannot see whether Redis evicts records; make sure that its maxmemory-policy is noeviction")
	case policy != "noeviction":
		s.log.Warn("redis_may_evict", "maxmemory_policy", policy,
			"meaning", "Redis may evict signed-in users when its memory is full, and signing a user out everywhere may then miss some; set maxmemory-policy to noeviction")
	}
}

func (s *Store) evictionPolicy(ctx context.Context) (policy string, known bool) {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	info, err := s.client.Info(ctx, "memory").Result()
	if err != nil {
		return "", false
	}
	for _, line := range strings.Split(info, "\n") {
		if policy, ok := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:"); ok {
			return policy, true
		}
	}
	return "", false
}
