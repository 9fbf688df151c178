// Package redisstore keeps records in Redis or Valkey, so that several replicas of
// a server know the same signed-in users.
//
// It needs Redis 5 or newer (or what speaks its protocol), as one node, with
// replicas, or as a cluster. An ACL user needs: ~mcp:* &mcp:* +@connection
// +eval +evalsha +get +getrange +set +del +pttl +pexpire +zadd +zrem +zcount
// +zrangebyscore +publish +subscribe, should have +info, and in a cluster needs
// +info and +cluster.
//
// # What it does not do
//
// It does not encrypt: session.Seal does, and the broker seals whatever store it is given.
// It does not wait for replicas: what Redis loses when another node takes over is lost, and
// who signed out in that instant may be signed in again. It scans nothing, and
// migrates no data from other stores.
package redisstore

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/redis/go-redis/v9"
)

// Config configures a [Store]. URL or Client, and Resource, are required.
type Config struct {
	// URL says where Redis is: redis://user:password@host:port/db, rediss:// for
	// TLS, unix:///path/to/socket?db=0. The options of go-redis's ParseURL may
	// follow; skip_verify is refused. A node of a cluster is enough to find the
	// others. Programs take it from REDIS_URL, and errors name that; they never
	// show a part of it.
	URL string
	// Client is used instead of URL where one is there already, or with Sentinel.
	// It stays the caller's to close. Set its MaxRetries to -1: a Take that is sent
	// again finds nothing. ContextTimeoutEnabled must be true for the store's own
	// time limit to hold.
	Client redis.UniversalClient
	// Resource is the server's canonical URL. Every key contains its hash, so that
	// servers that share a Redis see, count and end nothing of each other.
	Resource string
	// Logger gets warnings at start; nil is slog.Default().
	Logger *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// A Store is a [session.Store] and a [session.Broadcaster] in Redis. Every method
// gives up after 2 seconds. Nothing is tried twice; the next call replaces a
// connection that broke.
//
// A record leaves Redis at its end by Redis's clock, and is not found from its end
// by ours, whichever comes first. What Redis forgets otherwise is gone as if it had
// been deleted: its user signs in again. See [Open] for the one exception.
type Store struct {
	client redis.UniversalClient
	own    bool // the client is ours to close
	names  names
	now    func() time.Time
	log    *slog.Logger
	ctx    context.Context // ends with Close
	close  context.CancelFunc
}

var (
	_ session.Store       = (*Store)(nil)
	_ session.Broadcaster = (*Store)(nil)
)

const (
	// opTimeout bounds one call of the store. Clients of a store that hangs get
	// their 503 after it.
	opTimeout = 2 * time.Second
	// openTimeout bounds Open, which makes several calls and its first connection.
	openTimeout = 10 * time.Second
)

// Open connects, and makes sure that it can write, read and take what it wrote.
// A Redis that is not there, refuses the password or is a read-only replica is an
// error that names REDIS_URL and shows nothing of it.
//
// It warns when Redis may evict records (maxmemory-policy other than noeviction):
// an evicted grant, client or code only means that somebody signs in again, but
// without the list of a user's grants, broker.Revoke by user finds none to end.
func Open(cfg Config) (*Store, error) {
	if cfg.Resource == "" {
		return nil, errors.New("redisstore: Config.Resource is empty; set MCP_RESOURCE_URL to the public URL of the MCP endpoint")
	}
	s := &Store{client: cfg.Client, names: newNames(cfg.Resource), now: cfg.Now, log: cfg.Logger}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.ctx, s.close = context.WithCancel(context.Background())
	if err := s.connect(cfg.URL); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *Store) connect(rawURL string) error {
	ctx, cancel := context.WithTimeout(s.ctx, openTimeout)
	defer cancel()
	if s.client == nil {
		client, err := newClient(ctx, rawURL)
		if err != nil {
			return err
		}
		s.client, s.own = client, true
	}
	if err := s.tryOut(ctx); err != nil {
		_ = s.Close() // the error above says more
		return err
	}
	s.warnOfEviction(ctx)
	return nil
}

// Close ends the listeners, within about a second, and the connections, unless
// they are those of Config.Client.
func (s *Store) Close() error {
	s.close()
	if !s.own {
		return nil
	}
	return s.client.Close()
}

// String keeps the URL out of logs.
func (s *Store) String() string { return "redisstore.Store" }

// GoString keeps the URL out of %#v.
func (s *Store) GoString() string { return s.String() }

// String keeps the URL out of logs.
func (c Config) String() string { return "redisstore.Config" }

// GoString keeps the URL out of %#v.
func (c Config) GoString() string { return c.String() }

// op prepares a call: it checks the arguments, and bounds the time.
func (s *Store) op(ctx context.Context, kind session.Kind, key string) (context.Context, context.CancelFunc, error) {
	if err := errors.Join(ctx.Err(), session.CheckArgs(kind, key)); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	return ctx, cancel, nil
}

// Get is [session.Store].Get. It reads no more than a record can have, whatever is
// there.
func (s *Store) Get(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	ctx, cancel, err := s.op(ctx, kind, key)
	if err != nil {
		return session.Record{}, err
	}
	defer cancel()
	raw, err := s.client.GetRange(ctx, s.names.record(kind, key), 0, maxRecord).Result()
	if err != nil {
		return session.Record{}, failed(ctx, "get", err)
	}
	return s.live(raw)
}

// live returns the record in raw, which is empty when there is none.
func (s *Store) live(raw string) (session.Record, error) {
	if raw == "" {
		return session.Record{}, session.ErrNotFound
	}
	r, err := decode(raw)
	if err != nil {
		return session.Record{}, err
	}
	if !s.now().Before(r.Expires) {
		return session.Record{}, session.ErrNotFound
	}
	return r, nil
}

// Put is [session.Store].Put.
func (s *Store) Put(ctx context.Context, kind session.Kind, key string, r session.Record, ifVersion uint64) error {
	if err := session.CheckRecord(r); err != nil {
		return err
	}
	ctx, cancel, err := s.op(ctx, kind, key)
	if err != nil {
		return err
	}
	defer cancel()
	args, err := putArgs(key, r, ifVersion, s.now())
	if err != nil {
		return err
	}
	answer, err := putScript.Run(ctx, s.client, s.names.both(kind, key), args...).Text()
	if err != nil {
		return failed(ctx, "put", err)
	}
	switch answer {
	case "done":
		return nil
	case "conflict":
		return session.ErrConflict
	case "damaged":
		return errDamaged
	}
	return errors.New("redisstore: put: the Redis in REDIS_URL gave an answer that is not the script's")
}

// Delete is [session.Store].Delete. It removes a damaged record too.
func (s *Store) Delete(ctx context.Context, kind session.Kind, key string) error {
	ctx, cancel, err := s.op(ctx, kind, key)
	if err != nil {
		return err
	}
	defer cancel()
	if err := deleteScript.Run(ctx, s.client, s.names.both(kind, key), key).Err(); err != nil {
		return failed(ctx, "delete", err)
	}
	return nil
}

// Take is [session.Store].Take. A damaged record is gone after it.
func (s *Store) Take(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	ctx, cancel, err := s.op(ctx, kind, key)
	if err != nil {
		return session.Record{}, err
	}
	defer cancel()
	raw, err := takeScript.Run(ctx, s.client, s.names.both(kind, key), key, maxRecord).Text()
	if err != nil {
		return session.Record{}, failed(ctx, "take", err)
	}
	return s.live(raw)
}

// Count is [session.Store].Count. It costs the logarithm of the number, writes
// nothing, and counts what has not ended by our clock.
func (s *Store) Count(ctx context.Context, kind session.Kind) (int, error) {
	ctx, cancel, err := s.op(ctx, kind, "x")
	if err != nil {
		return 0, err
	}
	defer cancel()
	n, err := s.client.ZCount(ctx, s.names.index(kind), "("+millis(s.now()), "+inf").Result()
	if err != nil {
		return 0, failed(ctx, "count", err)
	}
	return int(n), nil
}
