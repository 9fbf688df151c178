package broker

import (
	"context"
	"sync"
)

// keyLocks is a mutex for each key. The zero value is ready. Its size is that of
// the keys locked or waited for now.
type keyLocks struct {
	mu   sync.Mutex
	held map[string]*keyLock
}

type keyLock struct {
	token   chan struct{} // holds one value while locked
	waiters int
}

// lock waits for the key's lock, or until ctx is done.
func (k *keyLocks) lock(ctx context.Context, key string) (unlock func(), err error) {
	k.mu.Lock()
	if k.held == nil {
		k.held = map[string]*keyLock{}
	}
	l := k.held[key]
	if l == nil {
		l = &keyLock{token: make(chan struct{}, 1)}
		k.held[key] = l
	}
	l.waiters++
	k.mu.Unlock()
	select {
	case l.token <- struct{}{}:
		return func() { <-l.token; k.leave(key, l) }, nil
	case <-ctx.Done():
		k.leave(key, l)
		return nil, ctx.Err()
	}
}

// leave is for who waits no more.
func (k *keyLocks) leave(key string, l *keyLock) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if l.waiters--; l.waiters == 0 {
		delete(k.held, key)
	}
}

// try takes the key's lock if nobody has it or waits for it.
func (k *keyLocks) try(key string) (unlock func(), ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.held[key] != nil {
		return nil, false
	}
	if k.held == nil {
		k.held = map[string]*keyLock{}
	}
	l := &keyLock{token: make(chan struct{}, 1), waiters: 1}
	l.token <- struct{}{}
	k.held[key] = l
	return func() { <-l.token; k.leave(key, l) }, true
}
