// Package memstore keeps records in this process's memory. It checks a record's version
// before it replaces it, its end before it gives it out, and how many there are. It does
// not keep them when the process ends, and no other process sees them.
//
// # What it does not do
//
// It writes nothing anywhere, so a restart signs everybody out. It is not for several
// replicas, and its size in bytes is not bounded but by Max records of at most
// session.MaxValue each.
package memstore

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// A Store is a [session.Store] in memory. Set Now and Max before first use.
type Store struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Max is how many records are held at most; 0 is 100,000. When as many live
	// ones are there, Put of a new one fails with an error that matches
	// [session.ErrFull].
	Max int

	mu      sync.Mutex
	records map[name]session.Record
	counts  map[session.Kind]int
	puts    int // since the last sweep
	swept   time.Time

	telling   sync.Mutex // a Broadcast after the other
	listeners []session.Listener
}

type name struct {
	kind session.Kind
	key  string
}

const defaultMax = 100_000

// New returns an empty store.
func New() *Store {
	return &Store{records: map[name]session.Record{}, counts: map[session.Kind]int{}}
}

var _ session.Store = (*Store)(nil)

// String keeps the records out of logs.
func (s *Store) String() string { return "memstore.Store" }

// GoString is String, for %#v.
func (s *Store) GoString() string { return s.String() }

func (s *Store) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// live returns the record if it has not ended.
func (s *Store) live(n name) (session.Record, bool) {
	r, ok := s.records[n]
	if !ok || !s.now().Before(r.Expires) {
		return session.Record{}, false
	}
	return r, true
}

// Get is [session.Store].Get.
func (s *Store) Get(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	if err := errors.Join(ctx.Err(), session.CheckArgs(kind, key)); err != nil {
		return session.Record{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.live(name{kind, key})
	if !ok {
		return session.Record{}, session.ErrNotFound
	}
	r.Value = bytes.Clone(r.Value)
	return r, nil
}

// Put is [session.Store].Put.
func (s *Store) Put(ctx context.Context, kind session.Kind, key string, r session.Record, ifVersion uint64) error {
	err := errors.Join(ctx.Err(), session.CheckArgs(kind, key), session.CheckRecord(r))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := name{kind, key}
	old, _ := s.live(n)
	if old.Version != ifVersion {
		return session.ErrConflict
	}
	if ifVersion == 0 {
		if err := s.makeRoom(); err != nil {
			return err
		}
	}
	if _, held := s.records[n]; !held {
		s.counts[kind]++
	}
	r.Value, r.Version = bytes.Clone(r.Value), ifVersion+1
	r.Expires = r.Expires.Truncate(time.Millisecond)
	s.records[n] = r
	return nil
}

// makeRoom sweeps from time to time, so that the cost of a Put stays constant on
// average, and when the store is full, but then at most once a second.
func (s *Store) makeRoom() error {
	limit := s.Max
	if limit <= 0 {
		limit = defaultMax
	}
	s.puts++
	full := len(s.records) >= limit && s.now().Sub(s.swept) >= time.Second
	if full || s.puts > len(s.records)+1000 {
		s.sweep()
	}
	if len(s.records) >= limit {
		return session.ErrFull
	}
	return nil
}

func (s *Store) sweep() {
	now := s.now()
	s.puts, s.swept = 0, now
	for n, r := range s.records {
		if !now.Before(r.Expires) {
			s.remove(n)
		}
	}
}

func (s *Store) remove(n name) {
	if _, held := s.records[n]; held {
		delete(s.records, n)
		s.counts[n.kind]--
	}
}

// Delete is [session.Store].Delete.
func (s *Store) Delete(ctx context.Context, kind session.Kind, key string) error {
	if err := errors.Join(ctx.Err(), session.CheckArgs(kind, key)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(name{kind, key})
	return nil
}

// Take is [session.Store].Take.
func (s *Store) Take(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	if err := errors.Join(ctx.Err(), session.CheckArgs(kind, key)); err != nil {
		return session.Record{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.live(name{kind, key})
	s.remove(name{kind, key})
	if !ok {
		return session.Record{}, session.ErrNotFound
	}
	return r, nil
}

// Count is [session.Store].Count.
func (s *Store) Count(ctx context.Context, kind session.Kind) (int, error) {
	if err := errors.Join(ctx.Err(), session.CheckArgs(kind, "x")); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// Callers refuse when the count is high, and then nothing else would sweep.
	if s.now().Sub(s.swept) >= time.Minute {
		s.sweep()
	}
	return s.counts[kind], nil
}
