// Package redisstore keeps records in Redis or Valkey, so that several replicas of a
// server know the same signed-in users. It checks at the start that Redis keeps what is
// written, and of each record that it is whole, has not ended, and is none that was
// ended and came back because Redis lost writes. It does not encrypt, and does not wait
// for Redis's replicas.
//
// It needs Redis 5 or newer (or what speaks its protocol), as one node, with
// replicas, or as a cluster. An ACL user needs: ~mcp:* &mcp:* +@connection
// +eval +evalsha +get +getrange +set +incr +del +pttl +pexpire +zadd +zrem +zcount
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
	"sync/atomic"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/redis/go-redis/v9"
)

// Config configures a [Store]. URL or Client, and Resource, are required.
type Config struct {
	// URL says where Redis is: redis://user:password@host:port/db, rediss:// for
	// TLS, unix:///path/to/socket?db=0. A node of a cluster is enough to find the
	// others; further ones may follow as ?addr=host:port&addr=host:port. With
	// ?master_name=NAME the hosts are Sentinels, whose user and password stand before
	// the host, and Redis's as &username= and &password=. The other options of
	// go-redis's ParseURL, ParseClusterURL and ParseFailoverURL may follow;
	// skip_verify is refused. Programs take it from REDIS_URL, and errors name that;
	// they never show a part of it.
	URL string
	// Client is used instead of URL where one is there already.
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
//
// What a process replaced or removed, or heard that another did (with Listen), does
// not come back for it when Redis goes back in time, as by a failover to a replica
// that was behind: it is not found, and is removed for the others within about a
// second. [session.Record].MayReturn excepts a record from that.
type Store struct {
	client redis.UniversalClient
	own    bool // the client is ours to close
	names  names
	now    func() time.Time
	log    *slog.Logger
	ctx    context.Context // ends with Close
	close  context.CancelFunc

	process string // names this process's witness
	witness witness
	mine    *endings      // of this process's writes
	others  *endings      // that others told of
	learned atomic.Uint64 // how many endings were
	floor   atomic.Int64  // in unix milliseconds; what was written before has ended
	rollback
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
	s := &Store{
		client: cfg.Client, names: newNames(cfg.Resource), now: cfg.Now, log: cfg.Logger,
		mine: newEndings(maxEndings), others: newEndings(maxEndings), rollback: newRollback(),
	}
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
	if err := s.begin(ctx); err != nil {
		_ = s.Close() // the error above says more
		return err
	}
	go s.watch()
	s.warn(ctx)
	return nil
}

// begin makes sure that the store works, and learns what others know of it.
func (s *Store) begin(ctx context.Context) error {
	m, err := newMark(s.now())
	if err != nil {
		return err
	}
	s.process = string(m[:])
	if err := s.tryOut(ctx); err != nil {
		return err
	}
	return s.adoptFloor(ctx)
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
	learned := s.learned.Load()
	raw, err := s.client.GetRange(ctx, s.names.record(kind, key), 0, maxRecord).Result()
	if err != nil {
		return session.Record{}, failed(ctx, "get", err)
	}
	r, err := s.live(raw)
	if err == nil && s.hasEnded(markOf(raw), learned) {
		s.bury(ctx, kind, key, markOf(raw))
		return session.Record{}, session.ErrNotFound
	}
	return r, err
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
	before := s.witness.seen()
	answer, err := s.run(ctx, putScript, kind, key, append(args, s.tells(kind)...), 3)
	if err != nil {
		return failed(ctx, "put", err)
	}
	switch answer[0] {
	case "done":
		was, _ := answer[1].(string)
		s.ended(before, kind, key, was, answer[2])
		return nil
	case "conflict":
		return session.ErrConflict
	case "damaged":
		return errDamaged
	}
	return failed(ctx, "put", errNotTheScripts)
}

// run runs a script on a record, which answers with n values.
func (s *Store) run(ctx context.Context, script *redis.Script, kind session.Kind, key string, args []any, n int) ([]any, error) {
	keys := []string{s.names.record(kind, key), s.names.index(kind), s.names.witness(s.process)}
	answer, err := script.Run(ctx, s.client, keys, args...).Slice()
	if err == nil && len(answer) != n {
		return nil, errNotTheScripts
	}
	return answer, err
}

// tells are what endLua tells besides the key.
func (s *Store) tells(kind session.Kind) []any {
	return []any{s.names.channel(), s.process, string(kind), witnessLives.Milliseconds()}
}

// Delete is [session.Store].Delete. It removes a damaged record too.
func (s *Store) Delete(ctx context.Context, kind session.Kind, key string) error {
	_, _, err := s.take(ctx, "delete", kind, key, headSize-1)
	return err
}

// Take is [session.Store].Take. A damaged record is gone after it.
func (s *Store) Take(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	raw, back, err := s.take(ctx, "take", kind, key, maxRecord)
	if err != nil {
		return session.Record{}, err
	}
	r, err := s.live(raw)
	if err == nil && back {
		return session.Record{}, session.ErrNotFound
	}
	return r, err
}

// take removes a record and returns up to and with byte n of it. It reports whether
// the record was back.
func (s *Store) take(ctx context.Context, op string, kind session.Kind, key string, n int) (raw string, back bool, err error) {
	ctx, cancel, err := s.op(ctx, kind, key)
	if err != nil {
		return "", false, err
	}
	defer cancel()
	before, learned := s.witness.seen(), s.learned.Load()
	answer, err := s.run(ctx, takeScript, kind, key, append([]any{key, n, op}, s.tells(kind)...), 2)
	if err != nil {
		return "", false, failed(ctx, op, err)
	}
	raw, _ = answer[0].(string)
	if len(raw) < headSize {
		return raw, false, nil
	}
	m := markOf(raw)
	s.ended(before, kind, key, string(m[:]), answer[1])
	return raw, s.hasEnded(m, learned), nil
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
