package redisstore

import (
	"crypto/sha256"
	"encoding/base64"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// names makes the names of everything that one server keeps. The braces are a hash
// tag: in a cluster all of it is in one slot, since a script may only touch keys
// of one, and each touches a record and its kind's index.
type names struct{ prefix string }

func newNames(resource string) names {
	sum := sha256.Sum256([]byte(resource))
	return names{"mcp:{" + base64.RawURLEncoding.EncodeToString(sum[:16]) + "}:"}
}

func (n names) record(kind session.Kind, key string) string {
	return n.prefix + "r:" + string(kind) + ":" + key
}

// index names the sorted set of a kind's keys by their end, which Count reads.
func (n names) index(kind session.Kind) string { return n.prefix + "n:" + string(kind) }

// witness names a process's count of the writes that it ended.
func (n names) witness(process string) string { return n.prefix + "w:" + process }

// floor names the time before which nothing was written that is believed.
func (n names) floor() string { return n.prefix + "floor" }

// channel names where endings and revocations are announced.
func (n names) channel() string { return n.prefix + "revoked" }
