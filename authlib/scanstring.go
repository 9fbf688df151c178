package authlib

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string.
func (s *scanner) str(i int) (int, error) {
	buf := s.buf
	i++
	if i+8 <= len(buf) { // most keys end here
		found := special(binary.LittleEndian.Uint64(buf[i:]))
		if found == 0 {
			return s.strRest(plain(buf, i+8))
		}
		i += bits.TrailingZeros64(found) / 8
		if buf[i] == '"' {
			return i + 1, nil
		}
	}
	return s.strRest(plain(buf, i))
}

// strRest reads on from what needs a second look.
func (s *scanner) strRest(i int) (_ int, err error) {
	for {
		switch c := s.at(i); {
		case c == '"':
			return i + 1, nil
		case c == '\\':
			if i, err = s.escape(i); err != nil {
				return i, err
			}
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(s.buf[i:])
			if r == utf8.RuneError && n == 1 {
				return s.fail(i, "invalid UTF-8")
			}
			i += n
		default:
			return s.fail(i, "control character or end inside a string")
		}
		i = plain(s.buf, i)
	}
}

// plain returns where the characters end that need no second look: the first from
// i on that is a control character, a quote, a backslash or no ASCII.
func plain(buf []byte, i int) int {
	for ; i+8 <= len(buf); i += 8 {
		if found := special(binary.LittleEndian.Uint64(buf[i:])); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(buf) {
		if c := buf[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			break
		}
		i++
	}
	return i
}

// special looks at eight bytes at once for those that need a second look. The lowest
// bit that is set is in the first of them, the highest one there; bits above it mean
// nothing.
func special(x uint64) uint64 {
	const ones = 0x0101010101010101
	quote, slash := x^(ones*'"'), x^(ones*'\\')
	return (x | (x - ones*' ') | (quote - ones) | (slash - ones)) & (ones * 0x80)
}

// escape reads one escape sequence, or two that make a surrogate pair.
func (s *scanner) escape(i int) (int, error) {
	switch s.at(i + 1) {
	case '"', '\\', 'b', 'f', 'n', 'r', 't':
		return i + 2, nil
	case '/':
		s.flush(i)
		s.from++ // leaves the backslash out
		return i + 2, nil
	case 'u':
		return s.unicodeEscape(i)
	}
	return s.fail(i, "broken escape")
}

func (s *scanner) unicodeEscape(i int) (int, error) {
	s.flush(i)
	r, ok := s.hex4(i)
	if !ok {
		return s.fail(i, "broken escape")
	}
	if i += 6; utf16.IsSurrogate(r) {
		low, ok := s.hex4(i)
		if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
			return s.fail(i, "lone surrogate")
		}
		i += 6
	}
	s.putRune(r)
	s.from = i
	return i, nil
}

// hex4 reads \uXXXX at i.
func (s *scanner) hex4(i int) (rune, bool) {
	if i+6 > len(s.buf) || s.buf[i] != '\\' || s.buf[i+1] != 'u' {
		return 0, false
	}
	var v rune
	for _, c := range s.buf[i+2 : i+6] {
		switch {
		case '0' <= c && c <= '9':
			v = v<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			v = v<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
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
