package authlib

import (
	"context"
	"fmt"
	"math/rand/v2"
)

type requestKey struct{}

// RequestID names the request that ctx belongs to as audit records do, by their
// attribute "request": 16 hexadecimal digits. It is made here, since what a caller
// sends could be made up to look like another's, and it is no secret. It is "" where
// no guard has seen the request.
func RequestID(ctx context.Context) string {
	id, ok := ctx.Value(requestKey{}).(requestID)
	if !ok {
		return ""
	}
	return id.String()
}

// WithRequestID returns ctx with a new [RequestID], or ctx itself if it has one. It
// is for authorization servers.
func WithRequestID(ctx context.Context) context.Context {
	if RequestID(ctx) != "" {
		return ctx
	}
	return context.WithValue(ctx, requestKey{}, newRequestID())
}

type requestID uint64

func newRequestID() requestID { return requestID(rand.Uint64()) }

func (id requestID) String() string { return fmt.Sprintf("%016x", uint64(id)) }
