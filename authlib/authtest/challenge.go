package authtest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// A Refusal is an answer that let nothing through: a status of 300 or more.
type Refusal struct {
	Status    int               // of HTTP
	Challenge map[string]string // parameters of the Bearer challenge (RFC 6750 §3); nil without one
	Body      string            // how it begins
}

// Error says what was answered.
func (r *Refusal) Error() string {
	if e := r.Challenge["error"]; e != "" {
		return fmt.Sprintf("refused with %d %s (scope %q)", r.Status, e, r.Challenge["scope"])
	}
	return fmt.Sprintf("refused with %d: %s", r.Status, r.Body)
}

func refusal(status int, header http.Header, body []byte) *Refusal {
	challenge, err := bearer(header)
	if err != nil {
		challenge = nil
	}
	return &Refusal{status, challenge, excerpt(body)}
}

// excerpt is the beginning of an answer, in one line.
func excerpt(body []byte) string {
	s := strings.Join(strings.Fields(string(body)), " ")
	return s[:min(len(s), 200)]
}

// bearer reads the one Bearer challenge of an answer (RFC 9110 §11.6.1).
func bearer(header http.Header) (map[string]string, error) {
	values := header.Values("Www-Authenticate")
	if len(values) != 1 {
		return nil, fmt.Errorf("the answer has %d challenges, not 1", len(values))
	}
	scheme, rest, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, fmt.Errorf("the challenge is for %q, not for Bearer", scheme)
	}
	params := map[string]string{}
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimLeft(rest, " ,") {
		name, value, after, err := param(rest)
		if err != nil {
			return nil, err
		}
		if _, twice := params[name]; twice {
			return nil, fmt.Errorf("the challenge has %q twice", name)
		}
		params[name], rest = value, after
	}
	return params, nil
}

// param reads name=token or name="quoted", and returns what comes after it.
func param(s string) (name, value, rest string, err error) {
	name, s, ok := strings.Cut(s, "=")
	if !ok || name == "" || strings.ContainsAny(name, " \",") {
		return "", "", "", errors.New("the challenge is malformed")
	}
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ", ")
		if end < 0 {
			end = len(s)
		}
		return strings.ToLower(name), s[:end], s[end:], nil
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return strings.ToLower(name), b.String(), s[i+1:], nil
		case '\\':
			if i++; i == len(s) {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", "", errors.New("the challenge has a quotation mark that never ends")
}
