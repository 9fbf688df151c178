package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
)

// A Ring seals and authenticates values for one resource, with keys derived from
// the ring's master keys. The first key makes; every key opens. Everything it
// makes is bound to the resource, so that two servers that share a store or a
// key accept nothing of each other. A Ring is immutable and safe for concurrent
// use. It prints as "session.Ring" and has no exported fields.
type Ring struct {
	resource string
	keys     []ringKey
}

type ringKey struct {
	id    [keyIDSize]byte
	block cipher.Block // of aead
	aead  cipher.AEAD
	name  []byte // names records
	mac   []byte // authenticates
}

const (
	sealVersion = 1
	keyIDSize   = 8
	nonceSize   = 12
	sealHeader  = 1 + keyIDSize + nonceSize
)

// NewRing derives the working keys. Each key has 32 bytes; resource is the
// server's canonical URL.
func NewRing(resource string, keys [][]byte) (*Ring, error) {
	if resource == "" {
		return nil, errors.New("session: the resource is empty")
	}
	if len(keys) == 0 {
		return nil, errors.New("session: no key; " + howToMakeAKey)
	}
	r := &Ring{resource: resource}
	for i, k := range keys {
		if len(k) != KeySize {
			return nil, fmt.Errorf("session: key %d has %d bytes, not 32", i+1, len(k))
		}
		rk, err := deriveRingKey(k, resource)
		if err != nil {
			return nil, err
		}
		r.keys = append(r.keys, rk)
	}
	return r, nil
}

func deriveRingKey(master []byte, resource string) (ringKey, error) {
	block, err := aes.NewCipher(hkdf(master, "seal", resource))
	if err != nil {
		return ringKey{}, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return ringKey{}, err
	}
	k := ringKey{block: block, aead: aead, name: hkdf(master, "name", resource), mac: hkdf(master, "mac", resource)}
	copy(k.id[:], hkdf(master, "id", resource))
	return k, nil
}

// hkdf is HKDF-SHA256 (RFC 5869) for one block of output: crypto/hkdf is newer
// than the Go version this package is built with.
func hkdf(master []byte, purpose, resource string) []byte {
	prk := hmacSum(make([]byte, sha256.Size), master)
	return hmacSum(prk, fields("mcp session v1", purpose, resource), []byte{1})
}

func hmacSum(key []byte, data ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, d := range data {
		h.Write(d)
	}
	return h.Sum(nil)
}

// fields joins values so that no two lists give the same bytes.
func fields(values ...string) []byte {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint64(b, uint64(len(v)))
		b = append(b, v...)
	}
	return b
}

// Seal encrypts and authenticates plaintext (AES-256-GCM). It opens only under
// the same kind and key.
func (r *Ring) Seal(kind Kind, key string, plaintext []byte) []byte {
	k := r.keys[0]
	out := append([]byte{sealVersion}, k.id[:]...)
	nonce := randomBytes(nonceSize)
	out = append(out, nonce...)
	return k.aead.Seal(out, nonce, plaintext, fields(r.resource, string(kind), key))
}

// Open is the reverse of Seal. What was not sealed by a key of this ring, for
// this resource, kind and key, is an error that matches [ErrCorrupt], and
// [ErrUnknownKey] if it names a key that is not in this ring.
func (r *Ring) Open(kind Kind, key string, sealed []byte) ([]byte, error) {
	if len(sealed) < sealHeader || sealed[0] != sealVersion {
		return nil, fmt.Errorf("%w: not sealed", ErrCorrupt)
	}
	nonce := sealed[1+keyIDSize : sealHeader]
	for _, k := range r.keys {
		if [keyIDSize]byte(sealed[1:1+keyIDSize]) != k.id {
			continue
		}
		plain, err := k.aead.Open(nil, nonce, sealed[sealHeader:], fields(r.resource, string(kind), key))
		if err != nil {
			return nil, fmt.Errorf("%w: the seal does not fit", ErrCorrupt)
		}
		return plain, nil
	}
	return nil, ErrUnknownKey
}

// MAC returns 32 bytes that authenticate data for a purpose.
func (r *Ring) MAC(purpose string, data []byte) []byte {
	return hmacSum(r.keys[0].mac, fields(purpose, string(data)))
}

// MACs returns what MAC returns, for each key of the ring, the first key first.
func (r *Ring) MACs(purpose string, data []byte) [][]byte {
	out := make([][]byte, len(r.keys))
	for i, k := range r.keys {
		out[i] = hmacSum(k.mac, fields(purpose, string(data)))
	}
	return out
}

// CheckMAC reports, in constant time, whether mac was made by a key of this ring.
// mac may be the first 16 or more bytes of what [Ring.MAC] returned.
func (r *Ring) CheckMAC(purpose string, data, mac []byte) bool {
	if len(mac) < 16 || len(mac) > sha256.Size {
		return false
	}
	for _, k := range r.keys {
		if hmac.Equal(hmacSum(k.mac, fields(purpose, string(data)))[:len(mac)], mac) {
			return true
		}
	}
	return false
}

// names returns the names of a record in the store below, one for each key.
func (r *Ring) names(kind Kind, key string) []string {
	out := make([]string, len(r.keys))
	for i, k := range r.keys {
		sum := hmacSum(k.name, fields(r.resource, string(kind), key))
		out[i] = base64.RawURLEncoding.EncodeToString(sum)
	}
	return out
}

// Size is how many keys the ring has.
func (r *Ring) Size() int { return len(r.keys) }

// String keeps keys out of logs.
func (r *Ring) String() string { return "session.Ring" }

// GoString keeps keys out of %#v.
func (r *Ring) GoString() string { return "session.Ring" }
