package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
)

// only answers any method but those listed with 405; HEAD goes with GET.
func only(h http.Handler, methods string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(strings.Split(methods, ", "), r.Method) {
			w.Header().Set("Allow", methods)
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// cors opens an endpoint that uses no cookie to pages of any origin: MCP clients
// that run in a browser need it, and it gives nothing that a program could not
// get anyway.
func cors(h http.Handler, methods string) http.Handler {
	next := only(h, methods)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Methods", methods)
			w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, MCP-Protocol-Version")
			w.Header().Set("Access-Control-Max-Age", "3600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// An oauthError is an error answer of RFC 6749 §5.2.
type oauthError struct {
	Status      int           `json:"-"`
	Code        string        `json:"error"`
	Description string        `json:"error_description,omitempty"`
	basic       bool          // the client used the Authorization header
	after       time.Duration // when to try again; 0: not known
	door        string        // what there was too much of
}

func (e *oauthError) Error() string { return e.Code + ": " + e.Description }

// badRequest is an error whose description may quote what a stranger sent.
func badRequest(code, description string) *oauthError {
	return &oauthError{Status: http.StatusBadRequest, Code: code, Description: describable(description)}
}

// missing says that a required parameter is not there (RFC 6749 §5.2).
func missing(name string) *oauthError { return badRequest("invalid_request", name+" is missing") }

// writeError answers with e, or for any other error with 503: what could not be
// looked up is never taken for a refusal, so that clients keep their tokens.
func (b *Broker) writeError(w http.ResponseWriter, r *http.Request, err error) {
	var e *oauthError
	if !errors.As(err, &e) {
		b.cfg.Logger.ErrorContext(r.Context(), auditUnavailable, "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "5")
		e = &oauthError{Status: http.StatusServiceUnavailable, Code: "temporarily_unavailable", Description: "try again in a few seconds"}
	}
	if e.Status == http.StatusUnauthorized && e.basic {
		w.Header().Set("WWW-Authenticate", `Basic realm="oauth"`)
	}
	if e.Status == http.StatusTooManyRequests {
		b.tellLimit(r.Context(), e)
		w.Header().Set("Retry-After", limit.RetryAfter(e.after))
	}
	writeJSON(w, e.Status, e)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache") // RFC 6749 §5.1 wants both
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client went away
}

const maxForm = 16 << 10

// readBody reads a body of one media type, of at most max bytes, as fast as
// ServeHTTP demands. code is the error's (RFC 6749 §5.2, RFC 7591 §3.2.2).
func readBody(w http.ResponseWriter, r *http.Request, mediaType, code string, max int64) ([]byte, error) {
	mt, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mt != mediaType {
		return nil, badRequest(code, "the body must be "+mediaType)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, max))
	if err != nil {
		return nil, badRequest(code, fmt.Sprintf("the body cannot be read or is larger than %d KiB", max>>10))
	}
	return body, nil
}

// readForm reads a form body (RFC 6749 §3.2): no parameter twice, none taken from
// the query, at most 16 KiB.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	body, err := readBody(w, r, "application/x-www-form-urlencoded", "invalid_request", maxForm)
	if err != nil {
		return nil, err
	}
	return strictValues(string(body))
}

func strictValues(s string) (url.Values, error) {
	v, err := url.ParseQuery(s)
	if err != nil {
		return nil, badRequest("invalid_request", "the parameters are not well formed")
	}
	for name, values := range v {
		if len(values) > 1 {
			return nil, badRequest("invalid_request", "a parameter is repeated: "+printable(name, 40))
		}
	}
	return v, nil
}
