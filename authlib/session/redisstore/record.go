package redisstore

import (
	"fmt"
	"strconv"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// A record is a head of fixed width, which the scripts read, and the value:
//
//	mcpr1 VERSION(20 digits) END(16 digits, unix milliseconds) MARK(22 letters) VALUE
//
// The mark is new for each Put: one that arrives a second time, because its answer
// was lost and the client sent it again, finds its own and is no conflict.
const (
	magic    = "mcpr1 "
	headSize = 6 + 20 + 1 + 16 + 1 + markSize + 1
	// maxRecord is more than any record has; a longer one is damaged.
	maxRecord = headSize + session.MaxValue + 4096
)

var errDamaged = fmt.Errorf("redisstore: %w: it is none of ours", session.ErrCorrupt)

func encode(r session.Record, m mark) string {
	return fmt.Sprintf("%s%020d %016d %s %s", magic, r.Version, end(r), m[:], r.Value)
}

// end is a record's end in milliseconds. What ended before 1970 ended.
func end(r session.Record) int64 { return max(0, r.Expires.UnixMilli()) }

// decode is the reverse; whatever is not whole matches session.ErrCorrupt.
func decode(raw string) (session.Record, error) {
	if len(raw) < headSize || len(raw) > maxRecord || raw[:len(magic)] != magic {
		return session.Record{}, errDamaged
	}
	version, err1 := strconv.ParseUint(raw[6:26], 10, 64)
	ends, err2 := strconv.ParseInt(raw[27:43], 10, 64)
	if err1 != nil || err2 != nil || raw[26] != ' ' || raw[43] != ' ' || raw[headSize-1] != ' ' {
		return session.Record{}, errDamaged
	}
	return session.Record{Version: version, Expires: time.UnixMilli(ends), Value: []byte(raw[headSize:])}, nil
}

// putArgs are what putScript takes before what endLua tells.
func putArgs(key string, r session.Record, ifVersion uint64, now time.Time) ([]any, error) {
	m, err := newMark(now)
	if err != nil {
		return nil, err
	}
	r.Version = ifVersion + 1
	ends := "1"
	if r.MayReturn {
		ends = "0"
	}
	return []any{
		fmt.Sprintf("%020d", ifVersion), millis(now), end(r) - now.UnixMilli(),
		encode(r, m), end(r), string(m[:]), key, ends,
	}, nil
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
