package authlib

import (
	"errors"
	"net/http"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
)

// failureRate is how many bad tokens one peer may send.
var failureRate = limit.Rate{Every: time.Second / 10, Burst: 100}

const (
	// maxFailing is how many peers are told apart at a time.
	maxFailing = 10_000
	// maxGood is how many tokens, 8 bytes each, are known to have been good lately.
	maxGood = 10_000
	// goodFor is how long at least such a token is not held up by others' failures.
	goodFor = time.Hour
)

// failures limits what bad tokens may cost: each peer's are counted, and when there
// are too many, unknown tokens of that peer are refused without asking the verifier.
// A token that was good lately is always asked about, so that whoever shares an
// address with a flooder stays.
type failures struct {
	peer func(*http.Request) string
	each *limit.Keys
	good *limit.Known
}

func newFailures(peer func(*http.Request) string, now func() time.Time) *failures {
	if peer == nil {
		peer = limit.PublicPeer
	}
	short := func(r *http.Request) string { return clip(peer(r)) } // a program's may be anything a caller sent
	return &failures{short, limit.NewKeys(failureRate, maxFailing, now), limit.NewKnown(maxGood, goodFor, now)}
}

// admit reports whether the verifier may be asked about token, and if not, when.
func (f *failures) admit(r *http.Request, token string) (wait time.Duration, ok bool) {
	if f.good.Has(token) {
		return 0, true
	}
	return f.each.Left(f.peer(r)) // nothing is ever taken of ""
}

// note learns what became of token. An outage is nobody's fault.
func (f *failures) note(r *http.Request, token string, err error) {
	switch {
	case err == nil:
		f.good.Add(token)
	case errors.Is(err, ErrInvalidToken):
		f.good.Forget(token)
		if peer := f.peer(r); peer != "" {
			f.each.Charge(peer) // also when there is none left: many were asked about at once
		}
	}
}
