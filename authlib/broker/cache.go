package broker

import (
	"container/list"
	"sync"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// maxVerified bounds the cache; the least recently used entry goes first.
const maxVerified = 4096

// verified remembers positive answers of Verify, by the hash of the token. A nil
// verified remembers nothing.
type verified struct {
	ttl time.Duration
	now func() time.Time

	mu    sync.Mutex
	byKey map[string]*list.Element
	order *list.List // of *verifiedEntry, most recently used first
}

type verifiedEntry struct {
	key, grant string
	ends       time.Time
	p          *authlib.Principal
}

func newVerified(ttl time.Duration, now func() time.Time) *verified {
	return &verified{ttl: ttl, now: now, byKey: map[string]*list.Element{}, order: list.New()}
}

func (v *verified) get(key string) *authlib.Principal {
	if v == nil {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	el := v.byKey[key]
	if el == nil {
		return nil
	}
	e := el.Value.(*verifiedEntry)
	if !v.now().Before(e.ends) {
		v.remove(el)
		return nil
	}
	v.order.MoveToFront(el)
	return e.p.Clone()
}

func (v *verified) put(key, grant string, p *authlib.Principal) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if el := v.byKey[key]; el != nil {
		v.remove(el)
	}
	e := &verifiedEntry{key: key, grant: grant, ends: earlier(v.now().Add(v.ttl), p.Expiry), p: p.Clone()}
	v.byKey[key] = v.order.PushFront(e)
	if v.order.Len() > maxVerified {
		v.remove(v.order.Back())
	}
}

func (v *verified) remove(el *list.Element) {
	v.order.Remove(el)
	delete(v.byKey, el.Value.(*verifiedEntry).key)
}

// drop forgets the tokens of a grant.
func (v *verified) drop(grant string) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for el := v.order.Front(); el != nil; {
		next := el.Next()
		if el.Value.(*verifiedEntry).grant == grant {
			v.remove(el)
		}
		el = next
	}
}
