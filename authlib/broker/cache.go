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

	mu      sync.Mutex
	off     bool   // nothing is remembered now
	drops   uint64 // how often something was dropped
	byKey   map[string]*list.Element
	byGrant map[string]map[*list.Element]bool // by revocation
	order   *list.List                        // of *verifiedEntry, most recently used first
}

type verifiedEntry struct {
	key, grant string // grant is what revocation made of it
	ends       time.Time
	p          *authlib.Principal
}

func newVerified(ttl time.Duration, now func() time.Time) *verified {
	return &verified{ttl: ttl, now: now, byKey: map[string]*list.Element{}, byGrant: map[string]map[*list.Element]bool{}, order: list.New()}
}

// get returns what is remembered, or nil and a mark for put.
func (v *verified) get(key string) (p *authlib.Principal, mark uint64) {
	if v == nil {
		return nil, 0
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	el := v.byKey[key]
	if el == nil {
		return nil, v.drops
	}
	e := el.Value.(*verifiedEntry)
	if !v.now().Before(e.ends) {
		v.remove(el)
		return nil, v.drops
	}
	v.order.MoveToFront(el)
	return e.p.Clone(), v.drops
}

// put remembers p for at most the given time, unless something was dropped since mark:
// p may have been read from the store before that, and would outlive its revocation.
func (v *verified) put(mark uint64, key, grant string, p *authlib.Principal, most time.Duration) {
	if v == nil || most <= 0 {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.off || mark != v.drops {
		return
	}
	if el := v.byKey[key]; el != nil {
		v.remove(el)
	}
	e := &verifiedEntry{key: key, grant: revocation(grant), ends: earlier(v.now().Add(min(v.ttl, most)), p.Expiry), p: p.Clone()}
	el := v.order.PushFront(e)
	v.byKey[key] = el
	if v.byGrant[e.grant] == nil {
		v.byGrant[e.grant] = map[*list.Element]bool{}
	}
	v.byGrant[e.grant][el] = true
	if v.order.Len() > maxVerified {
		v.remove(v.order.Back())
	}
}

func (v *verified) remove(el *list.Element) {
	e := el.Value.(*verifiedEntry)
	v.order.Remove(el)
	delete(v.byKey, e.key)
	delete(v.byGrant[e.grant], el)
	if len(v.byGrant[e.grant]) == 0 {
		delete(v.byGrant, e.grant)
	}
}

// drop forgets the tokens of the grant that a revocation names.
func (v *verified) drop(revocation string) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.drops++
	for el := range v.byGrant[revocation] {
		v.remove(el)
	}
}

// listening says whether revocations elsewhere are heard. While they are not,
// nothing is remembered.
func (v *verified) listening(up bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.off = !up
	v.drops++
	v.order.Init()
	clear(v.byKey)
	clear(v.byGrant)
}
