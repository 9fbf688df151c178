package authlib

import (
	"bytes"
	"hash/maphash"
	"math/bits"
)

// A place is where in a message a value stands: which keys an SDK reads there.
type place int

const (
	inMessage       place = iota // the message itself
	inParams                     // params
	inMeta                       // params._meta
	inTask                       // params.task
	inRef                        // params.ref
	inListen                     // params.notifications of subscriptions/listen
	inSubscriptions              // params.notifications.resourceSubscriptions
	inProtocol                   // any other object of the protocol
	inFree                       // arguments, results: the application's own
)

// inside returns the place of the value of key.
func (p place) inside(key []byte) place {
	switch p {
	case inMessage:
		if string(key) == "params" {
			return inParams
		}
		return inFree // result, error; everything else is refused
	case inParams:
		return insideParams(string(key))
	case inListen:
		if string(key) == "resourceSubscriptions" {
			return inSubscriptions
		}
		return inProtocol
	case inFree:
		return inFree
	}
	return inProtocol
}

func insideParams(key string) place {
	switch key {
	case "arguments", "data", "content", "structuredContent":
		return inFree
	case "_meta":
		return inMeta
	case "task":
		return inTask
	case "ref":
		return inRef
	case "notifications":
		return inListen
	}
	return inProtocol
}

// The keys that an SDK reads, by place. Read only.
var (
	messageKeys = []string{"jsonrpc", "id", "method", "params", "result", "error"}
	paramsKeys  = []string{"name", "uri", "arguments", "_meta", "task", "taskId", "ref", "argument", "context", "cursor",
		"level", "requestId", "reason", "progressToken", "progress", "total", "message", "protocolVersion", "capabilities",
		"clientInfo", "notifications", "inputResponses", "requestState", "elicitationId"}
	metaKeys = []string{"progressToken", metaVersion, "io.modelcontextprotocol/clientInfo",
		"io.modelcontextprotocol/clientCapabilities", "io.modelcontextprotocol/logLevel",
		"io.modelcontextprotocol/related-task", "io.modelcontextprotocol/subscriptionId",
		"traceparent", "tracestate", "baggage"}
	taskKeys   = []string{"ttl", "pollInterval", "taskId"}
	refKeys    = []string{"type", "name", "uri", "title"}
	listenKeys = []string{"resourceSubscriptions", "toolsListChanged", "promptsListChanged", "resourcesListChanged"}
)

// known returns the keys that an SDK reads at p.
func (p place) known() []string {
	switch p {
	case inMessage:
		return messageKeys
	case inParams:
		return paramsKeys
	case inMeta:
		return metaKeys
	case inTask:
		return taskKeys
	case inRef:
		return refKeys
	case inListen:
		return listenKeys
	}
	return nil
}

const metaVersion = "io.modelcontextprotocol/protocolVersion"

// addKey checks key against those of the object that start at base, and adds it, or
// says what is wrong with it.
func (s *scanner) addKey(where place, base int, key span) (why string) {
	if where == inFree {
		return s.addFree(base, key)
	}
	if len(s.keys)-base >= maxProtoKeys {
		return "too many keys"
	}
	name := s.bytes(key)
	for _, k := range s.keys[base:] {
		if bytes.EqualFold(s.bytes(k), name) {
			return "duplicate key, case aside"
		}
	}
	for _, k := range where.known() {
		if string(name) == k {
			break
		}
		// A folded letter takes up to three bytes where the plain one takes one.
		if len(name) <= 3*len(k) && bytes.EqualFold(name, []byte(k)) {
			return "key differs from one of the protocol in case only"
		}
	}
	s.keys = append(s.keys, key)
	return ""
}

// addFree adds a key of an object whose keys are the application's own. Those of an
// object with many are compared at its end, by distinct.
func (s *scanner) addFree(base int, key span) (why string) {
	if keys := s.keys[base:]; len(keys) < smallObject {
		for _, k := range keys {
			if k.n == key.n && bytes.Equal(s.bytes(k), s.bytes(key)) {
				return "duplicate key"
			}
		}
	}
	s.keys = append(s.keys, key)
	return ""
}

// keySeed makes hashes that nobody outside can choose keys for.
var keySeed = maphash.MakeSeed()

// distinct reports whether no two of keys are equal. It takes time in proportion to
// them, and 16 bytes for each at most.
func (s *scanner) distinct(keys []span) bool {
	size := 1 << bits.Len(uint(2*len(keys)))
	if len(s.table) < size {
		s.table = make([]uint32, size)
	}
	table := s.table[:size] // of indexes into keys, from 1
	clear(table)
	for i, k := range keys {
		name := s.bytes(k)
		slot := maphash.Bytes(keySeed, name) % uint64(size)
		for ; table[slot] != 0; slot = (slot + 1) % uint64(size) {
			if bytes.Equal(s.bytes(keys[table[slot]-1]), name) {
				return false
			}
		}
		table[slot] = uint32(i + 1)
	}
	return true
}
