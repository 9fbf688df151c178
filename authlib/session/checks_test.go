package session_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
)

// The layer that seals behaves as every other store does.
func TestASealedStoreIsAStore(t *testing.T) {
	stores := map[*testing.T]*memstore.Store{} // handles of one test are on the same records
	storetest.Run(t, func(t *testing.T, now func() time.Time) session.Store {
		if stores[t] == nil {
			stores[t] = memstore.New()
			stores[t].Now = now
		}
		return session.Seal(stores[t], ring(t, "https://a.example", key(1)), now)
	})
}

// Stores refuse what they could not keep, or keep for ever.
func TestWhatStoresRefuse(t *testing.T) {
	for _, tt := range []struct {
		kind session.Kind
		key  string
		ok   bool
	}{
		{"grant", "k", true}, {"abcdefghijklmnop", strings.Repeat("k", 512), true},
		{"", "k", false}, {"abcdefghijklmnopq", "k", false}, {"Grant", "k", false}, {"gr/nt", "k", false}, {"grant", "", false}, {"grant", strings.Repeat("k", 513), false},
	} {
		if err := session.CheckArgs(tt.kind, tt.key); (err == nil) != tt.ok {
			t.Errorf("kind %q, key of %d bytes: %v", tt.kind, len(tt.key), err)
		}
	}
	end := time.Now()
	for name, tt := range map[string]struct {
		r  session.Record
		ok bool
	}{
		"largest": {session.Record{Value: make([]byte, session.MaxValue), Expires: end}, true}, "empty": {session.Record{Expires: end}, true},
		"too large": {session.Record{Value: make([]byte, session.MaxValue+1), Expires: end}, false}, "without an end": {session.Record{Value: []byte("x")}, false},
	} {
		if err := session.CheckRecord(tt.r); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A ring needs keys of the right size, and a resource to bind them to.
func TestNewRingRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		resource string
		keys     [][]byte
	}{
		"no resource": {"", [][]byte{key(1)}}, "no key": {"https://a.example", nil},
		"short": {"https://a.example", [][]byte{key(1), key(2)[:31]}}, "long": {"https://a.example", [][]byte{append(key(1), 0)}},
	} {
		if r, err := session.NewRing(tt.resource, tt.keys); err == nil || r != nil {
			t.Errorf("%s: %v", name, r)
		}
	}
}

// What any key of the ring authenticated is accepted while that key is there, for
// its purpose, its data and its resource only.
func TestMAC(t *testing.T) {
	old, both := ring(t, "https://a.example", key(1)), ring(t, "https://a.example", key(2), key(1))
	mac := old.MAC("csrf", []byte("data"))
	if macs := both.MACs("csrf", []byte("data")); len(macs) != 2 || !bytes.Equal(macs[1], mac) || bytes.Equal(macs[0], mac) {
		t.Errorf("MACs %x, want the older key's last", macs)
	}
	for name, ok := range map[string]bool{
		"whole":            both.CheckMAC("csrf", []byte("data"), mac),
		"16 bytes":         both.CheckMAC("csrf", []byte("data"), mac[:16]),
		"not too short":    !both.CheckMAC("csrf", []byte("data"), mac[:15]),
		"not empty":        !both.CheckMAC("csrf", []byte("data"), nil),
		"not longer":       !both.CheckMAC("csrf", []byte("data"), append(bytes.Clone(mac), 0)),
		"not other data":   !both.CheckMAC("csrf", []byte("Data"), mac),
		"not else":         !both.CheckMAC("login", []byte("data"), mac),
		"not another's":    !ring(t, "https://b.example", key(1)).CheckMAC("csrf", []byte("data"), mac),
		"not a key's gone": !ring(t, "https://a.example", key(2)).CheckMAC("csrf", []byte("data"), mac),
	} {
		if !ok {
			t.Errorf("%s: wrong", name)
		}
	}
}

// down is a store that cannot be asked.
type down struct{ session.Store }

var errDown = errors.New("the store is down")

func (down) Get(context.Context, session.Kind, string) (session.Record, error) {
	return session.Record{}, errDown
}
func (down) Put(context.Context, session.Kind, string, session.Record, uint64) error { return errDown }
func (down) Delete(context.Context, session.Kind, string) error                      { return errDown }
func (down) Take(context.Context, session.Kind, string) (session.Record, error) {
	return session.Record{}, errDown
}

// A store that cannot be asked is an error above the seal too, and never "not
// found": that would sign users out, or let a used code be used again.
func TestSealHidesNoOutage(t *testing.T) {
	ctx, s := context.Background(), session.Seal(down{}, ring(t, "https://a.example", key(1), key(2)), nil)
	_, get := s.Get(ctx, "grant", "k")
	_, take := s.Take(ctx, "grant", "k")
	for name, err := range map[string]error{"Get": get, "Take": take, "Put": s.Put(ctx, "grant", "k", record("v"), 0), "Delete": s.Delete(ctx, "grant", "k")} {
		if !errors.Is(err, errDown) || errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// deaf is a store that takes what it is given, and finds nothing out.
type deaf struct {
	session.Store
	err error
}

func (d deaf) Get(context.Context, session.Kind, string) (session.Record, error) {
	return session.Record{}, d.err
}

// While keys are changed, a record that can't be read may be there under its older name:
// it is not written a second time.
func TestSealWritesNothingBesideWhatCannotBeRead(t *testing.T) {
	ctx := context.Background()
	for _, why := range []error{errDown, session.ErrCorrupt} {
		below := memstore.New()
		s := session.Seal(deaf{below, why}, ring(t, "https://a.example", key(2), key(1)), nil)
		if err := s.Put(ctx, "grant", "k", record("v"), 0); !errors.Is(err, why) {
			t.Errorf("Put: %v, want %v", err, why)
		}
		if n, err := session.Seal(below, ring(t, "https://a.example", key(2)), nil).Count(ctx, "grant"); n != 0 || err != nil {
			t.Errorf("%d records, %v", n, err)
		}
	}
}
