package memstore

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
)

func opener() storetest.Opener {
	stores := map[*testing.T]*Store{}
	return func(t *testing.T, now func() time.Time) session.Store {
		if stores[t] == nil {
			stores[t] = New()
			stores[t].Now = now
		}
		return stores[t]
	}
}

func TestStore(t *testing.T) { storetest.Run(t, opener()) }

func TestSealedStore(t *testing.T) {
	open := opener()
	ring, err := session.NewRing("https://mcp.example/mcp", [][]byte{make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, func(t *testing.T, now func() time.Time) session.Store {
		return session.Seal(open(t, now), ring, now)
	})
}

func TestFull(t *testing.T) {
	clock := storetest.NewClock()
	s := New()
	s.Now, s.Max = clock.Now, 3
	put := func(key string) error {
		return s.Put(context.Background(), "code", key, session.Record{Expires: clock.Now().Add(time.Minute)}, 0)
	}
	for i := range 3 {
		if err := put(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := put("x"); !errors.Is(err, session.ErrFull) {
		t.Fatalf("fourth record: %v, want ErrFull", err)
	}
	clock.Advance(2 * time.Minute)
	if err := put("x"); err != nil {
		t.Fatalf("after the others ended: %v", err)
	}
	if n, _ := s.Count(context.Background(), "code"); n != 1 {
		t.Errorf("%d records held, want 1", n)
	}
}
