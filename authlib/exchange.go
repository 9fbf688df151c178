package authlib

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
)

// An exchange is one guarded request on its way. Each step either lets it go on
// or has answered it, and says which.
type exchange struct {
	g         *Guard
	strangers *strangers // nil: none are let in
	w         http.ResponseWriter
	r         *http.Request
	number    requestID

	query   url.Values
	token   string
	timed   bool                      // there is a deadline for the body
	p       *Principal                // nil: anonymous
	latest  atomic.Pointer[Principal] // p, as the token was verified again; nil: not yet
	session string                    // the SDK's session id; "" for none
	url     *url.URL                  // with the SDK's session id, for HTTP+SSE
	bound   bool                      // the request belongs to a session of p's
	modern  bool                      // protocol 2026-07-28 or later, which has no sessions
	scratch scratch
	body    []byte // canonical
	id      []byte // of the only message
	ops     []Operation
	name    *string // decoded Mcp-Name header; nil: as it is
	refused string  // class of the reason; "" where nothing was refused
	batch   bool    // there is more than one message

	// What every request needs is a part of the exchange, and made with it.
	lease   lease
	out     responseWriter
	in      body
	sdkID   [1]string // session, as a header's value
	decided *decidedContext
}

func (x *exchange) serve(next http.Handler) {
	x.hurry()
	if !x.pass() {
		return
	}
	x.auditAllowed()
	ctx := x.context()
	defer x.end()
	x.out = responseWriter{ResponseWriter: x.w, x: x}
	defer x.boundStrangers(next) // also where a proxy panics because its caller has left
	next.ServeHTTP(&x.out, x.request(ctx))
	x.out.finish()
}

// pass decides, and tells the observer.
func (x *exchange) pass() bool {
	if x.g.cfg.Observer == nil {
		return x.admitted()
	}
	begun := x.g.now()
	ok := x.admitted()
	if x.r.Method != http.MethodOptions {
		x.observe(ok, x.g.now().Sub(begun))
	}
	return ok
}

func (x *exchange) admitted() bool {
	if !x.addressed() || !x.wellFormed() || !x.sameOrigin() || x.preflight() || !x.readable() {
		return false
	}
	return x.authenticate() && x.openSession() && x.decide()
}

// hurry bounds the time that a body may take. It is on the connection, so it holds
// for net/http as well, which reads what is left of the body of a refused request.
func (x *exchange) hurry() {
	if x.r.Body != nil && x.r.Body != http.NoBody {
		x.timed = limit.SetReadDeadline(x.w, time.Now().Add(bodyTimeout)) == nil
	}
}

// decide reads what the request asks for and refuses what the policy forbids.
func (x *exchange) decide() bool {
	switch x.r.Method {
	case http.MethodPost:
		return x.read() && x.decideBody()
	case http.MethodGet, http.MethodHead, http.MethodDelete:
		if x.p == nil && (!x.bound || x.r.Method != http.MethodDelete) {
			// Whatever the program tells everybody goes down a stream, so strangers
			// get none. 405 tells a client that there is none, not that it must sign in.
			x.allowOnly("POST")
			return false
		}
		if x.session == "" && header(x.r, "Last-Event-Id") != "" {
			// Event ids alone would resume anybody's stream, and the session in a
			// query is none to those transports that have events to resume.
			x.refuse(http.StatusNotFound, codeInvalidRequest, "session not found")
			return false
		}
		x.body = nil
		return true
	}
	x.allowOnly("GET, POST, DELETE")
	return false
}

func (x *exchange) allowOnly(methods string) {
	x.w.Header().Set("Allow", methods)
	x.refuse(http.StatusMethodNotAllowed, codeInvalidRequest, "method not allowed")
}

// trustedLength is the size up to which memory is set aside for a body because
// its sender announced it; beyond that it has to be sent first.
const trustedLength = 64 << 10

// read reads the body, up to the limit.
func (x *exchange) read() bool {
	most, size := x.g.cfg.MaxBody, x.r.ContentLength
	if size > most {
		x.refuse(http.StatusRequestEntityTooLarge, codeInvalidRequest, "request body too large")
		return false
	}
	var err error
	if size >= 0 && size <= trustedLength {
		x.body = make([]byte, size)
		_, err = io.ReadFull(x.r.Body, x.body)
	} else {
		x.body, err = io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, most))
	}
	if err != nil {
		x.unreadable(err)
		return false
	}
	if x.timed { // or it would be taken for the client's leaving
		_ = limit.SetReadDeadline(x.w, time.Time{}) // it could be set, so it can be taken off
	}
	return true
}

func (x *exchange) unreadable(err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		x.refuse(http.StatusRequestEntityTooLarge, codeInvalidRequest, "request body too large")
		return
	}
	x.refuse(http.StatusBadRequest, codeParseError, "request body could not be read")
}

// decideBody decides on every message of the body. One that is refused refuses
// the whole request.
func (x *exchange) decideBody() bool {
	version := header(x.r, headerVersion)
	body, msgs, err := x.scratch.parseBody(x.body, version == "" || version == "2025-03-26")
	if err != nil {
		x.audit(auditRequestRefused, slog.String("caller", callerID(x.p)), slog.String("reason", err.Error()))
		x.refuse(http.StatusBadRequest, codeInvalidRequest, "not a message that can be read in one way only: "+err.Error())
		return false
	}
	x.body = body
	x.batch = len(msgs) > 1
	if len(msgs) == 1 {
		x.id = msgs[0].id
	}
	x.ops = x.scratch.ops[:0]
	for i := range msgs {
		if !x.decideMessage(&msgs[i], version, len(msgs) == 1) {
			return false
		}
	}
	return true
}

func (x *exchange) decideMessage(m *message, version string, single bool) bool {
	x.modern = x.modern || isModern(version) || isModern(m.metaVersion)
	if why := x.checkHeaders(m, version, single); why != "" {
		x.refuse(http.StatusBadRequest, codeHeaderMismatch, why)
		return false
	}
	decided := len(x.ops)
	x.ops = m.appendOperations(x.ops)
	for _, op := range x.ops[decided:] {
		if err := x.g.Authorize(x.r.Context(), x.p, op); err != nil {
			x.deny(err)
			return false
		}
		if err := x.g.registeredWithout(x.r.Context(), x.p, op); err != nil {
			x.deny(err)
			return false
		}
	}
	if m.needsSession() && (!x.bound || x.modern) {
		x.withoutSession(m, single)
		return false
	}
	return true
}

// withoutSession answers a message that would act on another caller's state,
// because no session says whose it is. Responses and notifications are dropped:
// their senders expect no answer.
func (x *exchange) withoutSession(m *message, single bool) {
	if single && (!m.hasMethod || strings.HasPrefix(m.method, "notifications/")) {
		x.w.WriteHeader(http.StatusAccepted)
		return
	}
	x.refuse(http.StatusBadRequest, codeInvalidRequest, "tasks, responses and cancellations need a session of the caller's own")
}

// request is what the SDK gets: the message that was decided on, the SDK's own
// session id, and the decision in the context.
func (x *exchange) request(ctx context.Context) *http.Request {
	r := x.r.WithContext(ctx)
	r.Header = maps.Clone(x.r.Header)
	r.URL = x.url
	r.Body, r.ContentLength, r.TransferEncoding, r.Trailer = http.NoBody, 0, nil, nil
	delete(r.Header, "Upgrade")
	// A program that passes its callers' headers on must not pass our token to
	// somebody else's API (MCP authorization, Access Token Privilege Restriction).
	delete(r.Header, "Authorization")
	if x.session != "" && !x.modern {
		x.sdkID[0] = x.session
		r.Header[sessionHeader] = x.sdkID[:]
	} else {
		delete(r.Header, sessionHeader)
	}
	if x.name != nil {
		r.Header[headerName] = []string{*x.name}
	}
	if x.body != nil {
		x.in.Reset(x.body)
		r.Body, r.ContentLength = &x.in, int64(len(x.body))
	}
	if r.ContentLength != x.r.ContentLength || x.body == nil {
		r.Header["Content-Length"] = []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	return r
}
