package session

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// KeySize is the size of a key in bytes.
const KeySize = 32

const howToMakeAKey = "make one with: openssl rand -base64 32"

// ParseKeys reads the value of MCP_SESSION_KEY: a comma list of base64 encoded
// keys of 32 bytes. The first key encrypts; the others still open what they
// once sealed. Errors never contain a part of the value.
//
// To change keys, put the new one at the end of the list and restart every
// process; then move it to the front and restart again; and take the old one away
// after the longest lifetime (90 days), or when everybody may sign in anew. With
// the new key in front at once, a process that does not have it yet knows nobody
// who signed in at one that has. A single process needs no first step.
func ParseKeys(s string) ([][]byte, error) {
	if strings.TrimSpace(s) == "" {
		return nil, errors.New("MCP_SESSION_KEY is not set; " + howToMakeAKey)
	}
	var keys [][]byte
	for i, part := range strings.Split(s, ",") {
		k, err := parseKey(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("MCP_SESSION_KEY: key %d %w; %s", i+1, err, howToMakeAKey)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// parseKey accepts the standard and the URL alphabet, padded or not.
func parseKey(s string) ([]byte, error) {
	if s == "" {
		return nil, errors.New("is empty")
	}
	s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(s), "=")
	k, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return nil, errors.New("is not base64")
	}
	if len(k) != KeySize {
		return nil, fmt.Errorf("has %d bytes, not 32", len(k))
	}
	if weakKey(k) {
		return nil, errors.New("repeats one byte, so it is a placeholder")
	}
	return k, nil
}

func weakKey(k []byte) bool {
	for _, b := range k {
		if b != k[0] {
			return false
		}
	}
	return true
}

// NewKey returns a fresh random key in the form that [ParseKeys] reads.
func NewKey() string {
	return base64.StdEncoding.EncodeToString(randomBytes(KeySize))
}

// randomBytes panics when the system has no randomness, since nothing that
// could follow would be safe. (From Go 1.24 crypto/rand does so itself.)
func randomBytes(n int) []byte {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic("session: no randomness: " + err.Error())
	}
	return b
}
