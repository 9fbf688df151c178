package authlib

import (
	"bytes"
	"net/http"
)

// Operations reads one JSON-RPC message as strictly as [Guard.Protect] does and
// returns what it does, in the terms of [Decision.Operations]. message is not
// changed. It is for adapters to SDKs that show them the raw message.
func Operations(message []byte) ([]Operation, error) {
	_, msgs, err := parseBody(bytes.Clone(message), false)
	if err != nil {
		return nil, err
	}
	return msgs[0].appendOperations(nil), nil
}

// Deny answers r as [Guard.Protect] does when it refuses an operation: err is a
// [*DeniedError]. It is for adapters that refuse a request before it reaches an
// SDK which has no hook to check it.
func (g *Guard) Deny(w http.ResponseWriter, r *http.Request, err error) {
	x := &exchange{g: g, w: w, r: r}
	if d, ok := Decided(r.Context()); ok {
		x.p, x.number = d.principal, d.request
	}
	x.deny(err)
}
