package redisstore

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"
)

// A mark is what one write leaves in its record, and no other write does: 22 letters
// of base64, of which the first eight are the time in milliseconds. So a record that
// is there again, after it was replaced or removed, is known by its mark.
type mark [markSize]byte

const (
	markSize     = 22
	markTimeSize = 8 // letters
)

func newMark(now time.Time) (mark, error) {
	var m mark
	b := binary.BigEndian.AppendUint64(nil, uint64(max(0, now.UnixMilli()))<<16)[:6]
	b = append(b, make([]byte, 10)...)
	if _, err := rand.Read(b[6:]); err != nil {
		return m, fmt.Errorf("redisstore: no randomness: %w", err)
	}
	base64.RawURLEncoding.Encode(m[:], b)
	return m, nil
}

// markOf returns the mark in a record that decode took.
func markOf(raw string) mark { return mark([]byte(raw[headSize-1-markSize : headSize-1])) }

// parseMark takes what Redis or another process says is a mark.
func parseMark(s string) (m mark, ok bool) {
	if len(s) != markSize {
		return m, false
	}
	copy(m[:], s)
	return m, true
}

// millis is when the write was made, by the writer's clock; 0 if it does not say.
func (m mark) millis() int64 {
	b, err := base64.RawURLEncoding.DecodeString(string(m[:markTimeSize]))
	if err != nil {
		return 0
	}
	return int64(binary.BigEndian.Uint64(append([]byte{0, 0}, b...)))
}
