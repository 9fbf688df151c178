package issuer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// maxKeys is more than any issuer publishes at once.
	maxKeys = 100
	// maxTried bounds the signatures checked for one token.
	maxTried = 3

	minFresh, defaultFresh, maxFresh = 5 * time.Minute, time.Hour, 24 * time.Hour
)

// A keySet is the usable keys of a JWK set (RFC 7517 §5).
type keySet []key

// A key is a public key and the algorithms that its type can be used with.
type key struct {
	id, alg string // alg "" means that the issuer does not say
	public  any
	algs    []jose.SignatureAlgorithm
}

// fetchKeys reads the JWK set that the metadata name.
func (i *Issuer) fetchKeys(ctx context.Context) (*keySet, time.Duration, error) {
	m, err := i.Metadata(ctx)
	if err != nil {
		return nil, 0, err
	}
	if m.Keys == "" {
		return nil, 0, errors.New("the metadata name no jwks_uri")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.Keys, nil)
	if err != nil {
		return nil, 0, err
	}
	var doc struct {
		Keys []json.RawMessage `json:"keys"`
	}
	status, h, err := i.Client.JSON(req, &doc)
	switch {
	case err != nil:
		return nil, 0, err
	case status != http.StatusOK:
		return nil, 0, fmt.Errorf("%s answered %d", m.Keys, status)
	case len(doc.Keys) > maxKeys:
		return nil, 0, fmt.Errorf("%s has %d keys; at most %d are read", m.Keys, len(doc.Keys), maxKeys)
	}
	set := parseKeys(doc.Keys)
	if len(set) == 0 {
		return nil, 0, fmt.Errorf("%s has no key that signatures can be checked with", m.Keys)
	}
	return &set, freshFor(h), nil
}

// parseKeys leaves out what it does not know: new kinds of keys must not make
// the others unusable (RFC 7517 §5).
func parseKeys(docs []json.RawMessage) keySet {
	var set keySet
	for _, doc := range docs {
		if k, ok := parseKey(doc); ok {
			set = append(set, k)
		}
	}
	return set
}

// freshFor reads Cache-Control: max-age, within bounds (RFC 9111 §5.2.2.1).
func freshFor(h http.Header) time.Duration {
	for _, d := range strings.Split(h.Get("Cache-Control"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(d), "=")
		if n, err := strconv.Atoi(value); err == nil && strings.EqualFold(name, "max-age") {
			return min(max(time.Duration(min(n, int(maxFresh/time.Second)))*time.Second, minFresh), maxFresh)
		}
	}
	return defaultFresh
}

// find returns the keys for a token that names kid, at most maxTried. A token
// that names none fits only a set with one key of its kind (RFC 7515 §4.1.4).
func (s keySet) find(kid string, alg jose.SignatureAlgorithm) []any {
	var out []any
	for _, k := range s {
		if k.fits(alg) && (kid == "" || k.id == kid) && len(out) < maxTried {
			out = append(out, k.public)
		}
	}
	if kid == "" && len(out) > 1 {
		return nil
	}
	return out
}

// keysFor returns the keys that may have signed a token. When there are none
// they are fetched anew, but not more often than the cool-down allows.
func (i *Issuer) keysFor(ctx context.Context, kid string, alg jose.SignatureAlgorithm) ([]any, error) {
	set, err := i.keys.get(ctx)
	if err == nil {
		if found := set.find(kid, alg); len(found) > 0 {
			return found, nil
		}
		set, err = i.keys.renew(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("the keys of %s: %w", i.URL, err)
	}
	if found := set.find(kid, alg); len(found) > 0 {
		i.keys.worthwhile()
		return found, nil
	}
	return nil, fmt.Errorf("%w: it is signed with a key that %s does not publish", ErrInvalid, i.URL)
}

// KeysFreshUntil is when the keys have to be fetched again: nothing that was
// checked with them should be trusted for longer without another look.
func (i *Issuer) KeysFreshUntil() time.Time { return i.keys.freshUntil() }

// Keys returns an error where nothing can be checked now: there are no keys that are
// younger than a day, and they can't be had.
func (i *Issuer) Keys(ctx context.Context) error {
	_, err := i.keys.get(ctx)
	return err
}

// KeysFetched is when the keys were; zero: never.
func (i *Issuer) KeysFetched() time.Time { return i.keys.fetchedAt() }
