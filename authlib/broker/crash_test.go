package broker

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// dying is the store as a process sees it that dies at one of its writes: that one and
// all calls after it fail, and what was written before is there.
type dying struct {
	session.Store
	left int // writes
	dead bool
}

var errDied = errors.New("killed")

func (d *dying) write() error {
	if d.left--; d.left < 0 || d.dead {
		d.dead = true
		return errDied
	}
	return nil
}

func (d *dying) Get(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	if d.dead {
		return session.Record{}, errDied
	}
	return d.Store.Get(ctx, kind, key)
}

func (d *dying) Put(ctx context.Context, kind session.Kind, key string, r session.Record, v uint64) error {
	if err := d.write(); err != nil {
		return err
	}
	return d.Store.Put(ctx, kind, key, r, v)
}

func (d *dying) Delete(ctx context.Context, kind session.Kind, key string) error {
	if err := d.write(); err != nil {
		return err
	}
	return d.Store.Delete(ctx, kind, key)
}

func (d *dying) Take(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	if err := d.write(); err != nil {
		return session.Record{}, err
	}
	return d.Store.Take(ctx, kind, key)
}

// A process that dies at any write of a refresh loses nobody's sign-in: the client
// asks again with the token that it has, and gets the next generation once, not two
// that differ.
func TestRefreshThatDiesAtAnyWrite(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(2 * time.Hour)
	gh.KeepRefreshTokens()
	store := &dying{}
	shared := withGitHub(t, gh, "anyone", func(c *Config) { c.Store, c.Keys = store, [][]byte{bytes.Repeat([]byte{7}, 32)} })
	be := newBench(t, shared)
	died := 0
	for n := 0; ; n++ {
		store.Store, store.left, store.dead = memstore.New(), 1000, false
		store.Store.(*memstore.Store).Now = be.clock.Now
		be.serve(be.newBroker(shared))
		tok := be.signIn()
		be.advance(3 * time.Hour) // the provider's token is refreshed as well
		store.left = n
		res := be.post(pathToken, tok.refreshForm())
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			break
		}
		died++
		store.left, store.dead = 1000, false
		be.b = be.newBroker(shared) // another process
		be.serve(be.b)
		be.advance(refreshLease) // of the dead one
		first := be.tokens(tok.refreshForm())
		if again := be.tokens(tok.refreshForm()); again != first {
			t.Errorf("died at write %d: two answers to one token", n)
		}
		be.wantValid(first.access)
		next := be.tokens(first.refreshForm())
		be.upstream(next)
	}
	if died < 3 {
		t.Errorf("died at %d writes only", died)
	}
}
