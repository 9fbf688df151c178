// Package apikey checks API keys: for programs, which cannot sign in. It checks a key's
// form, its SHA-256, which is all that is kept of it, and its end. It does not bind a
// key to one server. A key is random and long, so that a plain hash gives nobody
// anything to guess.
//
// # What it does not do
//
// A key is bound to no server: two servers with the same file take the same keys. The file
// is read once, so a key that was taken out works until the next start. Nothing counts
// wrong keys, since none can be guessed. Keys are for programs; a person who has one is
// not asked to sign in, nor signed out.
package apikey

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

const (
	// Issuer is the issuer of everybody who has an API key: no subject of a
	// sign-in elsewhere is the same as a key's.
	Issuer = "urn:mcp-authlib:apikey"
	// Prefix begins every key, so that scanners find one that leaked.
	Prefix = "mcpk_"

	minRandom = 43 // letters after the prefix: 256 bits in base64, 172 in hex
	maxKey    = 512
)

// A Key is one API key, by its hash.
type Key struct {
	SHA256    string   `json:"sha256"`               // of the whole key, hex
	Subject   string   `json:"subject"`              // whose it is; unique among people and programs, not among keys
	Scopes    []string `json:"scopes,omitempty"`     // granted
	Roles     []string `json:"roles,omitempty"`      // given
	ExpiresAt string   `json:"expires_at,omitempty"` // RFC 3339; "" is never
}

// A Verifier is an [authlib.Verifier]. It does not change, and is safe for
// concurrent use.
type Verifier struct {
	// Now is the clock; nil is time.Now. Set it before use.
	Now  func() time.Time
	keys map[[sha256.Size]byte]*entry
}

type entry struct {
	hash [sha256.Size]byte
	p    *authlib.Principal
}

var _ authlib.OutOfBandVerifier = (*Verifier)(nil)

// OutOfBand reports true: whoever runs the server hands keys out, and no
// authorization server does.
func (v *Verifier) OutOfBand() bool { return true }

// New returns a verifier of keys. No keys, a hash that is none or is there twice,
// a key without a subject, and a date that is none are errors.
func New(keys ...Key) (*Verifier, error) {
	if len(keys) == 0 {
		return nil, errors.New("apikey: there are no keys, so nobody could ever call")
	}
	v := &Verifier{keys: map[[sha256.Size]byte]*entry{}}
	for i, k := range keys {
		e, err := k.entry()
		if err != nil {
			return nil, fmt.Errorf("apikey: key %d: %w", i+1, err)
		}
		if v.keys[e.hash] != nil {
			return nil, fmt.Errorf("apikey: key %d: its sha256 is there twice", i+1)
		}
		v.keys[e.hash] = e
	}
	return v, nil
}

func (k Key) entry() (*entry, error) {
	sum, err := hex.DecodeString(k.SHA256)
	if err != nil || len(sum) != sha256.Size {
		return nil, errors.New("sha256 is not 64 hexadecimal digits; write the hash of the key, never the key")
	}
	if strings.TrimSpace(k.Subject) == "" {
		return nil, errors.New("subject is empty; say whose the key is")
	}
	for _, s := range slices.Concat(k.Scopes, k.Roles) {
		if s == "" || strings.ContainsAny(s, " \t\r\n") {
			return nil, fmt.Errorf("%q is no scope or role", s)
		}
	}
	e := &entry{hash: [sha256.Size]byte(sum), p: &authlib.Principal{
		Issuer: Issuer, Subject: k.Subject, Username: k.Subject, Scopes: slices.Clone(k.Scopes), Roles: slices.Clone(k.Roles),
	}}
	if k.ExpiresAt != "" {
		if e.p.Expiry, err = time.Parse(time.RFC3339, k.ExpiresAt); err != nil {
			return nil, fmt.Errorf("expires_at %.40q is no date such as 2027-01-31T00:00:00Z", k.ExpiresAt)
		}
	}
	return e, nil
}

// Verify says whose key it is. It fails with an error that matches
// [authlib.ErrInvalidToken] for what is no key of ours, and with
// [authlib.ErrTokenExpired] for a key that has ended.
func (v *Verifier) Verify(_ context.Context, key string) (*authlib.Principal, error) {
	if !wellFormed(key) {
		return nil, fmt.Errorf("%w: it is no API key", authlib.ErrInvalidToken)
	}
	// Looking up a hash tells a caller nothing: nobody can choose what it begins
	// with. The whole of it is compared in constant time all the same.
	sum := sha256.Sum256([]byte(key))
	e := v.keys[sum]
	if e == nil || subtle.ConstantTimeCompare(e.hash[:], sum[:]) != 1 {
		return nil, fmt.Errorf("%w: it is an unknown API key", authlib.ErrInvalidToken)
	}
	if !e.p.Expiry.IsZero() && !v.now().Before(e.p.Expiry) {
		return nil, authlib.ErrTokenExpired
	}
	return e.p.Clone(), nil
}

func (v *Verifier) now() time.Time {
	if v.Now != nil {
		return v.Now()
	}
	return time.Now()
}

// wellFormed reports whether key has the prefix and room for enough randomness:
// a password whose hash somebody entered is refused, since it can be guessed.
func wellFormed(key string) bool {
	random, ok := strings.CutPrefix(key, Prefix)
	if !ok || len(random) < minRandom || len(key) > maxKey {
		return false
	}
	return strings.Trim(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// Generate returns a new key of 256 random bits for subject, and what to keep of
// it. The key itself is shown once and kept nowhere.
func Generate(subject string, scopes ...string) (key string, k Key, err error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", Key{}, fmt.Errorf("apikey: no randomness: %w", err)
	}
	key = Prefix + base64.RawURLEncoding.EncodeToString(b)
	sum := sha256.Sum256([]byte(key))
	return key, Key{SHA256: hex.EncodeToString(sum[:]), Subject: subject, Scopes: slices.Clone(scopes)}, nil
}

// String says how many keys there are, and nothing of them.
func (v *Verifier) String() string { return fmt.Sprintf("apikey.Verifier(%d keys)", len(v.keys)) }

// GoString is String, for %#v.
func (v *Verifier) GoString() string { return v.String() }
