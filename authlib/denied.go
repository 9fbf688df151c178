package authlib

import "fmt"

// String returns the method, and the quoted name if there is one.
func (o Operation) String() string {
	if o.Name == "" {
		return quote(o.Method)
	}
	return quote(o.Method) + " " + quote(o.Name)
}

// A DeniedError says that a caller may not perform an operation. It matches
// exactly one of [ErrUnauthenticated], [ErrInsufficientScope] and [ErrForbidden].
type DeniedError struct {
	Operation Operation // what was refused
	Missing   []string  // scopes that the caller lacks; set for ErrInsufficientScope only
	Scopes    []string  // every scope that the operation demands (RFC 6750 §3.1, MCP "Runtime Insufficient Scope Errors")
	Err       error     // the reason: ErrUnauthenticated, ErrInsufficientScope or ErrForbidden
}

// Error names the operation and the reason. It is meant for logs; callers get
// [DeniedError.Public].
func (e *DeniedError) Error() string { return fmt.Sprintf("%v: %v", e.Err, e.Operation) }

// Unwrap returns the reason.
func (e *DeniedError) Unwrap() error { return e.Err }

// JSON-RPC error codes of refusals, from the range that the specification
// leaves to implementations.
const (
	codeUnauthenticated = -32010
	codeForbidden       = -32011
	codeHeaderMismatch  = -32020 // MCP 2026-07-28, Streamable HTTP, Server Validation
	codeInvalidRequest  = -32600
	codeParseError      = -32700
)

// Public returns what a caller is told: a JSON-RPC error code (-32010: sign in;
// -32011: refused) and a message that says nothing about whether the operation
// exists.
func (e *DeniedError) Public() (code int, message string) {
	switch e.Err {
	case ErrUnauthenticated:
		return codeUnauthenticated, "authentication required"
	case ErrInsufficientScope:
		return codeForbidden, "insufficient scope"
	}
	if !protocolMethods[e.Operation.Method] && e.Operation.Method != "" {
		return codeForbidden, "forbidden: the policy allows no methods besides MCP's own"
	}
	return codeForbidden, "forbidden"
}
