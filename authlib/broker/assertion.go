package broker

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// An AssertionKeys checks who signed a JWT. Package jwtauth has two: ParseKeys for
// keys that are configured, NewIssuerKeys for those that an issuer publishes.
type AssertionKeys interface {
	// Open checks the signature and no claim. It returns the header typ, in lower
	// case and without "application/", and the claims by their exact names. It fails
	// with an error that matches authlib.ErrInvalidToken for what the keys did not
	// sign, and with any other error when they cannot be had.
	Open(ctx context.Context, jwt string) (typ string, claims map[string]any, err error)
	// Algorithms are the signature algorithms allowed, such as "ES256".
	Algorithms() []string
}

const (
	// assertionLeeway allows for clocks that differ.
	assertionLeeway = 30 * time.Second
	// maxJTI bounds the name of an assertion, in bytes.
	maxJTI = 256
)

// kindJTI is assertions that were used, by who made them and jti.
const kindJTI session.Kind = "jti"

// assertion is the claims of a JWT whose signature was checked.
type assertion map[string]any

func (a assertion) str(name string) string {
	s, _ := a[name].(string)
	return s
}

// only reports whether a claim is one string, be it alone in an array, and returns it.
// An audience of several is refused: the others could use the assertion here.
func (a assertion) only(name string) string {
	if list, ok := a[name].([]any); ok && len(list) == 1 {
		s, _ := list[0].(string)
		return s
	}
	return a.str(name)
}

// maxDate is the end of the year 9999, in seconds.
const maxDate = 253402300799

func (a assertion) time(name string) (t time.Time, ok bool) {
	n, ok := a[name].(float64)
	if !ok || !(n >= 0 && n <= maxDate) { // NaN is none
		return time.Time{}, false
	}
	return time.Unix(int64(n), 0), true
}

// checkTimes checks exp, which must be there and not be further away than longest,
// nbf and iat (RFC 7523 §3, 4 to 6). It returns when the assertion ends.
func (a assertion) checkTimes(now time.Time, longest time.Duration) (time.Time, error) {
	exp, ok := a.time("exp")
	switch {
	case !ok:
		return exp, errors.New("it has no end (exp)")
	case !now.Before(exp.Add(assertionLeeway)):
		return exp, errors.New("it has ended (exp)")
	case exp.After(now.Add(longest + assertionLeeway)):
		return exp, fmt.Errorf("it ends in more than %v (exp)", longest)
	}
	for _, name := range []string{"nbf", "iat"} {
		if _, there := a[name]; !there {
			continue
		}
		if from, ok := a.time(name); !ok || now.Add(assertionLeeway).Before(from) {
			return exp, fmt.Errorf("it is from the future (%s)", name)
		}
	}
	return exp.Add(assertionLeeway), nil
}

// errReplayed says that an assertion was used before.
var errReplayed = errors.New("it was used before (jti)")

// use marks an assertion as used, and fails if it was (RFC 7523 §3, 7). It comes
// after all other checks. While the store cannot be asked nothing is believed.
func (b *Broker) use(ctx context.Context, by string, a assertion, ends time.Time) error {
	jti := a.str("jti")
	if jti == "" || len(jti) > maxJTI {
		return fmt.Errorf("%w: it has no name (jti), or a very long one", errAssertion)
	}
	err := save(ctx, b.store, kindJTI, hashKey(hashKey(by)+hashKey(jti)), struct{}{}, ends, 0)
	if errors.Is(err, session.ErrConflict) {
		return fmt.Errorf("%w: %w", errAssertion, errReplayed)
	}
	return err
}

// errAssertion is what is wrong with an assertion. Other errors mean that it could
// not be checked.
var errAssertion = errors.New("the assertion is refused")

// peek returns claims of a JWT that nobody has checked: enough to find the keys to
// check it with, and for nothing else.
func peek(jwt string) assertion {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	a := assertion{}
	if err != nil || json.Unmarshal(payload, &a) != nil {
		return nil
	}
	return a
}
