package authlib

import (
	"fmt"
	"math"
)

const (
	maxDepth     = 64   // nesting of a message
	maxBatch     = 64   // messages of a batch
	maxProtoKeys = 64   // keys of one object of the protocol
	smallObject  = 16   // keys up to which duplicates are looked for one by one
	maxName      = 8192 // bytes of a method, name or URI
)

// A scanError says why a body is not a message that two parsers would be bound
// to read alike. It holds nothing of the body.
type scanError struct {
	at  int
	why string
}

func (e *scanError) Error() string { return fmt.Sprintf("%s at byte %d", e.why, e.at) }

// A scanner reads one JSON text strictly and writes its canonical encoding over
// it: compact, strings with the fewest escapes, numbers verbatim. It refuses what
// parsers disagree on (RFC 8259 §4, §8.1, §8.2; RFC 7493 §2): duplicate keys,
// invalid UTF-8, lone surrogates, trailing data. In the objects of the protocol
// it refuses as well keys that an SDK would take for another one when it compares
// without case. encoding/json can't do this: it folds case and keeps the last of
// two equal keys.
//
// The canonical encoding is never longer than what was read, so it is written in
// place. What is canonical already is moved in one piece, and not at all as long as
// nothing before it has shrunk, which is what most clients send.
//
// Its methods read from position i of buf on, and return where they stopped.
type scanner struct {
	buf   []byte
	w     int // end of what was written; w <= from
	from  int // from here to where is being read, buf is canonical and still to be written
	depth int
	keys  []span   // keys of the open objects, innermost last
	table []uint32 // of distinct
	msg   *message
}

// A span is a part of what was written. It is no slice, so that the garbage
// collector need not look at every key.
type span struct{ at, n uint32 }

// tooLong reports whether positions in buf don't fit into a span.
func (s *scanner) tooLong() bool { return uint64(len(s.buf)) > math.MaxUint32 }

//go:noinline
func (s *scanner) fail(i int, why string) (int, error) { return i, &scanError{i, why} }

func (s *scanner) bytes(k span) []byte { return s.buf[k.at : k.at+k.n] }

// at returns the byte at i, or 0 at the end. A NUL byte is no valid start of
// anything, so the two need not be told apart.
func (s *scanner) at(i int) byte {
	if i < len(s.buf) {
		return s.buf[i]
	}
	return 0
}

// out is where what is at i will be written.
func (s *scanner) out(i int) int { return s.w + i - s.from }

// flush writes what is still to be written up to i.
func (s *scanner) flush(i int) {
	if s.w != s.from {
		copy(s.buf[s.w:], s.buf[s.from:i])
	}
	s.w += i - s.from
	s.from = i
}

// space leaves white space out.
//
//go:noinline
func (s *scanner) space(i int) int {
	s.flush(i)
	for c := s.at(i); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = s.at(i) {
		i++
	}
	s.from = i
	return i
}

// value reads any value. where says which part of the protocol it is.
func (s *scanner) value(i int, where place) (int, error) {
	if s.at(i) <= ' ' {
		i = s.space(i)
	}
	switch s.at(i) {
	case '"':
		return s.str(i)
	case '{':
		return s.object(i, where)
	case '[':
		return s.array(i, where)
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if end := digits(s.buf, i+1); !partOfNumber[s.at(end)] {
			return end, nil
		}
		return s.number(i)
	case '-', '0':
		return s.number(i)
	case 't':
		return s.literal(i, "true")
	case 'f':
		return s.literal(i, "false")
	case 'n':
		return s.literal(i, "null")
	}
	return s.fail(i, "no JSON value")
}

func (s *scanner) literal(i int, word string) (int, error) {
	if end := i + len(word); end <= len(s.buf) && string(s.buf[i:end]) == word {
		return end, nil
	}
	return s.fail(i, "no JSON value")
}

// array reads an array; its elements stand where the array stands.
func (s *scanner) array(i int, where place) (_ int, err error) {
	if s.depth++; s.depth > maxDepth {
		return s.fail(i, "nested too deeply")
	}
	i++
	if s.at(i) <= ' ' {
		i = s.space(i)
	}
	if s.at(i) != ']' {
		if i, err = s.elements(i, where); err != nil {
			return i, err
		}
	}
	s.depth--
	return i + 1, nil
}

// elements reads up to the end of the array.
func (s *scanner) elements(i int, where place) (_ int, err error) {
	for ; ; i++ {
		if where == inSubscriptions {
			i, err = s.element(i, where)
		} else {
			i, err = s.value(i, where)
		}
		if err != nil {
			return i, err
		}
		if s.at(i) <= ' ' {
			i = s.space(i)
		}
		switch s.at(i) {
		case ',':
		case ']':
			return i, nil
		default:
			return s.fail(i, "no comma or end of array")
		}
	}
}

func (s *scanner) element(i int, where place) (int, error) {
	i, value, err := s.valueBytes(i, where)
	if err != nil {
		return i, err
	}
	return i, s.subscription(i, value)
}

// valueBytes reads a value and returns its canonical form as well.
func (s *scanner) valueBytes(i int, where place) (_ int, value []byte, err error) {
	i = s.space(i)
	start := s.w
	if i, err = s.value(i, where); err != nil {
		return i, nil, err
	}
	s.flush(i)
	return i, s.buf[start:s.w], nil
}

// object reads an object and checks its keys.
func (s *scanner) object(i int, where place) (_ int, err error) {
	if s.depth++; s.depth > maxDepth {
		return s.fail(i, "nested too deeply")
	}
	base := len(s.keys)
	i++
	if s.at(i) <= ' ' {
		i = s.space(i)
	}
	if s.at(i) != '}' {
		if i, err = s.members(i, where, base); err != nil {
			return i, err
		}
	}
	if where == inFree && len(s.keys)-base > smallObject && !s.distinct(s.keys[base:]) {
		return s.fail(i, "duplicate key")
	}
	s.keys = s.keys[:base]
	s.depth--
	return i + 1, nil
}

// members reads up to the end of the object. Its keys start at base.
func (s *scanner) members(i int, where place, base int) (_ int, err error) {
	for ; ; i++ {
		var key span
		if i, key, err = s.key(i); err != nil {
			return i, err
		}
		if why := s.addKey(where, base, key); why != "" {
			return s.fail(i, why)
		}
		if where == inFree {
			i, err = s.value(i, inFree)
		} else {
			i, err = s.member(i, where, key)
		}
		if err != nil {
			return i, err
		}
		if s.at(i) <= ' ' {
			i = s.space(i)
		}
		switch s.at(i) {
		case ',':
		case '}':
			return i, nil
		default:
			return s.fail(i, "no comma or end of object")
		}
	}
}

// key reads a key and the colon, and returns where its canonical form is, without
// the quotes.
func (s *scanner) key(i int) (_ int, key span, err error) {
	if s.at(i) <= ' ' {
		i = s.space(i)
	}
	if s.at(i) != '"' {
		i, err = s.fail(i, "no key")
		return i, key, err
	}
	start := s.out(i) + 1
	if i, err = s.str(i); err != nil {
		return i, key, err
	}
	if s.w != s.from { // else it stands where it will be
		s.flush(i)
	}
	key = span{uint32(start), uint32(s.out(i) - 1 - start)}
	if s.at(i) <= ' ' {
		i = s.space(i)
	}
	if s.at(i) != ':' {
		i, err = s.fail(i, "no colon")
		return i, key, err
	}
	return i + 1, key, nil
}

// member reads the value of key and keeps what the decision needs.
func (s *scanner) member(i int, where place, key span) (int, error) {
	i, value, err := s.valueBytes(i, where.inside(s.bytes(key)))
	if err != nil {
		return i, err
	}
	return i, s.capture(i, where, s.bytes(key), value)
}
