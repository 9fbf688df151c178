package authlib

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/url"
	"strings"
)

const (
	sessionHeader  = "Mcp-Session-Id"
	maxSessionID   = 1024
	anonymousOwner = "-" // no Principal.ID, which always has a "|"
)

// sealSession makes the session id that a client gets from the one that the SDK
// made: id.HMAC(key, id‖owner). Anybody may see such an id; only its owner can use
// it, at every replica that has the key (MCP Security Best Practices, Session
// Hijacking).
func (g *Guard) sealSession(id string, p *Principal) string {
	return id + "." + g.sessionTag(id, p)
}

// openSession returns the SDK's session id for a client's; ok is false when it
// was not made for p.
func (g *Guard) openSession(sealed string, p *Principal) (id string, ok bool) {
	dot := strings.LastIndexByte(sealed, '.')
	if dot < 0 || len(sealed) > maxSessionID {
		return "", false
	}
	id = sealed[:dot]
	return id, hmac.Equal([]byte(sealed[dot+1:]), []byte(g.sessionTag(id, p)))
}

func (g *Guard) sessionTag(id string, p *Principal) string {
	owner := anonymousOwner
	if p != nil {
		owner = p.ID()
	}
	m := hmac.New(sha256.New, g.sessionKey)
	_, _ = io.WriteString(m, id+"\x00"+owner) // a hash never fails; ids come from headers, which hold no NUL
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// sessionQuery is where the HTTP+SSE transport (MCP 2024-11-05) carries the id.
const sessionQuery = "sessionId="

// sealEndpoint seals the session id in the endpoint event by which an HTTP+SSE
// stream begins. Other data is returned as it is.
func (g *Guard) sealEndpoint(event []byte, p *Principal) []byte {
	s := string(event)
	if !strings.HasPrefix(s, "event: endpoint") {
		return event
	}
	before, rest, found := strings.Cut(s, sessionQuery)
	if !found {
		return event
	}
	end := strings.IndexAny(rest, "& \r\n")
	if end < 0 {
		end = len(rest)
	}
	return []byte(before + sessionQuery + g.sealSession(rest[:end], p) + rest[end:])
}

// openQuery replaces the sealed session id in the query of an HTTP+SSE message.
// bound is false when there is none; ok is false when it is not p's, or there are
// several.
func (g *Guard) openQuery(u *url.URL, q url.Values, p *Principal) (opened *url.URL, bound, ok bool) {
	ids := q["sessionId"]
	if len(ids) == 0 {
		return u, false, true
	}
	id, ok := g.openSession(ids[0], p)
	if !ok || len(ids) > 1 {
		return u, false, false
	}
	q.Set("sessionId", id)
	c := *u
	c.RawQuery = q.Encode()
	return &c, true, true
}
