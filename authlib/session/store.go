// Package session keeps what an authorization server has to remember: clients, logins
// under way, codes, grants, tokens and upstream tokens. It checks, where [Seal] is used,
// that a record was written by a server of the same resource and key, under the key that
// it is asked for, that nobody changed it, and that it has not ended. It does not notice
// that a record was removed, or that an older one was put back.
//
// A [Store] holds records and knows nothing of their meaning. [Seal] puts a
// layer over any Store that encrypts what is written and hides its keys, so
// that whoever reads or changes the store learns no token and can plant none.
//
// # What it does not do
//
// A store is no cache and no database: records are found by their key only. What Seal cannot
// show is that a record was removed, or an older one put back; see there. Sessions of the
// MCP protocol are not kept here: the SDKs keep those in memory.
package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// A Kind is a namespace of keys, such as "grant". It is made of the letters a to
// z only, and is at most 16 bytes long.
type Kind string

// A Record is one stored value.
type Record struct {
	Value []byte // at most MaxValue bytes
	// Version counts the writes of the record, from 1. Put ignores it.
	Version uint64
	// Expires is when the record ends, to the millisecond. Every record has an
	// end: Put refuses the zero time.
	Expires time.Time
	// MayReturn is for Put: it does no harm if a store that goes back in time, as
	// after a failover, brings the record back that this one replaces. Without it a
	// store that notices has neither. Nothing that was used up or taken away may
	// return. Get leaves it false.
	MayReturn bool
}

// String keeps the value out of logs.
func (r Record) String() string {
	return fmt.Sprintf("session.Record{%d bytes, version %d, until %s}", len(r.Value), r.Version, r.Expires.Format(time.RFC3339))
}

// GoString is String, for %#v.
func (r Record) GoString() string { return r.String() }

// LogValue is String, for package log/slog. JSON has the whole record: a store may
// write it.
func (r Record) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MaxValue is the size in bytes up to which a Store takes a value.
const MaxValue = 64 << 10

// A Store keeps records. It is safe for concurrent use by goroutines and, unless
// it says otherwise, by processes that share it. It copies what it is given and
// what it returns.
//
// A record past its end is not found, whether or not it is still held. An error
// that matches none of [ErrNotFound], [ErrConflict] and [ErrCorrupt] means that
// the store could not be asked: callers must then refuse, never assume.
type Store interface {
	// Get returns the record, or an error that matches ErrNotFound. It writes
	// nothing, since it runs on every request.
	Get(ctx context.Context, kind Kind, key string) (Record, error)
	// Put writes r if the stored record's version is ifVersion, where 0 means
	// that there must be none, and returns an error that matches ErrConflict
	// otherwise. The written record's version is ifVersion+1.
	Put(ctx context.Context, kind Kind, key string, r Record, ifVersion uint64) error
	// Delete removes the record. Removing none is no error.
	Delete(ctx context.Context, kind Kind, key string) error
	// Take returns the record and removes it. Of several concurrent calls one
	// gets the record, and the others an error that matches ErrNotFound.
	Take(ctx context.Context, kind Kind, key string) (Record, error)
	// Count returns how many records of a kind are held. It may count those
	// that have ended and are not yet swept.
	Count(ctx context.Context, kind Kind) (int, error)
}

// A Pinger is a [Store] that can say whether it can be asked now. The stores of this
// library are.
type Pinger interface {
	// Ping reads, and returns an error where Get would not work. It is as quick as Get, and
	// a store that holds nothing is fine.
	Ping(ctx context.Context) error
}

// Errors of stores.
var (
	ErrNotFound = errors.New("session: record not found")
	ErrConflict = errors.New("session: record was changed by somebody else")
	// ErrCorrupt is never reported as ErrNotFound: what was there is not known
	// to be gone.
	ErrCorrupt = errors.New("session: record is damaged")
	// ErrUnknownKey is an ErrCorrupt of a record that may be whole: another process
	// has a key that this one lacks.
	ErrUnknownKey = fmt.Errorf("%w: sealed with a key that is not in the key ring", ErrCorrupt)
	ErrFull       = errors.New("session: store is full")
)

// CheckArgs reports what is wrong with the arguments of a store's method: the
// kind, the key (1 to 512 bytes). Implementations of [Store] call it first.
func CheckArgs(kind Kind, key string) error {
	if kind == "" || len(kind) > 16 {
		return errors.New("session: kind must have 1 to 16 letters")
	}
	for _, c := range []byte(kind) {
		if c < 'a' || c > 'z' {
			return errors.New("session: kind must be made of the letters a to z")
		}
	}
	if key == "" || len(key) > 512 {
		return errors.New("session: key must have 1 to 512 bytes")
	}
	return nil
}

// CheckRecord reports what is wrong with a record that is to be written.
func CheckRecord(r Record) error {
	if r.Expires.IsZero() {
		return errors.New("session: record has no end; set Expires")
	}
	if len(r.Value) > MaxValue {
		return errors.New("session: value is larger than 64 KiB")
	}
	return nil
}
