package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// A SignInRecord is what is kept of one sign-in of one client, without whose it is and
// without anything that opens something.
type SignInRecord struct {
	// Handle tells sign-ins apart: 12 letters made of a hash.
	Handle   string
	Provider string    // as in Config.Providers; "" for a machine
	Machine  bool      // it is a configured client of its own, nobody signed in
	Began    time.Time // when the user signed in
	Used     time.Time // when the client last got a token; requests in between are not recorded
	Ends     time.Time // when it ends unless the client refreshes before
	Latest   time.Time // when it ends in any case
	// Refreshable says whether the client may refresh: without, its user signs in anew
	// when the access token ends.
	Refreshable bool
	// UpstreamExpiry is when the provider's token ends, which is kept for handlers; zero
	// if it does not end, or there is none.
	UpstreamExpiry time.Time
	// UpstreamRefreshable says whether the provider gave a refresh token for it.
	UpstreamRefreshable bool
}

// A SignInSurvey is what [Reader.SignIns] found.
type SignInSurvey struct {
	List       []SignInRecord // those that have not ended, last used first
	Live       int            // how many have not ended
	Ended      int            // have ended and are not swept yet
	Damaged    int            // do not open although their key is there
	UnknownKey int            // were sealed with a key that is not in the ring
	// SealedBy is how many each key of the ring sealed, in the ring's order.
	SealedBy []int
	// More says that the store holds more than were looked at.
	More bool
}

// ErrNotWalkable is for a store that cannot show what it holds, as one in memory.
var ErrNotWalkable = errors.New("broker: the store cannot go through its records")

// maxLooked is how many records are looked at.
const maxLooked = 10_000

// SignIns looks at up to 10,000 sign-ins, and lists most of those that are alive. An
// error means that the store could not be asked to the end.
func (r *Reader) SignIns(ctx context.Context, most int) (*SignInSurvey, error) {
	below, ok := r.below.(session.Walker)
	if !ok {
		return nil, ErrNotWalkable
	}
	s := &survey{SignInSurvey: &SignInSurvey{SealedBy: make([]int, r.ring.Size())}, now: r.now()}
	if err := session.Look(ctx, below, r.ring, kindGrant, grantKey, s.visit); err != nil {
		return nil, fmt.Errorf("broker: go through the sign-ins: %w", err)
	}
	s.Live = len(s.live)
	slices.SortFunc(s.live, func(a, b seen) int { return b.grant.Minted.Compare(a.grant.Minted) })
	for _, g := range s.live[:min(len(s.live), max(most, 0))] {
		in, err := r.signIn(ctx, g.grant, g.ends)
		if err != nil {
			return nil, err
		}
		s.List = append(s.List, in)
	}
	return s.SignInSurvey, nil
}

// A survey is one run of SignIns.
type survey struct {
	*SignInSurvey
	now    time.Time
	looked int
	live   []seen
}

type seen struct {
	grant *grant
	ends  time.Time // of the record
}

// grantKey is where a grant would be kept.
func grantKey(plain []byte) string {
	var g struct{ ID string }
	if json.Unmarshal(plain, &g) != nil {
		return ""
	}
	return g.ID
}

func (s *survey) visit(f session.Found) bool {
	if s.looked++; s.looked > maxLooked {
		s.More = true
		return false
	}
	if f.SealedBy > 0 {
		s.SealedBy[f.SealedBy-1]++
	}
	s.count(f)
	return true
}

func (s *survey) count(f session.Found) {
	var g *grant
	err := f.Err
	if err == nil {
		g, err = decode[grant](f.Record)
	}
	switch {
	case errors.Is(err, session.ErrUnknownKey):
		s.UnknownKey++
	case err != nil:
		s.Damaged++
	case !s.now.Before(f.Expires):
		s.Ended++
	default:
		s.live = append(s.live, seen{g, f.Expires})
	}
}

// signIn adds what is kept beside a grant.
func (r *Reader) signIn(ctx context.Context, g *grant, ends time.Time) (SignInRecord, error) {
	in := SignInRecord{
		Handle: hashKey("handle " + g.ID)[:12], Provider: g.SignIn.Provider, Machine: g.Machine,
		Began: g.Created, Used: g.Minted, Ends: ends, Latest: g.Ends, Refreshable: g.Refresh,
	}
	u, _, err := load[upstream](ctx, r.store, kindUpstream, g.ID)
	switch {
	case err == nil:
		in.UpstreamExpiry, in.UpstreamRefreshable = u.Token.Expiry, u.Token.Refresh != ""
	case errors.Is(err, session.ErrNotFound), errors.Is(err, session.ErrCorrupt): // nothing to tell of it
		err = nil
	}
	return in, err
}
