package authlib

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"net/url"
	"strings"
	"sync"
)

const (
	sessionHeader = "Mcp-Session-Id"
	maxSessionID  = 1024
)

// sealSession makes the session id that a client gets from the one that the SDK
// made: id.HMAC(key, id‖owner). Anybody may see such an id; only its owner can use
// it, at every replica that has the key (MCP Security Best Practices, Session
// Hijacking).
func (g *Guard) sealSession(id string, p *Principal) string {
	m := g.macs.get(g.sessionKey)
	defer g.macs.Put(m)
	m.buf = appendTag(m.buf, m, id, p)
	return id + "." + string(m.buf)
}

// openSession returns the SDK's session id for a client's; ok is false when it
// was not made for p.
func (g *Guard) openSession(sealed string, p *Principal) (id string, ok bool) {
	dot := strings.LastIndexByte(sealed, '.')
	if dot < 0 || len(sealed) > maxSessionID {
		return "", false
	}
	id = sealed[:dot]
	m := g.macs.get(g.sessionKey)
	defer g.macs.Put(m)
	m.buf = appendTag(m.buf, m, id, p)
	made := len(m.buf)
	m.buf = append(m.buf, sealed[dot+1:]...) // as bytes to compare
	return id, hmac.Equal(m.buf[made:], m.buf[:made]) || g.openOther(id, sealed[dot+1:], p)
}

// macs are MACs of one key, for use again.
type macs struct{ sync.Pool }

// A pooledMAC has a buffer, which holds what it was last used for. Nobody but its
// next user sees that, who begins by overwriting it.
type pooledMAC struct {
	hash.Hash
	buf []byte
}

// get returns one that nothing was written to yet.
func (pool *macs) get(key []byte) *pooledMAC {
	m, ok := pool.Get().(*pooledMAC)
	if !ok {
		m = &pooledMAC{hmac.New(sha256.New, key), make([]byte, 0, maxSessionID/2)}
	}
	m.Reset()
	return m
}

// openOther reports whether one of the other keys made a tag.
func (g *Guard) openOther(id, tag string, p *Principal) bool {
	for _, key := range g.otherKeys {
		made := appendTag(nil, hmac.New(sha256.New, key), id, p)
		if hmac.Equal([]byte(tag), made) {
			return true
		}
	}
	return false
}

// appendTag returns the MAC of an id and its owner, in base64, in the memory of buf if
// it fits. It uses a fresh m. The parts are told apart by their lengths; a stranger
// has no issuer part.
func appendTag(buf []byte, m hash.Hash, id string, p *Principal) []byte {
	buf = appendPart(buf[:0], id)
	if p != nil {
		buf = appendPart(appendPart(buf, p.Issuer), p.Subject)
	}
	_, _ = m.Write(buf) // a hash never fails
	sum := m.Sum(buf[:0])
	tag := base64.RawURLEncoding.AppendEncode(sum, sum)[len(sum):]
	return append(buf[:0], tag...)
}

func appendPart(buf []byte, s string) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(s))), s...)
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
