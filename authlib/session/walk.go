package session

import (
	"bytes"
	"context"
	"crypto/cipher"
	"fmt"
	"slices"
)

// A Walker is a [Store] that can go through what it holds, for an operator who looks
// for what is wrong. No request needs it.
type Walker interface {
	// Walk calls visit for each record of a kind that is held, in no order, until visit
	// returns false. key is what Put was given. It takes no snapshot, writes nothing, and
	// also shows records that have ended and are not yet swept. A record that cannot be
	// read has an error that matches [ErrCorrupt] instead of a key. An error of Walk's own
	// means that the store could not be asked, to the end at least.
	Walk(ctx context.Context, kind Kind, visit func(key string, r Record, err error) bool) error
}

// A Found is a record that [Look] found below a [Seal].
type Found struct {
	// Record is as it was before it was sealed; empty with Err. It is opened, and so in
	// nothing that is written.
	Record `json:"-"`
	// SealedBy is the key of the ring that it says it was sealed with, counted from 1; 0
	// if that is none of them.
	SealedBy int
	// Err matches [ErrCorrupt] for what does not open, and [ErrUnknownKey] where its key
	// is none of the ring's. Where Look was given no keyOf, it is nil for a record whose
	// key is one, and Record has its end only, as the store below says it.
	Err error
}

// Look goes through the records of a kind in the store below a [Seal], for an
// operator. Sealed records open under their own key only, and the store below knows
// hashes of keys. So keyOf is shown what a record seems to hold, and says under which
// key it would be kept; nothing of it is authentic at that time. Only what opens under
// that key, and stands in its place, is shown to visit. A nil keyOf opens nothing. Look
// stops when visit returns false.
func Look(ctx context.Context, below Walker, ring *Ring, kind Kind, keyOf func(plain []byte) string, visit func(Found) bool) error {
	s := &sealed{ring: ring, tag: resourceTag(ring.resource)}
	return below.Walk(ctx, kind+s.tag, func(name string, r Record, err error) bool {
		if err != nil {
			return visit(Found{Err: err})
		}
		return visit(s.look(kind, name, r, keyOf))
	})
}

func (s *sealed) look(kind Kind, name string, r Record, keyOf func([]byte) string) Found {
	guess, by, err := s.ring.peek(r.Value)
	f := Found{SealedBy: by, Err: err}
	switch {
	case err != nil:
	case keyOf == nil:
		f.Expires = r.Expires
	default:
		f.Record, f.Err = s.openGuessed(kind, name, keyOf(guess), r)
	}
	return f
}

// openGuessed opens a record whose key was guessed from what it seems to hold.
func (s *sealed) openGuessed(kind Kind, name, key string, r Record) (Record, error) {
	if CheckArgs(kind, key) != nil || !slices.Contains(s.ring.names(kind, key), name) {
		return Record{}, fmt.Errorf("%w: it stands in another one's place", ErrCorrupt)
	}
	return s.openEnded(kind, key, r)
}

// peek decrypts without checking the seal, and says which key of the ring it used.
// What it returns may be anybody's invention.
func (r *Ring) peek(sealed []byte) (plain []byte, by int, err error) {
	if len(sealed) < sealHeader+gcmTagSize+8 || sealed[0] != sealVersion {
		return nil, 0, fmt.Errorf("%w: not sealed", ErrCorrupt)
	}
	for i, k := range r.keys {
		if [keyIDSize]byte(sealed[1:1+keyIDSize]) == k.id {
			return k.peek(sealed), i + 1, nil
		}
	}
	return nil, 0, ErrUnknownKey
}

const gcmTagSize = 16

// peek is GCM's counter mode alone (NIST SP 800-38D §7.2): with a nonce of 12 bytes
// the first block of plaintext has the counter 2. The end of the record in front of
// the value is left out.
func (k ringKey) peek(sealed []byte) []byte {
	counter := append(bytes.Clone(sealed[1+keyIDSize:sealHeader]), 0, 0, 0, 2)
	plain := make([]byte, len(sealed)-sealHeader-gcmTagSize)
	cipher.NewCTR(k.block, counter).XORKeyStream(plain, sealed[sealHeader:len(sealed)-gcmTagSize])
	return plain[8:]
}
