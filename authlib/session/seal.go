package session

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Seal returns a store over below that seals values with ring, binds each to its
// kind and key, and replaces keys by keyed hashes. An unsealed or foreign
// record below is an error that matches [ErrCorrupt]. The end of a record is
// sealed as well, so that it cannot be put off by changing the store. What the seal
// cannot show is that a record of ours was removed, or that an older one was put
// back: whoever can write to the store below can undo a sign-out. now is the
// clock; nil is time.Now.
func Seal(below Store, ring *Ring, now func() time.Time) Store {
	if now == nil {
		now = time.Now
	}
	return &sealed{below: below, ring: ring, now: now, tag: resourceTag(ring.resource)}
}

// resourceTag is six letters of a hash. It hides nothing, and two resources of one
// tag would only be counted together.
func resourceTag(resource string) Kind {
	sum := sha256.Sum256(fields("mcp kinds v1", resource))
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'a' + sum[i]%26
	}
	return Kind(tag)
}

type sealed struct {
	below Store
	ring  *Ring
	now   func() time.Time
	tag   Kind // behind every kind below
}

// String keeps keys and records out of logs.
func (s *sealed) String() string { return "session.Store (sealed)" }

// GoString is String, for %#v.
func (s *sealed) GoString() string { return s.String() }

func (s *sealed) Get(ctx context.Context, kind Kind, key string) (Record, error) {
	r, _, err := s.find(ctx, kind, key)
	return r, err
}

// find looks under the names that the ring's keys give, newest first.
func (s *sealed) find(ctx context.Context, kind Kind, key string) (Record, string, error) {
	if err := CheckArgs(kind, key); err != nil {
		return Record{}, "", err
	}
	for _, name := range s.ring.names(kind, key) {
		r, err := s.below.Get(ctx, kind+s.tag, name)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return Record{}, "", err
		}
		r, err = s.open(kind, key, r)
		return r, name, err
	}
	return Record{}, "", ErrNotFound
}

func (s *sealed) open(kind Kind, key string, r Record) (Record, error) {
	r, err := s.openEnded(kind, key, r)
	if err == nil && !s.now().Before(r.Expires) {
		return Record{}, ErrNotFound
	}
	return r, err
}

// openEnded opens a record, also one that has ended.
func (s *sealed) openEnded(kind Kind, key string, r Record) (Record, error) {
	plain, err := s.ring.Open(kind, key, r.Value)
	if err != nil {
		return Record{}, err
	}
	if len(plain) < 8 {
		return Record{}, fmt.Errorf("%w: too short", ErrCorrupt)
	}
	r.Expires = time.UnixMilli(int64(binary.BigEndian.Uint64(plain)))
	r.Value = plain[8:]
	return r, nil
}

func (s *sealed) Put(ctx context.Context, kind Kind, key string, r Record, ifVersion uint64) error {
	if err := errors.Join(CheckArgs(kind, key), CheckRecord(r)); err != nil {
		return err
	}
	name := s.ring.names(kind, key)[0]
	if len(s.ring.keys) > 1 {
		_, found, err := s.find(ctx, kind, key)
		switch {
		case err == nil && ifVersion == 0:
			return ErrConflict
		case err == nil:
			name = found
		case !errors.Is(err, ErrNotFound):
			return err
		}
	}
	plain := binary.BigEndian.AppendUint64(nil, uint64(r.Expires.UnixMilli()))
	r.Value = s.ring.Seal(kind, key, append(plain, r.Value...))
	return s.below.Put(ctx, kind+s.tag, name, r, ifVersion)
}

func (s *sealed) Delete(ctx context.Context, kind Kind, key string) error {
	if err := CheckArgs(kind, key); err != nil {
		return err
	}
	for _, name := range s.ring.names(kind, key) {
		if err := s.below.Delete(ctx, kind+s.tag, name); err != nil {
			return err
		}
	}
	return nil
}

func (s *sealed) Take(ctx context.Context, kind Kind, key string) (Record, error) {
	if err := CheckArgs(kind, key); err != nil {
		return Record{}, err
	}
	for _, name := range s.ring.names(kind, key) {
		r, err := s.below.Take(ctx, kind+s.tag, name)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return Record{}, err
		}
		return s.open(kind, key, r)
	}
	return Record{}, ErrNotFound
}

// Count counts the records of this resource.
func (s *sealed) Count(ctx context.Context, kind Kind) (int, error) {
	if err := CheckArgs(kind, "x"); err != nil {
		return 0, err
	}
	return s.below.Count(ctx, kind+s.tag)
}
