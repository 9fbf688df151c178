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

// cache remembers what was found of tokens, by their SHA-256: a principal, or an
// error. Refusals, with which strangers can fill it, need a cache of their own.
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
	p    *authlib.Principal // nil for a refusal
	err  error
}

func newCache(now func() time.Time) *cache {
	c := &cache{now: now}
	for i := range c.shards {
		c.shards[i].byKey = map[digest]*list.Element{}
	}
	return c
}

// get returns what is remembered of token, with a copy of the principal.
func (c *cache) get(token string) (found entry, ok bool) {
	key := sha256.Sum256([]byte(token))
	s := &c.shards[key[0]%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	el := s.byKey[key]
	if el == nil {
		return entry{}, false
	}
	e := el.Value.(*entry)
	if !c.now().Before(e.ends) {
		s.remove(el)
		return entry{}, false
	}
	s.order.MoveToFront(el)
	found = *e
	if found.p != nil {
		found.p = found.p.Clone()
	}
	return found, true
}

// put remembers p until the earlier of its expiry and until.
func (c *cache) put(token string, p *authlib.Principal, until time.Time) {
	if !p.Expiry.IsZero() && p.Expiry.Before(until) {
		until = p.Expiry
	}
	c.remember(token, entry{ends: until, p: p.Clone()})
}

// remember remembers e, whose key is token's, until it ends.
func (c *cache) remember(token string, e entry) {
	if !c.now().Before(e.ends) {
		return
	}
	e.key = sha256.Sum256([]byte(token))
	s := &c.shards[e.key[0]%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if el := s.byKey[e.key]; el != nil {
		s.remove(el)
	}
	s.byKey[e.key] = s.order.PushFront(&e)
	if s.order.Len() > perShard {
		s.remove(s.order.Back())
	}
}

func (s *shard) remove(el *list.Element) {
	s.order.Remove(el)
	delete(s.byKey, el.Value.(*entry).key)
}
