package broker

import (
	"net/http"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
)

// A door is something that anybody may do, signed in or not.
type door int

const (
	doorAuthorize door = iota // open an authorization page
	doorConsent               // answer one, which keeps a login for requestTTL
	doorRegister              // register a client
	doorFail                  // send the token or revocation endpoint what nobody was given
	doors
)

// String is the door's name in events.
func (d door) String() string { return [doors]string{"authorize", "consent", "register", "token"}[d] }

// rates are how often all together may pass a door of this process, and each
// peer. They are such that one process cannot fill what it keeps: 10 logins a
// second for 10 minutes are fewer than maxLogins, and 5 registrations a second for
// crowdedTTL fewer than half of maxClients.
var rates = [doors]struct{ all, each limit.Rate }{
	doorAuthorize: {limit.Rate{Every: time.Second / 50, Burst: 500}, limit.Rate{Every: time.Second / 5, Burst: 50}},
	doorConsent:   {limit.Rate{Every: time.Second / 10, Burst: 500}, limit.Rate{Every: time.Second, Burst: 20}},
	doorRegister:  {limit.Rate{Every: time.Second / 5, Burst: 300}, limit.Rate{Every: 2 * time.Second, Burst: 20}},
	doorFail:      {limit.Rate{Every: time.Second / 50, Burst: 500}, limit.Rate{Every: time.Second / 2, Burst: 50}},
}

// maxPeers is how many peers are told apart at a time, for each door.
const maxPeers = 10_000

// holderRate is how often one machine, or one user by their issuer, may get a token: enough for each call of a
// program that keeps none, and too little to fill the store with what is kept of each.
var holderRate = limit.Rate{Every: time.Second, Burst: 100}

// limits are the doors' token buckets. A nil limits lets everybody through.
type limits struct {
	peer      func(*http.Request) string
	all, each [doors]*limit.Keys
	holders   *limit.Keys // by machine or user
}

func newLimits(peer func(*http.Request) string, now func() time.Time) *limits {
	if peer == nil {
		peer = limit.PublicPeer
	}
	l := &limits{peer: peer, holders: limit.NewKeys(holderRate, maxPeers, now)}
	for d, r := range rates {
		l.all[d], l.each[d] = limit.NewKeys(r.all, 1, now), limit.NewKeys(r.each, maxPeers, now)
	}
	return l
}

// pass takes a token at a door, or returns the refusal. A peer that is over its
// own limit takes nothing of the others'.
func (l *limits) pass(d door, r *http.Request) error {
	if l == nil {
		return nil
	}
	if peer := l.peer(r); peer != "" {
		if wait, ok := l.each[d].Take(peer); !ok {
			return tooMany(wait, d.String())
		}
	}
	if wait, ok := l.all[d].Take(""); !ok {
		return tooMany(wait, d.String())
	}
	return nil
}

// open returns the refusal that pass would, and takes nothing.
func (l *limits) open(d door, r *http.Request) error {
	if l == nil {
		return nil
	}
	if peer := l.peer(r); peer != "" {
		if wait, ok := l.each[d].Left(peer); !ok {
			return tooMany(wait, d.String())
		}
	}
	if wait, ok := l.all[d].Left(""); !ok {
		return tooMany(wait, d.String())
	}
	return nil
}

// passHolder takes a token of a machine that has authenticated, or of a user whose
// issuer vouched for them.
func (l *limits) passHolder(name string) error {
	if l == nil {
		return nil
	}
	if wait, ok := l.holders.Take(name); !ok {
		return tooMany(wait, "holder")
	}
	return nil
}

func tooMany(wait time.Duration, door string) error {
	return &oauthError{Status: http.StatusTooManyRequests, Code: "temporarily_unavailable", Description: "too many requests", after: wait, door: door}
}
