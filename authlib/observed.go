package authlib

import (
	"net/http"
	"time"
)

// observe tells of the decision about the request.
func (x *exchange) observe(ok bool, d time.Duration) {
	e := Event{Kind: EventDecision, Operation: x.asked(), Outcome: "allowed", Duration: d}
	switch {
	case !ok && x.refused == "":
		e.Outcome = "dropped" // a notification or answer, to which there is no answer
	case !ok:
		e.Outcome, e.Reason = "refused", x.refused
	}
	e.Tell(x.r.Context(), x.g.cfg.Observer, x.g.log)
}

// asked is what the request is about, in few words whatever it holds.
func (x *exchange) asked() string {
	switch {
	case x.r.Method == http.MethodGet || x.r.Method == http.MethodHead:
		return "stream"
	case x.r.Method == http.MethodDelete:
		return "end"
	case x.batch:
		return "batch"
	case len(x.ops) > 0:
		return x.ops[0].Method
	}
	return wordNone
}

// authenticated tells what came of the request's credential.
func (x *exchange) authenticated(outcome, reason string, d time.Duration) {
	if x.g.cfg.Observer == nil {
		return
	}
	e := Event{Kind: EventAuthentication, Operation: wordNone, Outcome: outcome, Reason: reason, Duration: d}
	if len(x.r.Header["Authorization"]) > 0 {
		e.Operation = "bearer"
	}
	e.Tell(x.r.Context(), x.g.cfg.Observer, x.g.log)
}

// refusedBy is the class of the reason of a refusal that no step has named.
func refusedBy(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "no_credential"
	case http.StatusForbidden:
		return "origin"
	case http.StatusNotFound:
		return "session"
	case http.StatusMisdirectedRequest:
		return "misdirected"
	case http.StatusTooManyRequests:
		return "limited"
	case http.StatusServiceUnavailable:
		return "unavailable"
	}
	return "bad_request"
}
