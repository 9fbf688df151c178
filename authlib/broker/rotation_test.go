package broker

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// A pair is two replicas over one store, each with its own keys.
type pair struct {
	*bench
	dir  string
	each [2]*Broker
}

func (r *pair) at(i int) *pair {
	r.b = r.each[i]
	r.serve(r.b)
	return r
}

func (r *pair) restart(i int, keys ...byte) { r.each[i] = r.newBroker(files(r.dir, keys...)) }

func newPair(t *testing.T, keys ...byte) *pair {
	r := &pair{dir: t.TempDir()}
	r.bench = newBench(t, files(r.dir, keys...))
	r.restart(0, keys...)
	r.restart(1, keys...)
	return r
}

// served wants everything to work whichever replica answers: a sign-in that begins at
// one ends at the other, and its tokens are good and refreshed at both.
func (r *pair) served(when string, old tokens) tokens {
	r.Helper()
	for i := range 2 {
		other := 1 - i
		f := r.at(i).newFlow(r.register("")["client_id"].(string))
		form := f.exchange(r.code(f))
		tok := r.at(other).tokens(form)
		for at := range 2 {
			if _, err := r.each[at].Verify(context.Background(), tok.access); err != nil {
				r.Errorf("%s: begun at %d, made at %d: at %d: %v", when, i, other, at, err)
			}
		}
		next := r.at(i).tokens(tok.refreshForm())
		if _, err := r.each[other].Verify(context.Background(), next.access); err != nil {
			r.Errorf("%s: refreshed at %d: at %d: %v", when, i, other, err)
		}
	}
	for i := range 2 { // who signed in before it all goes on
		old = r.at(i).tokens(old.refreshForm())
		if _, err := r.each[1-i].Verify(context.Background(), old.access); err != nil {
			r.Errorf("%s: an old sign-in at %d: %v", when, 1-i, err)
		}
	}
	return old
}

// Keys are changed in steps, one replica at a time, and nobody notices: the new one at
// the end, everywhere, and then in front.
func TestKeysAreRotatedOverReplicas(t *testing.T) {
	r := newPair(t, 1)
	tok := r.at(0).signIn()
	for _, step := range []struct {
		name    string
		replica int
		keys    []byte
	}{
		{"at the end of one", 0, []byte{1, 2}}, {"at the end of both", 1, []byte{1, 2}},
		{"in front of one", 0, []byte{2, 1}}, {"in front of both", 1, []byte{2, 1}},
	} {
		r.restart(step.replica, step.keys...)
		tok = r.served(step.name, tok)
	}
}

// Records keep the name that they were found by, so taking the old key away signs out
// whoever signed in while it was in front, and nobody else.
func TestTakingAKeyAwaySignsOutThoseBefore(t *testing.T) {
	r := newPair(t, 1)
	before := r.at(0).signIn()
	r.restart(0, 2, 1)
	bob := r.at(0).signInWith(noRedirects(), "bob", "")
	r.restart(0, 2)
	r.at(0).wantInvalid(before.access)
	r.wantValid(bob.access)
	r.wantValid(r.tokens(bob.refreshForm()).access)
}

// Whoever puts a new key in front at once has replicas that don't know what the
// others made: that is why there are two steps.
func TestANewKeyInFrontAtOnceIsNotKnownElsewhere(t *testing.T) {
	r := newPair(t, 1)
	r.restart(0, 2, 1)
	tok := r.at(0).signIn()
	if _, err := r.each[1].Verify(context.Background(), tok.access); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("at a replica without the key: %v", err)
	}
	if res := r.at(1).post(pathToken, tok.refreshForm()); res.StatusCode == http.StatusOK {
		t.Error("refreshed at a replica without the key")
	}
}
