package authlib

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// A session that no stranger used for ten minutes ends when the next stranger comes.
func TestIdleStrangersSessionsEnd(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := newStrangers(func() time.Time { return now })
	if ended := slices.Concat(s.begin("a", ""), s.begin("b", "")); len(ended) != 0 {
		t.Errorf("%v ended at once", ended)
	}
	now = now.Add(strangersIdle - time.Second)
	s.use("b")
	s.use("of a user")
	now = now.Add(time.Second)
	if ended := s.begin("c", ""); !slices.Equal(ended, []string{"a"}) {
		t.Errorf("%v ended, want a", ended)
	}
	if len(s.byID) != 2 || s.order.Len() != 2 {
		t.Errorf("%d, %d are kept, want b and c", len(s.byID), s.order.Len())
	}
}

// Addresses that tell nobody apart have no limit of their own.
func TestStrangersWhoCannotBeToldApartShareTheLimit(t *testing.T) {
	s := newStrangers(time.Now)
	for i := range maxPerPeer + 1 {
		if ended := s.begin(fmt.Sprint(i), ""); len(ended) > 0 {
			t.Fatalf("%v ended at %d", ended, i)
		}
	}
}
