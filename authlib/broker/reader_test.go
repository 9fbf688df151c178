package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// reader looks at the folder with these keys.
func (be *bench) reader(dir string, keys ...byte) *Reader {
	be.Helper()
	cfg := Config{Now: be.clock.Now}
	files(dir, keys...)(&cfg)
	r, err := NewReader(ReaderConfig{Resource: be.srv.URL + "/mcp", Store: cfg.Store, Keys: cfg.Keys, Now: be.clock.Now})
	if err != nil {
		be.Fatal(err)
	}
	return r
}

func (be *bench) survey(r *Reader, most int) *SignInSurvey {
	be.Helper()
	s, err := r.SignIns(context.Background(), most)
	if err != nil {
		be.Fatal(err)
	}
	return s
}

func TestReaderListsSignIns(t *testing.T) {
	dir := t.TempDir()
	be := newBench(t, files(dir, 1))
	began := be.clock.Now()
	first := be.signIn()
	be.advance(time.Hour)
	be.signIn()
	be.advance(time.Minute)
	be.tokens(first.refreshForm())
	s := be.survey(be.reader(dir, 2, 1), 10)
	if s.Live != 2 || len(s.List) != 2 || s.Ended+s.Damaged+s.UnknownKey != 0 || fmt.Sprint(s.SealedBy) != "[0 2]" || s.More {
		t.Fatalf("%+v", s)
	}
	in := s.List[0] // used last, though it began first
	if in.Provider != "dev" || in.Machine || !in.Refreshable || len(in.Handle) != 12 || in.Handle == s.List[1].Handle {
		t.Errorf("%+v", in)
	}
	if !in.Began.Equal(began) || in.Used.Sub(began) != 61*time.Minute || !in.Ends.After(be.clock.Now()) || in.Latest.Before(in.Ends) {
		t.Errorf("times: %+v", in)
	}
	if s := be.survey(be.reader(dir, 1), 1); s.Live != 2 || len(s.List) != 1 {
		t.Errorf("at most one: %+v", s)
	}
}

func TestReaderCountsWhatItCannotOpen(t *testing.T) {
	dir := t.TempDir()
	be := newBench(t, files(dir, 1))
	be.signIn()
	if s := be.survey(be.reader(dir, 9), 10); s.UnknownKey != 1 || s.Live != 0 || len(s.List) != 0 {
		t.Errorf("with another key: %+v", s)
	}
	be.advance(200 * 24 * time.Hour)
	if s := be.survey(be.reader(dir, 1), 10); s.Ended != 1 || s.Live != 0 {
		t.Errorf("after its end: %+v", s)
	}
}

// What a reader shows and prints has no token, no key, and nobody's name in it.
func TestReaderShowsNoSecret(t *testing.T) {
	dir := t.TempDir()
	be := newBench(t, files(dir, 1))
	tok := be.signIn()
	r := be.reader(dir, 1)
	rec, err := r.Token(context.Background(), tok.access)
	if err != nil {
		t.Fatal(err)
	}
	cfg := ReaderConfig{Resource: "https://a.example", Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}}
	all := fmt.Sprintf("%+v %#v %v %+v %+v %v %#v", be.survey(r, 5), r, r, rec, *rec.SignIn, cfg, cfg)
	for _, secret := range []string{tok.access, tok.refresh, hashKey(tok.access), "kkkk", "107 107", "developer", "\x01\x01"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is in %s", secret, all)
		}
	}
}

func TestReaderKnowsTokens(t *testing.T) {
	dir := t.TempDir()
	be := newBench(t, files(dir, 1))
	tok := be.signIn()
	r, ctx := be.reader(dir, 1), context.Background()
	rec, err := r.Token(ctx, tok.access)
	if err != nil || rec.Resource != be.srv.URL+"/mcp" || rec.SignIn == nil || rec.SignIn.Provider != "dev" || !rec.Ends.After(be.clock.Now()) || len(rec.Scopes) == 0 {
		t.Fatalf("%+v, %v", rec, err)
	}
	for name, token := range map[string]string{"foreign": "gho_x", "refresh": tok.refresh, "unknown": accessPrefix + "x"} {
		if _, err := r.Token(ctx, token); !errors.Is(err, authlib.ErrInvalidToken) || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := be.reader(dir, 9).Token(ctx, tok.access); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("with another key: %v", err)
	}
	p := be.wantValid(tok.access)
	id, _ := p.Claims[claimSession].(string)
	if err := be.b.store.Delete(ctx, kindGrant, id); err != nil {
		t.Fatal(err)
	}
	if rec, err := r.Token(ctx, tok.access); err != nil || rec.SignIn != nil {
		t.Errorf("after its sign-in was ended: %+v, %v", rec, err)
	}
}

func TestReaderRefuses(t *testing.T) {
	good := ReaderConfig{Resource: "https://mcp.acme.test/mcp", Store: memstore.New(), Keys: [][]byte{bytes.Repeat([]byte{1}, 32)}}
	for name, change := range map[string]func(*ReaderConfig){
		"no resource": func(c *ReaderConfig) { c.Resource = "" },
		"no store":    func(c *ReaderConfig) { c.Store = nil },
		"short key":   func(c *ReaderConfig) { c.Keys[0] = nil },
	} {
		cfg := good
		cfg.Keys = [][]byte{good.Keys[0]}
		change(&cfg)
		if _, err := NewReader(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	r, err := NewReader(good)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.SignIns(context.Background(), 1); !errors.Is(err, ErrNotWalkable) {
		t.Errorf("a store in memory: %v", err)
	}
}

// An outage of the store is no empty list, and no refused token.
func TestReaderDoesNotGuess(t *testing.T) {
	be := newBench(t, nil)
	r, err := NewReader(ReaderConfig{Resource: be.srv.URL + "/mcp", Store: down{}, Keys: [][]byte{bytes.Repeat([]byte{1}, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.SignIns(context.Background(), 1); !errors.Is(err, errDown) {
		t.Errorf("sign-ins: %v", err)
	}
	if _, err := r.Token(context.Background(), accessPrefix+"x"); !errors.Is(err, errDown) || errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("token: %v", err)
	}
}

var errDown = errors.New("down")

// down is a store that cannot be asked.
type down struct{ session.Store }

func (down) Get(context.Context, session.Kind, string) (session.Record, error) {
	return session.Record{}, errDown
}

func (down) Walk(context.Context, session.Kind, func(string, session.Record, error) bool) error {
	return errDown
}
