package authlib

import (
	"maps"
	"slices"
)

// EventWords are the values that the strings of an [Event] of one kind can have.
// Every string can also be "other", and Reason "".
type EventWords struct {
	Operations []string // nil: a provider's configured name
	Outcomes   []string // what can come of it
	Reasons    []string // classes of reasons; nil: none is given
}

// WordsOf returns the words of a kind of events; ok is false for none of this
// library's.
func WordsOf(kind EventKind) (words EventWords, ok bool) {
	w, ok := eventWords[kind]
	return EventWords{slices.Clone(w.Operations), slices.Clone(w.Outcomes), slices.Clone(w.Reasons)}, ok
}

// EventKinds returns all kinds, sorted.
func EventKinds() []EventKind { return slices.Sorted(maps.Keys(eventWords)) }

const (
	wordOther = "other"
	wordNone  = "none"
)

var eventWords = map[EventKind]EventWords{
	EventDecision: {
		append(slices.Sorted(maps.Keys(protocolMethods)), "batch", "stream", "end", wordNone),
		[]string{"allowed", "refused", "dropped"},
		[]string{"no_credential", "invalid_token", "insufficient_scope", "forbidden", "session", "origin", "misdirected", "bad_request", "limited", "unavailable"},
	},
	EventAuthentication: {
		[]string{"bearer", wordNone},
		[]string{"accepted", "anonymous", "missing", "malformed", "rejected", "limited", "unavailable"},
		[]string{"expired", "audience", "invalid"},
	},
	EventVerification: {
		[]string{"jwt", "introspection", "broker"},
		[]string{"accepted", "rejected", "unavailable"},
		[]string{"expired", "audience", "invalid"},
	},
	EventToken: {
		[]string{"authorization_code", "refresh_token", "client_credentials", "jwt_bearer"},
		[]string{"issued", "refused", "unavailable"},
		[]string{"invalid_request", "invalid_client", "invalid_grant", "invalid_scope", "invalid_target", "unauthorized_client",
			"unsupported_grant_type", "temporarily_unavailable"},
	},
	EventUpstream:     {nil, []string{"refreshed", "ended", "failed"}, nil},
	EventStore:        {[]string{"get", "put", "delete", "take", "count"}, []string{"ok", "not_found", "conflict", "full", "damaged", "failed"}, nil},
	EventSignIn:       {nil, []string{"signed_in", "refused", "declined", "failed"}, nil},
	EventRegistration: {[]string{"dynamic", "document"}, []string{"registered", "refused", "failed"}, nil},
	EventLimit:        {[]string{"authentication", "session", "authorize", "consent", "register", "token", "holder"}, []string{"refused", "ended"}, nil},
}

// bounded returns e with words of its kind only.
func (e Event) bounded() Event {
	w := eventWords[e.Kind]
	if w.Outcomes == nil {
		e.Kind = wordOther
	}
	if w.Operations != nil || w.Outcomes == nil {
		e.Operation = word(w.Operations, e.Operation)
	}
	e.Outcome = word(w.Outcomes, e.Outcome)
	if e.Reason != "" {
		e.Reason = word(w.Reasons, e.Reason)
	}
	return e
}

func word(words []string, s string) string {
	if slices.Contains(words, s) {
		return s
	}
	return wordOther
}
