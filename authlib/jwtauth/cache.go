package jwtauth

import (
	"container/list"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

const (
	shards = 16 // so that requests seldom wait for each other
	// perShard bounds the entries; the least recently used one goes first.
	perShard = 256
)

// cache remembers tokens that were found good, by their SHA-256. It never
// remembers a refusal: strangers could fill it.
type cache struct {
	now    func() time.Time
	shards [shards]shard
}

type digest = [sha256.Size]byte

type shard struct {
	mu    sync.Mutex
	byKey map[digest]*list.Element
	order list.List // of *entry, most recently used first
}

type entry struct {
	key  digest
	ends time.Time
	p    *authlib.Principal
}

func newCache(now func() time.Time) *cache {
	c := &cache{now: now}
	for i := range c.shards {
		c.shards[i].byKey = map[digest]*list.Element{}
	}
	return c
}

// get returns a copy of what is remembered of token, or nil.
func (c *cache) get(token string) *authlib.Principal {
	key := sha256.Sum256([]byte(token))
	s := &c.shards[key[0]%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	el := s.byKey[key]
	if el == nil {
		return nil
	}
	e := el.Value.(*entry)
	if !c.now().Before(e.ends) {
		s.remove(el)
		return nil
	}
	s.order.MoveToFront(el)
	return e.p.Clone()
}

// put remembers p until the earlier of its expiry and until.
func (c *cache) put(token string, p *authlib.Principal, until time.Time) {
	if !p.Expiry.IsZero() && p.Expiry.Before(until) {
		until = p.Expiry
	}
	if !c.now().Before(until) {
		return
	}
	key := sha256.Sum256([]byte(token))
	s := &c.shards[key[0]%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if el := s.byKey[key]; el != nil {
		s.remove(el)
	}
	s.byKey[key] = s.order.PushFront(&entry{key, until, p.Clone()})
	if s.order.Len() > perShard {
		s.remove(s.order.Back())
	}
}

func (s *shard) remove(el *list.Element) {
	s.order.Remove(el)
	delete(s.byKey, el.Value.(*entry).key)
}
