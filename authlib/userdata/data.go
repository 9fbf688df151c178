package userdata

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// Data is one part of every user's data, a T that is stored as JSON under a name of
// its own. It is a small value, safe for concurrent use.
type Data[T any] struct {
	store *Store
	name  string
}

// In returns the part of s of that name: 1 to 64 letters a to z, digits, "-", "_" or
// ".". Two parts of one name are the same part.
func In[T any](s *Store, name string) Data[T] { return Data[T]{s, name} }

// Get returns the data of the caller that ctx carries; where there is none the zero T.
func (d Data[T]) Get(ctx context.Context) (T, error) {
	var v, none T
	p, err := d.begin(ctx)
	if err != nil {
		return none, err
	}
	r, all, err := d.store.load(ctx, p)
	if err != nil {
		return none, err
	}
	d.store.prolong(ctx, p, r)
	if err := d.decode(all, &v); err != nil {
		return none, err
	}
	return v, nil
}

// Update changes the data of the caller that ctx carries. change gets the present
// value, or the zero T, and is called again if somebody else changed it meanwhile: it
// should do nothing else. Nothing is stored if it returns an error, which Update then
// returns. A field of JSON that T does not have is lost.
func (d Data[T]) Update(ctx context.Context, change func(*T) error) error {
	return d.change(ctx, func(all parts) error {
		var v T
		if err := d.decode(all, &v); err != nil {
			return err
		}
		if err := change(&v); err != nil {
			return err
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("userdata: %s: a %T has no JSON", d.name, v)
		}
		all[d.name] = raw
		return nil
	})
}

// Delete removes the part from the data of the caller that ctx carries.
func (d Data[T]) Delete(ctx context.Context) error {
	return d.change(ctx, func(all parts) error { delete(all, d.name); return nil })
}

func (d Data[T]) change(ctx context.Context, f func(parts) error) error {
	p, err := d.begin(ctx)
	if err != nil {
		return err
	}
	return d.store.change(ctx, p, f)
}

func (d Data[T]) begin(ctx context.Context) (*authlib.Principal, error) {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_."
	if d.store == nil || d.name == "" || len(d.name) > 64 || strings.Trim(d.name, letters) != "" {
		return nil, fmt.Errorf("userdata: %.70q is no name of a part, or there is no store", d.name)
	}
	return caller(ctx)
}

// decode leaves v alone where there is nothing. What is stored is not in the error.
func (d Data[T]) decode(all parts, v *T) error {
	raw, ok := all[d.name]
	if !ok {
		return nil
	}
	if json.Unmarshal(raw, v) != nil {
		return fmt.Errorf("userdata: %s: what is stored is no %T", d.name, *v)
	}
	return nil
}

// parts are everything of one user, by name: one record, so that one deletion ends it.
type parts map[string]json.RawMessage

// load returns the user's record; the zero Record where there is none.
func (s *Store) load(ctx context.Context, p *authlib.Principal) (session.Record, parts, error) {
	r, err := s.sealed.Get(ctx, kind, keyOf(p))
	if errors.Is(err, session.ErrNotFound) {
		return session.Record{}, parts{}, nil
	}
	if err != nil {
		return session.Record{}, nil, err
	}
	all := parts{}
	if json.Unmarshal(r.Value, &all) != nil || all == nil {
		return session.Record{}, nil, fmt.Errorf("%w: user data", session.ErrCorrupt)
	}
	return r, all, nil
}

// prolong puts the end of what is still in use off. That is no reason to fail, and
// whoever was quicker did it too.
func (s *Store) prolong(ctx context.Context, p *authlib.Principal, r session.Record) {
	if r.Version == 0 || r.Expires.Sub(s.cfg.Now()) > s.cfg.Keep/2 {
		return
	}
	_ = s.put(ctx, p, r.Value, r.Version)
}

func (s *Store) put(ctx context.Context, p *authlib.Principal, value []byte, ifVersion uint64) error {
	return s.sealed.Put(ctx, kind, keyOf(p), session.Record{Value: value, Expires: s.cfg.Now().Add(s.cfg.Keep)}, ifVersion)
}

// changeOnce returns session.ErrConflict if somebody else was quicker. It reports
// whether there was nothing of the user before.
func (s *Store) changeOnce(ctx context.Context, p *authlib.Principal, f func(parts) error) (first bool, err error) {
	r, all, err := s.load(ctx, p)
	if err != nil {
		return false, err
	}
	if err := f(all); err != nil {
		return false, err
	}
	value, err := json.Marshal(all) // with its keys sorted
	switch {
	case err != nil:
		return false, errors.New("userdata: the data has no JSON")
	case len(value) > s.cfg.MaxBytes:
		return false, fmt.Errorf("%w: %d bytes, of %d", ErrTooLarge, len(value), s.cfg.MaxBytes)
	case holdsToken(value):
		return false, ErrToken
	case bytes.Equal(value, r.Value) || r.Version == 0 && len(all) == 0:
		s.prolong(ctx, p, r)
		return false, nil
	}
	return r.Version == 0, s.put(ctx, p, value, r.Version)
}
