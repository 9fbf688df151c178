package issuer

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Claims are the members of a token, or of an answer about one, by exact name.
type Claims map[string]any

// String returns a claim that is a string, else "".
func (c Claims) String(name string) string {
	s, _ := c[name].(string)
	return s
}

// Strings returns a claim that is a string or an array of strings. ok is false
// for anything else that is there.
func (c Claims) Strings(name string) (list []string, ok bool) { return stringsOf(c[name]) }

func stringsOf(v any) (list []string, ok bool) {
	switch v := v.(type) {
	case nil:
		return nil, true
	case string:
		return []string{v}, true
	case []any:
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, false
			}
			list = append(list, s)
		}
		return list, true
	}
	return nil, false
}

// Scopes returns the granted scopes: scope or scp, each a list with spaces (RFC
// 9068 §2.2.3) or an array, as issuers differ.
func (c Claims) Scopes() []string {
	scopes := []string{}
	for _, name := range []string{"scope", "scp"} {
		list, _ := c.Strings(name)
		for _, s := range list {
			for _, f := range strings.Fields(s) {
				if !slices.Contains(scopes, f) {
					scopes = append(scopes, f)
				}
			}
		}
	}
	return scopes
}

// At returns the strings of a claim by its name or, where at begins with "/", by
// a JSON pointer such as "/realm_access/roles" (RFC 6901). What is not there, or
// is no string or list of strings, gives none.
func (c Claims) At(at string) []string {
	if !strings.HasPrefix(at, "/") {
		list, _ := c.Strings(at)
		return list
	}
	var v any = map[string]any(c)
	for _, part := range strings.Split(at[1:], "/") {
		m, _ := v.(map[string]any)
		v = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
	}
	list, _ := stringsOf(v)
	return list
}

// maxDate is the end of the year 9999, in seconds.
const maxDate = 253402300799

// Time returns a NumericDate (RFC 7519 §2). ok is false where the claim is
// missing or no date.
func (c Claims) Time(name string) (t time.Time, ok bool) {
	n, ok := c[name].(float64)
	if !ok || math.IsNaN(n) || n < 0 || n > maxDate {
		return time.Time{}, false
	}
	return time.Unix(int64(n), 0), true
}

// CheckTimes checks exp, which must be there, nbf and iat (RFC 7519 §4.1), and
// returns when the token ends, leeway included.
func (c Claims) CheckTimes(now time.Time, leeway time.Duration) (time.Time, error) {
	exp, ok := c.Time("exp")
	if !ok {
		return time.Time{}, fmt.Errorf("%w: it has no end (exp)", ErrInvalid)
	}
	if !now.Before(exp.Add(leeway)) {
		return time.Time{}, ErrExpired
	}
	for _, name := range []string{"nbf", "iat"} {
		if _, there := c[name]; !there {
			continue
		}
		if from, ok := c.Time(name); !ok || now.Add(leeway).Before(from) {
			return time.Time{}, fmt.Errorf("%w: it is from the future (%s)", ErrInvalid, name)
		}
	}
	return exp.Add(leeway), nil
}

// CheckAudience wants resource among the audiences, give or take the case of the
// host and one trailing slash, or one of exact letter for letter.
func (c Claims) CheckAudience(resource string, exact []string) error {
	auds, ok := c.Strings("aud")
	if !ok {
		return fmt.Errorf("%w: its audience is no string", ErrInvalid)
	}
	for _, aud := range auds {
		if sameResource(aud, resource) || slices.Contains(exact, aud) {
			return nil
		}
	}
	return ErrAudience
}

// sameResource compares two resource identifiers (RFC 8707 §2). What is no URL is
// compared letter for letter.
func sameResource(a, b string) bool {
	return a != "" && (a == b || canonical(a) != "" && canonical(a) == canonical(b))
}

func canonical(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Opaque != "" || u.User != nil || strings.ContainsAny(s, "?#") {
		return ""
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if u.Scheme == "https" {
		u.Host = strings.TrimSuffix(u.Host, ":443")
	}
	return strings.TrimSuffix(u.String(), "/")
}
