package probe

import (
	"net/http"
	"strings"
)

// A Challenge is one challenge of a WWW-Authenticate header (RFC 9110 §11.6.1):
// the scheme in lower case and its parameters, names in lower case.
type Challenge struct {
	Scheme string
	Params map[string]string
}

// Challenges returns every challenge of h. What it can't read ends the list: a
// client could not read it either.
func Challenges(h http.Header) []Challenge {
	var all []Challenge
	for _, line := range h.Values("WWW-Authenticate") {
		s := scanner{rest: line}
		all = append(all, s.challenges()...)
	}
	return all
}

// Bearer returns the Bearer challenges of h.
func Bearer(h http.Header) []Challenge {
	var found []Challenge
	for _, c := range Challenges(h) {
		if c.Scheme == "bearer" {
			found = append(found, c)
		}
	}
	return found
}

// A scanner reads one WWW-Authenticate line.
type scanner struct{ rest string }

func (s *scanner) challenges() []Challenge {
	var all []Challenge
	for {
		s.skip(" \t,")
		name := s.token()
		if name == "" {
			return all
		}
		s.skip(" \t")
		if !strings.HasPrefix(s.rest, "=") || len(all) == 0 {
			all = append(all, Challenge{Scheme: strings.ToLower(name), Params: map[string]string{}})
			continue
		}
		s.rest = s.rest[1:]
		s.skip(" \t")
		params := all[len(all)-1].Params
		key := strings.ToLower(name)
		if _, twice := params[key]; twice {
			return all // RFC 9110 §11.2: a parameter occurs once
		}
		params[key] = s.value()
	}
}

func (s *scanner) skip(set string) { s.rest = strings.TrimLeft(s.rest, set) }

// token reads a token (RFC 9110 §5.6.2), or nothing.
func (s *scanner) token() string {
	end := strings.IndexAny(s.rest, " \t,=\"")
	if end < 0 {
		end = len(s.rest)
	}
	t := s.rest[:end]
	s.rest = s.rest[end:]
	return t
}

// value reads a token or a quoted string.
func (s *scanner) value() string {
	if !strings.HasPrefix(s.rest, `"`) {
		return s.token()
	}
	var b strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '\\' && i+1 < len(s.rest):
			i++
			b.WriteByte(s.rest[i])
		case c == '"':
			s.rest = s.rest[i+1:]
			return b.String()
		default:
			b.WriteByte(c)
		}
	}
	s.rest = "" // the closing quote is missing
	return ""
}
