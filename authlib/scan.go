package authlib

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
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
// place: w never passes r.
type scanner struct {
	buf   []byte
	r, w  int
	depth int
	keys  [][]byte // keys of the open objects, innermost last; parts of buf
	msg   *message
}

func (s *scanner) fail(why string) error { return &scanError{s.r, why} }

// peek returns the next byte that is not white space, or 0 at the end. A NUL byte
// is no valid start of anything, so the two need not be told apart.
func (s *scanner) peek() byte {
	for s.r < len(s.buf) {
		switch c := s.buf[s.r]; c {
		case ' ', '\t', '\n', '\r':
			s.r++
		default:
			return c
		}
	}
	return 0
}

// put writes the byte that was just peeked.
func (s *scanner) put(c byte) {
	s.buf[s.w] = c
	s.w++
	s.r++
}

// value reads any value. where says which part of the protocol it is.
func (s *scanner) value(where place) error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(where)
	case c == '[':
		return s.array(where)
	case c == '"':
		_, err := s.str()
		return err
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	case c == 't':
		return s.literal("true")
	case c == 'f':
		return s.literal("false")
	case c == 'n':
		return s.literal("null")
	}
	return s.fail("no JSON value")
}

func (s *scanner) literal(word string) error {
	if !bytes.HasPrefix(s.buf[s.r:], []byte(word)) {
		return s.fail("no JSON value")
	}
	s.w += copy(s.buf[s.w:], word)
	s.r += len(word)
	return nil
}

// number reads a number (RFC 8259 §6) and keeps its digits as they are.
func (s *scanner) number() error {
	start := s.r
	if s.at() == '-' {
		s.r++
	}
	if s.at() == '0' {
		s.r++
	} else if !s.digits() {
		return s.fail("broken number")
	}
	if s.at() == '.' {
		s.r++
		if !s.digits() {
			return s.fail("broken number")
		}
	}
	if c := s.at(); c == 'e' || c == 'E' {
		s.r++
		if c := s.at(); c == '+' || c == '-' {
			s.r++
		}
		if !s.digits() {
			return s.fail("broken number")
		}
	}
	s.w += copy(s.buf[s.w:], s.buf[start:s.r])
	return nil
}

func (s *scanner) at() byte {
	if s.r < len(s.buf) {
		return s.buf[s.r]
	}
	return 0
}

func (s *scanner) digits() bool {
	start := s.r
	for c := s.at(); '0' <= c && c <= '9'; c = s.at() {
		s.r++
	}
	return s.r > start
}

// array reads an array; its elements stand where the array stands.
func (s *scanner) array(where place) error {
	if s.depth++; s.depth > maxDepth {
		return s.fail("nested too deeply")
	}
	s.put('[')
	if s.peek() == ']' {
		s.put(']')
		s.depth--
		return nil
	}
	for {
		if err := s.element(where); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.put(',')
		case ']':
			s.put(']')
			s.depth--
			return nil
		default:
			return s.fail("no comma or end of array")
		}
	}
}

func (s *scanner) element(where place) error {
	s.peek()
	start := s.w
	if err := s.value(where); err != nil {
		return err
	}
	if where == inSubscriptions {
		return s.subscription(s.buf[start:s.w])
	}
	return nil
}

// object reads an object and checks its keys.
func (s *scanner) object(where place) error {
	if s.depth++; s.depth > maxDepth {
		return s.fail("nested too deeply")
	}
	s.put('{')
	o := objectKeys{s: s, where: where, base: len(s.keys)}
	if s.peek() != '}' {
		if err := s.members(&o); err != nil {
			return err
		}
	}
	s.put('}')
	s.keys = s.keys[:o.base]
	s.depth--
	return nil
}

func (s *scanner) members(o *objectKeys) error {
	for {
		if s.peek() != '"' {
			return s.fail("no key")
		}
		key, err := s.str()
		if err != nil {
			return err
		}
		if err := o.add(key); err != nil {
			return err
		}
		if s.peek() != ':' {
			return s.fail("no colon")
		}
		s.put(':')
		if err := s.member(o.where, key); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.put(',')
		case '}':
			return nil
		default:
			return s.fail("no comma or end of object")
		}
	}
}

// member reads the value of key and keeps what the decision needs.
func (s *scanner) member(where place, key []byte) error {
	s.peek()
	start := s.w
	if err := s.value(where.inside(key)); err != nil {
		return err
	}
	return s.capture(where, key, s.buf[start:s.w])
}

// str reads a string and returns its canonical form, without the quotes.
func (s *scanner) str() ([]byte, error) {
	s.put('"')
	start := s.w
	for {
		s.plain()
		switch c := s.at(); {
		case c == '"':
			s.put('"')
			return s.buf[start : s.w-1], nil
		case c == '\\':
			if err := s.escape(); err != nil {
				return nil, err
			}
		case c >= utf8.RuneSelf:
			if err := s.multibyte(); err != nil {
				return nil, err
			}
		default:
			return nil, s.fail("control character or end inside a string")
		}
	}
}

// plain copies a run of characters that need no second look.
func (s *scanner) plain() {
	buf, i := s.buf, s.r
	for i < len(buf) {
		if c := buf[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			break
		}
		i++
	}
	s.w += s.move(i)
	s.r = i
}

// move copies buf[r:end] to w, unless nothing has shrunk so far.
func (s *scanner) move(end int) int {
	if s.w == s.r {
		return end - s.r
	}
	return copy(s.buf[s.w:], s.buf[s.r:end])
}

func (s *scanner) multibyte() error {
	r, n := utf8.DecodeRune(s.buf[s.r:])
	if r == utf8.RuneError && n == 1 {
		return s.fail("invalid UTF-8")
	}
	s.w += s.move(s.r + n)
	s.r += n
	return nil
}

// escape reads one escape sequence, or two that make a surrogate pair.
func (s *scanner) escape() error {
	if s.r+1 >= len(s.buf) {
		return s.fail("broken escape")
	}
	switch c := s.buf[s.r+1]; c {
	case '"', '\\', 'b', 'f', 'n', 'r', 't':
		s.put('\\')
		s.put(c)
		return nil
	case '/':
		s.r++
		s.put('/')
		return nil
	case 'u':
		return s.unicodeEscape()
	}
	return s.fail("broken escape")
}

func (s *scanner) unicodeEscape() error {
	r, ok := s.hex4()
	if !ok {
		return s.fail("broken escape")
	}
	if utf16.IsSurrogate(r) {
		low, ok := s.hex4()
		if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
			return s.fail("lone surrogate")
		}
	}
	s.putRune(r)
	return nil
}

// hex4 reads \uXXXX at r.
func (s *scanner) hex4() (rune, bool) {
	if s.r+6 > len(s.buf) || s.buf[s.r] != '\\' || s.buf[s.r+1] != 'u' {
		return 0, false
	}
	var v rune
	for _, c := range s.buf[s.r+2 : s.r+6] {
		switch {
		case '0' <= c && c <= '9':
			v = v<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			v = v<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	s.r += 6
	return v, true
}

// putRune writes a rune that was escaped, in the one form that is canonical. It
// needs six bytes at most, which is what the escape took.
func (s *scanner) putRune(r rune) {
	const hex = "0123456789abcdef"
	const escaped, letters = "\"\\\b\f\n\r\t", `"\bfnrt`
	out := s.buf[s.w:s.w]
	switch i := strings.IndexRune(escaped, r); {
	case i >= 0:
		out = append(out, '\\', letters[i])
	case r < ' ':
		out = append(out, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
	default:
		out = utf8.AppendRune(out, r)
	}
	s.w += len(out)
}

// unquote returns the string that a canonical string, without its quotes, stands for.
func unquote(canonical []byte) string {
	if bytes.IndexByte(canonical, '\\') < 0 {
		return string(canonical)
	}
	out := make([]byte, 0, len(canonical))
	for i := 0; i < len(canonical); i++ {
		c := canonical[i]
		if c != '\\' {
			out = append(out, c)
			continue
		}
		i++
		switch c = canonical[i]; c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u': // a control character: \u00XX
			c = unhex(canonical[i+3])<<4 | unhex(canonical[i+4])
			i += 4
		}
		out = append(out, c)
	}
	return string(out)
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}
