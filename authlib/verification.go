package authlib

import (
	"errors"
	"time"
)

// Verification is the [Event] of a verifier of some kind, such as "jwt", that took d
// for a token and came to err.
func Verification(kind string, err error, cached bool, d time.Duration) Event {
	e := Event{Kind: EventVerification, Operation: kind, Cached: cached, Duration: d}
	e.Outcome, e.Reason = verified(err)
	return e
}

// verified says what came of a verification, and the class of a refusal's reason.
func verified(err error) (outcome, reason string) {
	switch {
	case err == nil:
		return "accepted", ""
	case errors.Is(err, ErrTokenExpired):
		return "rejected", "expired"
	case errors.Is(err, ErrWrongAudience):
		return "rejected", "audience"
	case errors.Is(err, ErrInvalidToken):
		return "rejected", "invalid"
	}
	return "unavailable", ""
}
