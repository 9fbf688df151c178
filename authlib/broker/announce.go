package broker

import (
	"context"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// revocation is what other processes are told of a grant's end: a hash, since
// everybody who shares the store can read it. Whoever invents one makes a process
// ask the store again, and no more; so it needs no seal.
func revocation(grantID string) string { return hashKey("revoked " + grantID) }

// listen drops from the cache what other processes revoke, where the store can say
// so. Until it does, and whenever it cannot, the store is asked every time.
func (b *Broker) listen() {
	store, ok := b.cfg.Store.(session.Broadcaster)
	if !ok || b.cache == nil {
		return
	}
	b.cache.listening(false)
	store.Listen(session.Listener{Up: b.cache.listening, Heard: b.cache.drop})
}

// announce tells this process and the others that a grant ended. Those that miss it
// believe its tokens for Config.CacheFor at most. The caller may have left.
func (b *Broker) announce(ctx context.Context, grantID string) {
	b.cache.drop(revocation(grantID))
	store, ok := b.cfg.Store.(session.Broadcaster)
	if !ok {
		return
	}
	if err := store.Broadcast(context.WithoutCancel(ctx), revocation(grantID)); err != nil {
		b.cfg.Logger.WarnContext(ctx, auditNotAnnounced, "believed_for", b.cfg.CacheFor, "error", err)
	}
}
