package authlib

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"strings"
)

// A responseWriter seals the session ids that the SDK hands out, and keeps the
// SDK from opening the server to other origins than the guard does.
type responseWriter struct {
	http.ResponseWriter
	x      *exchange
	wrote  bool
	stream bool // text/event-stream on GET whose first event is still to come
}

func (w *responseWriter) WriteHeader(code int) {
	if !w.wrote && code >= 200 { // 1xx may come before
		w.wrote = true
		w.fixHeader()
	}
	w.ResponseWriter.WriteHeader(code)
}

// finish sends the header of an answer that has no body, which the handler may
// leave to the server.
func (w *responseWriter) finish() {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
}

func (w *responseWriter) fixHeader() {
	h := w.Header()
	if ids := h[sessionHeader]; len(ids) > 0 && ids[0] != "" {
		h[sessionHeader] = []string{w.x.g.sealSession(ids[0], w.x.p)}
	}
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			delete(h, name)
		}
	}
	w.x.cors(h)
	w.stream = w.x.r.Method == http.MethodGet && strings.HasPrefix(h.Get("Content-Type"), "text/event-stream")
}

func (w *responseWriter) Write(b []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	if !w.stream || len(b) == 0 {
		return w.ResponseWriter.Write(b)
	}
	w.stream = false
	if _, err := w.ResponseWriter.Write(w.x.g.sealEndpoint(b, w.x.p)); err != nil {
		return 0, err
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
