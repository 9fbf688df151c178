package authlib

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

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
