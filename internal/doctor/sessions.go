package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// A Place says where the sessions of a program live, and with what they are sealed.
type Place struct {
	Store       string // memory, file, redis; "" if the program keeps none
	Dir         string // of file
	RedisURL    string // of redis; never shown
	RedisURLEnv string // the variable that it is from
	Resource    string // the public URL of the MCP endpoint
	ResourceEnv string // the variable that it is from, or the flag
	Keys        string // the value of MCP_SESSION_KEY; never shown
}

// SessionOptions say what Sessions looks at. Nothing has a default but Now and Free.
type SessionOptions struct {
	Place
	Variables []Variable // that the program reads; none: they are not looked at
	Getenv    func(string) string
	Most      int // how many sessions are listed
	Now       func() time.Time
	// Free returns how many bytes the program can write in a folder; known is false
	// where that cannot be told. nil asks the file system.
	Free func(dir string) (bytes uint64, known bool)
}

// A SessionList is what a store holds.
type SessionList struct {
	Live   int       `json:"live"`
	Ended  int       `json:"ended"` // and not swept yet
	Listed []Session `json:"listed"`
}

// A Session is one sign-in. Nothing of it opens anything.
type Session struct {
	Handle              string     `json:"handle"` // tells sessions apart; made of a hash
	Provider            string     `json:"provider"`
	Machine             bool       `json:"machine"` // nobody signed in: it is a configured client's
	Began               time.Time  `json:"began"`
	Used                time.Time  `json:"used"`        // when the client last got a token
	Ends                time.Time  `json:"ends"`        // unless the client refreshes before
	Latest              time.Time  `json:"latest"`      // when it ends in any case
	Refreshable         bool       `json:"refreshable"` // the client may refresh
	ProviderExpires     *time.Time `json:"provider_expires"`
	ProviderRefreshable bool       `json:"provider_refreshable"`
}

const (
	stepStore  = "store"
	stepURL    = "resource"
	stepKeys   = "key ring"
	stepOpens  = "records"
	stepFolder = "folder"
	stepModes  = "permissions"
	stepSpace  = "free space"
	stepReach  = "reach"
)

// Sessions looks at the store of a migrated program. With files it writes nothing. With
// Redis it does what the program does when it starts: it writes a record of its own for
// an instant and takes it away.
func Sessions(ctx context.Context, o SessionOptions) *Report {
	if o.Now == nil {
		o.Now = time.Now
	}
	r := New("sessions", "sessions of "+Quote(o.Resource))
	r.Environment(o.Variables, o.Getenv)
	switch o.Store {
	case "":
		r.Skip("the program keeps no sessions: its callers bring tokens or keys of others", stepStore)
	case "memory":
		memoryStore(r, o.Resource)
	case "file":
		r.Good(stepStore, "file, in %s", o.Dir)
		inspect(ctx, r, o, openFiles)
	case "redis":
		r.Good(stepStore, "redis, at the URL in %s", o.RedisURLEnv)
		inspect(ctx, r, o, openRedis)
	default:
		r.Stop(stepStore, "no store is called "+Quote(o.Store), "use memory, file or redis")
	}
	return r
}

// memoryStore explains why there is nothing to see.
func memoryStore(r *Report, resource string) {
	r.Skip("memory: sessions live inside the running program and end with it, so there is nothing to see from outside", stepStore)
	u, err := url.Parse(resource)
	if err == nil && u.Host != "" && !provider.IsLoopbackHost(u.Hostname()) {
		r.Warn(stepURL, "the server is not on this machine only, yet a restart signs everybody out, and a second replica knows nobody",
			"run mcp-migrate --store file, or redis for several replicas")
	}
}

// An opener opens a store that is looked at, or says in r why it cannot.
type opener func(r *Report, o SessionOptions) (store session.Store, done func(), ok bool)

func inspect(ctx context.Context, r *Report, o SessionOptions, open opener) {
	keys, ok := keyRing(r, o)
	store, done, opened := open(r, o)
	if !opened {
		r.Skip("the store could not be opened", stepOpens)
		return
	}
	defer done()
	if !ok {
		r.Skip("without the resource and the key ring nothing can be opened", stepOpens)
		return
	}
	reader, err := broker.NewReader(broker.ReaderConfig{Resource: o.Resource, Store: store, Keys: keys, Now: o.Now})
	if err != nil {
		r.Stop(stepURL, err.Error(), "set MCP_RESOURCE_URL as the program has it")
		return
	}
	survey(ctx, r, o, reader, len(keys))
}

// keyRing reads what records are sealed with.
func keyRing(r *Report, o SessionOptions) (keys [][]byte, ok bool) {
	ok = true
	if err := checkURL(o.ResourceEnv, o.Resource); err != nil {
		r.Stop(stepURL, err.Error(), "set it to the public URL of the MCP endpoint, as the program has it: records of another URL do not open")
		ok = false
	} else {
		r.Good(stepURL, "%s", o.Resource)
	}
	keys, err := session.ParseKeys(o.Keys)
	if err != nil {
		r.Stop(stepKeys, err.Error(), "set MCP_SESSION_KEY as the program has it; a new key opens nothing of what is there")
		return nil, false
	}
	r.Good(stepKeys, "%s in MCP_SESSION_KEY", count(len(keys), "key"))
	return keys, ok
}

// survey opens the records and counts them.
func survey(ctx context.Context, r *Report, o SessionOptions, reader *broker.Reader, keys int) {
	s, err := reader.SignIns(ctx, o.Most)
	switch {
	case errors.Is(err, broker.ErrNotWalkable):
		r.Skip("this store cannot show what it holds", stepOpens)
		return
	case err != nil:
		r.Stop(stepOpens, err.Error(), "mend the store: while it cannot be read, every call is answered with 503")
		return
	}
	judge(r, s)
	if !s.More {
		otherResources(r, s.Live+s.Ended+s.UnknownKey+s.Damaged)
	}
	for i, n := range s.SealedBy {
		if keys > 1 {
			r.Good(fmt.Sprintf("key %d", i+1), "sealed %s", count(n, "sign-in"))
		}
	}
	if s.More {
		r.Warn("size", "the store holds more sign-ins than the "+fmt.Sprint(s.Live+s.Ended+s.UnknownKey+s.Damaged)+" that were looked at", "")
	}
	r.Sessions = listOf(s)
}

func judge(r *Report, s *broker.SignInSurvey) {
	if s.UnknownKey > 0 {
		r.Bad(stepOpens, count(s.UnknownKey, "sign-in")+" sealed with a key that is not in MCP_SESSION_KEY",
			"put the key that they were sealed with at the end of the list; without it these users sign in again")
	}
	if s.Damaged > 0 {
		r.Bad(stepOpens, count(s.Damaged, "sign-in")+" damaged: not written by this program, cut short, or changed",
			"these users sign in again; look for a full disk, a restored backup, or somebody else who writes there")
	}
	if s.UnknownKey+s.Damaged == 0 {
		r.Good(stepOpens, "%s, all open with the keys", count(s.Live+s.Ended, "sign-in"))
	}
}

func listOf(s *broker.SignInSurvey) *SessionList {
	l := &SessionList{Live: s.Live, Ended: s.Ended, Listed: []Session{}}
	for _, in := range s.List {
		one := Session{
			Handle: in.Handle, Provider: in.Provider, Machine: in.Machine, Began: in.Began.UTC(), Used: in.Used.UTC(),
			Ends: in.Ends.UTC(), Latest: in.Latest.UTC(), Refreshable: in.Refreshable, ProviderRefreshable: in.UpstreamRefreshable,
		}
		if !in.UpstreamExpiry.IsZero() {
			at := in.UpstreamExpiry.UTC()
			one.ProviderExpires = &at
		}
		l.Listed = append(l.Listed, one)
	}
	return l
}

// count is a number with what is counted.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
