package broker

import (
	"container/list"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
)

// Bounds of what strangers can have fetched and kept. Whoever publishes documents
// is limited by itself, so that nobody takes what there is for others, and so that
// nobody is called often by us because a stranger wants it.
const (
	maxDocuments     = 1000 // kept at a time, good and bad ones; the least recently used one goes first
	maxSiteDocuments = 50   // of one site
	maxFetching      = 16   // under way
	maxSiteFetching  = 2    // of one site
	maxSites         = 1000 // whose fetches are counted
)

// siteRate is how often one site is asked.
var siteRate = limit.Rate{Every: 3 * time.Second, Burst: 20}

// documents are the fetched clients that this process remembers. They are a
// cache, and in no store: strangers decide what is in it. Each document is fetched
// once for all who wait for it, whether or not they go on waiting.
type documents struct {
	now  func() time.Time
	rate *limit.Keys // by site

	mu      sync.Mutex
	byID    map[string]*list.Element
	order   list.List // of *kept, most recently used first
	flights map[string]*documentFlight
}

type kept struct {
	id, site string
	d        *document
	ends     time.Time
}

type documentFlight struct {
	site string
	done chan struct{}
	d    *document
}

func newDocuments(now func() time.Time) *documents {
	return &documents{
		now: now, rate: limit.NewKeys(siteRate, maxSites, now),
		byID: map[string]*list.Element{}, flights: map[string]*documentFlight{},
	}
}

// errFetching says that a document cannot be fetched now. It is the fault of
// nobody who can be named.
var errFetching = &pageError{
	http.StatusServiceUnavailable, "The client cannot be checked right now", "Too many clients of its publisher are being looked up. Try again in a minute.",
}

// get returns a document, as it is remembered or fetched by fetch, which is given
// a context of its own and returns how long to remember what it found.
func (c *documents) get(ctx context.Context, id string, fetch func(context.Context) (*document, time.Duration)) (*document, error) {
	c.mu.Lock()
	if d := c.known(id); d != nil {
		c.mu.Unlock()
		return d, nil
	}
	f := c.flights[id]
	if f == nil {
		var err error
		if f, err = c.start(id); err != nil {
			c.mu.Unlock()
			return nil, err
		}
		go c.fly(context.WithoutCancel(ctx), id, f, fetch)
	}
	c.mu.Unlock()
	select {
	case <-f.done:
		return f.d, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// known is called with the lock held, as are the next ones.
func (c *documents) known(id string) *document {
	el := c.byID[id]
	if el == nil {
		return nil
	}
	if k := el.Value.(*kept); c.now().Before(k.ends) {
		c.order.MoveToFront(el)
		return k.d
	}
	c.remove(el)
	return nil
}

func (c *documents) start(id string) (*documentFlight, error) {
	site := siteOf(id)
	n := 0
	for _, f := range c.flights {
		if f.site == site {
			n++
		}
	}
	if len(c.flights) >= maxFetching || n >= maxSiteFetching {
		return nil, errFetching
	}
	if _, ok := c.rate.Take(site); !ok {
		return nil, errFetching
	}
	f := &documentFlight{site: site, done: make(chan struct{})}
	c.flights[id] = f
	return f, nil
}

func (c *documents) fly(ctx context.Context, id string, f *documentFlight, fetch func(context.Context) (*document, time.Duration)) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	d, ttl := fetch(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	f.d = d
	delete(c.flights, id)
	c.keep(&kept{id, f.site, d, c.now().Add(ttl)})
	close(f.done)
}

// keep remembers, and forgets what is too much: of the same site, then of all.
func (c *documents) keep(k *kept) {
	if el := c.byID[k.id]; el != nil {
		c.remove(el)
	}
	c.byID[k.id] = c.order.PushFront(k)
	n := 0
	var oldest *list.Element
	for el := c.order.Front(); el != nil; el = el.Next() {
		if el.Value.(*kept).site == k.site {
			n, oldest = n+1, el
		}
	}
	if n > maxSiteDocuments {
		c.remove(oldest)
	}
	if c.order.Len() > maxDocuments {
		c.remove(c.order.Back())
	}
}

func (c *documents) remove(el *list.Element) {
	c.order.Remove(el)
	delete(c.byID, el.Value.(*kept).id)
}

// siteOf returns who publishes a document: the last two labels of its host, or
// three below a country's short second level, such as co.uk. Publishers below a
// domain that many share, such as github.io, share its bounds too: the list of
// those is long and changes, and all that is shared is how much is fetched at once.
func siteOf(id string) string {
	u, err := url.Parse(id)
	if err != nil {
		return id
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	labels := strings.Split(host, ".")
	n := len(labels)
	if n < 3 || strings.Trim(labels[n-1], "0123456789") == "" || strings.Contains(host, ":") {
		return host // an address, or nothing below it
	}
	if len(labels[n-1]) == 2 && len(labels[n-2]) <= 3 {
		return strings.Join(labels[n-3:], ".")
	}
	return strings.Join(labels[n-2:], ".")
}

var errDocument = errors.New("the client's metadata document cannot be used")
