package authlib

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"strings"
)

// A responseWriter seals the session ids that the SDK hands out, keeps the SDK from
// opening the server to other origins than the guard does, and takes out of streams
// what their reader may not know.
type responseWriter struct {
	http.ResponseWriter
	x      *exchange
	wrote  bool
	stream bool // text/event-stream on GET whose first event is still to come
	events *eventFilter
	began  string // the SDK's id of the session that the answer begins, "" for none
}

func (w *responseWriter) WriteHeader(code int) {
	if !w.wrote && code >= 200 { // 1xx may come before
		w.wrote = true
		w.fixHeader()
	}
	w.ResponseWriter.WriteHeader(code)
}

// finish sends the header of an answer that has no body, which the handler may
// leave to the server, and the end of a stream that ends in the midst of an event.
func (w *responseWriter) finish() {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	if w.events != nil && len(w.events.pending) > 0 && w.events.mayKnow(w.events.pending) {
		_, _ = w.ResponseWriter.Write(w.events.pending) // the client is gone if this fails
	}
}

func (w *responseWriter) fixHeader() {
	h := w.Header()
	if ids := h[sessionHeader]; len(ids) > 0 && ids[0] != "" {
		if ids[0] != w.x.session {
			w.began = ids[0]
		}
		h[sessionHeader] = []string{w.x.g.sealSession(ids[0], w.x.p)}
	}
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			delete(h, name)
		}
	}
	w.x.cors(h)
	if strings.HasPrefix(h.Get("Content-Type"), "text/event-stream") {
		w.stream, w.events = w.x.r.Method == http.MethodGet, &eventFilter{x: w.x}
	}
}

func (w *responseWriter) Write(b []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	if w.events == nil || len(b) == 0 {
		return w.ResponseWriter.Write(b)
	}
	event := b
	if w.stream {
		w.stream, event = false, w.x.g.sealEndpoint(b, w.x.p)
	}
	if event = w.events.pass(event); len(event) > 0 {
		if _, err := w.ResponseWriter.Write(event); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// Flush implements [http.Flusher], which mcp-go asks for by type.
func (w *responseWriter) Flush() {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush() // a writer that can't flush has nothing to lose
}

// Unwrap is for [http.ResponseController].
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack implements [http.Hijacker], to refuse it: what came over the connection
// afterwards would be checked by nobody.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, errors.New("authlib: a guarded connection can't be hijacked")
}
