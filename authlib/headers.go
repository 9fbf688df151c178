package authlib

import (
	"encoding/base64"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
)

const (
	headerVersion = "Mcp-Protocol-Version"
	headerMethod  = "Mcp-Method"
	headerName    = "Mcp-Name"
)

// singleHeaders are read by somebody, and mean something only once: where one is
// repeated, two readers may take different ones.
var singleHeaders = []string{"Authorization", "Proxy-Authorization", sessionHeader, headerVersion, headerMethod, headerName,
	"Content-Type", "Content-Encoding", "Origin", "Last-Event-Id", "Upgrade"}

// header is r.Header.Get for a name in its canonical form.
func header(r *http.Request, canonical string) string {
	if values := r.Header[canonical]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// addressed refuses what was sent to another host: DNS rebinding makes a browser
// send a page's requests here under the page's own name (RFC 9110 §15.5.20).
func (x *exchange) addressed() bool {
	if x.g.hostOK(x.r) {
		return true
	}
	x.refuse(http.StatusMisdirectedRequest, codeInvalidRequest, "misdirected request")
	return false
}

// hostOK compares the request's host with the configured one. A server on this
// machine may be called by each of the machine's own names.
func (g *Guard) hostOK(r *http.Request) bool {
	if r.Host == g.resource.Host { // which nearly everybody sends
		return true
	}
	if !g.loopback {
		return canonicalHost(g.resource.Scheme, r.Host) == g.host
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return isLoopback(host)
}

// wellFormed refuses repeated headers, a second credential, a token in the query
// (RFC 6750 §2.3 is not offered) and a change of protocol.
func (x *exchange) wellFormed() bool {
	for name, values := range x.r.Header {
		if len(values) > 1 && slices.Contains(singleHeaders, name) {
			x.challenge(http.StatusBadRequest, "invalid_request", "repeated header", nil)
			return false
		}
	}
	if x.r.URL.RawQuery != "" {
		x.query = x.r.URL.Query()
		if x.query.Has("access_token") {
			x.challenge(http.StatusBadRequest, "invalid_request", "a token belongs into the Authorization header", nil)
			return false
		}
	}
	// Some clients offer h2c with every request; the offer is ignored (RFC 9110 §7.8).
	if up := header(x.r, "Upgrade"); up != "" && !strings.EqualFold(up, "h2c") {
		x.refuse(http.StatusBadRequest, codeInvalidRequest, "upgrade is not supported")
		return false
	}
	return true
}

// sameOrigin refuses browsers of other origins (MCP Streamable HTTP, Security).
func (x *exchange) sameOrigin() bool {
	origin := header(x.r, "Origin")
	if origin == "" && len(x.r.Header["Origin"]) == 0 {
		return true
	}
	scheme, host, _ := strings.Cut(origin, "://")
	if !x.g.origins[strings.ToLower(scheme)+"://"+canonicalHost(scheme, host)] {
		x.refuse(http.StatusForbidden, codeForbidden, "origin not allowed")
		return false
	}
	x.cors(x.w.Header())
	return true
}

// cors lets the request's own origin, which is an allowed one, read the answer.
func (x *exchange) cors(h http.Header) {
	if origin := header(x.r, "Origin"); origin != "" {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", "WWW-Authenticate, Mcp-Session-Id")
		if !slices.Contains(h.Values("Vary"), "Origin") {
			h.Add("Vary", "Origin")
		}
	}
}

// preflight answers OPTIONS, which carries no credential and reaches nobody else.
func (x *exchange) preflight() (answered bool) {
	if x.r.Method != http.MethodOptions {
		return false
	}
	h := x.w.Header()
	h.Set("Allow", "GET, POST, DELETE, OPTIONS")
	if header(x.r, "Origin") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS")
		h.Set("Access-Control-Allow-Headers",
			"Authorization, Content-Type, Accept, Last-Event-ID, Mcp-Session-Id, MCP-Protocol-Version, Mcp-Method, Mcp-Name")
		h.Set("Access-Control-Max-Age", "600")
	}
	x.w.WriteHeader(http.StatusNoContent)
	return true
}

// readable refuses bodies that would have to be decoded before they could be
// decided on, and what is no JSON (MCP Streamable HTTP, Sending Messages).
func (x *exchange) readable() bool {
	enc := header(x.r, "Content-Encoding")
	ok := enc == "" || strings.EqualFold(enc, "identity")
	if x.r.Method == http.MethodPost {
		ok = ok && isJSON(header(x.r, "Content-Type"))
	}
	if !ok {
		x.refuse(http.StatusUnsupportedMediaType, codeInvalidRequest, "send application/json in UTF-8, not encoded")
	}
	return ok
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(contentType)
	charset := params["charset"]
	return err == nil && media == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// isModern reports whether v is a protocol version without sessions. What is not
// known to be older is taken to be newer, which demands more.
func isModern(v string) bool { return v != "" && v >= "2026-07-28" }

// checkHeaders compares the request headers that mirror the body with it (MCP
// 2026-07-28, Server Validation). They are never what is decided on, but somebody
// in front may have decided by them. It returns what is wrong, or "".
func (x *exchange) checkHeaders(m *message, version string, single bool) string {
	if m.hasMetaVersion && m.metaVersion != version && x.modern {
		return "MCP-Protocol-Version does not equal the version in _meta"
	}
	if !single {
		return ""
	}
	method, name := header(x.r, headerMethod), header(x.r, headerName)
	if m.hasMethod && (method != m.method) && (method != "" || isModern(version)) {
		return "Mcp-Method does not equal the method"
	}
	want, named := m.headerName()
	if !named || name == "" && !isModern(version) {
		return ""
	}
	decoded, ok := decodeHeader(name)
	if !ok || decoded != want {
		return "Mcp-Name does not equal the name"
	}
	if decoded != name {
		x.name = &decoded
	}
	return ""
}

// decodeHeader undoes the base64 form of a header value (MCP 2026-07-28, Value
// Encoding).
func decodeHeader(v string) (string, bool) {
	coded, ok := strings.CutPrefix(v, "=?base64?")
	if !ok {
		return v, true
	}
	coded, ok = strings.CutSuffix(coded, "?=")
	b, err := base64.StdEncoding.DecodeString(coded)
	return string(b), ok && err == nil
}
