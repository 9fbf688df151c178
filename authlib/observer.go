package authlib

import (
	"context"
	"log/slog"
	"time"
)

// An Observer is told what happened, for metrics. Packages broker and jwtauth take
// one as well; package otelauth is one. It is called while the caller waits, must
// not block, and must be safe for concurrent use. Whatever it does, panic included,
// changes no decision.
type Observer interface {
	// Observe is told of e; ctx is that of the request, or of the work that it is about.
	Observe(ctx context.Context, e Event)
}

// ObserverFunc adapts a function to an [Observer].
type ObserverFunc func(ctx context.Context, e Event)

// Observe calls f.
func (f ObserverFunc) Observe(ctx context.Context, e Event) { f(ctx, e) }

// An Event is something that happened once. All its strings are words of this
// library (see [EventWords]) but one: the Operation of sign-ins and upstream refreshes is
// a provider's configured name. So there are few of them whatever strangers send:
// no name of a tool, resource or client, no caller, no address and no token.
type Event struct {
	Kind      EventKind     // what it is about
	Operation string        // what was to be done; see the kinds
	Outcome   string        // what came of it
	Reason    string        // class of a refusal's reason; "" otherwise
	Cached    bool          // the answer was remembered
	Duration  time.Duration // how long it took; 0 where that is not measured
}

// An EventKind is what an [Event] is about.
type EventKind string

// Kinds of events.
const (
	// EventDecision is a request that reached a guard. Operation is the MCP method,
	// "batch", or for requests without a message "stream" (GET) or "end" (DELETE); "other"
	// is a method that MCP does not define, and "none" a request refused before it was
	// known. Duration is what the guard itself took, the verifier included.
	EventDecision EventKind = "decision"
	// EventAuthentication is a guard's look at the credential of a request. Duration is the
	// verifier's.
	EventAuthentication EventKind = "authentication"
	// EventVerification is a verifier's look at a token. Operation is the kind of verifier.
	EventVerification EventKind = "verification"
	// EventToken is an answer of the broker's token endpoint. Operation is the grant
	// type, and Reason the error code (RFC 6749 §5.2).
	EventToken EventKind = "token"
	// EventUpstream is a refresh of a token at a provider, which Operation names.
	EventUpstream EventKind = "upstream_refresh"
	// EventStore is a call of the session store. Operation is its method.
	EventStore EventKind = "store"
	// EventSignIn is the end of a user's sign-in at the provider that Operation names.
	EventSignIn EventKind = "sign_in"
	// EventRegistration is a client that registered, or whose metadata document was fetched.
	EventRegistration EventKind = "registration"
	// EventLimit is a request that was answered with 429, or a stranger's session that
	// ended to make room. Operation is what there was too much of.
	EventLimit EventKind = "limit"
)

// Tell tells o of e. A nil o is told nothing, a word that is not e.Kind's becomes
// "other", and a panic of o ends here: it is logged, if log is not nil. It is for
// packages that take an Observer.
func (e Event) Tell(ctx context.Context, o Observer, log *slog.Logger) {
	if o == nil {
		return
	}
	defer func() {
		if recover() != nil && log != nil {
			// What it panicked with is not logged: nobody knows what it holds.
			log.LogAttrs(ctx, slog.LevelError, auditObserverFailed, slog.String("kind", string(e.Kind)))
		}
	}()
	o.Observe(ctx, e.bounded())
}
