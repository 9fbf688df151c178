package broker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// page returns the status of the authorization page for a client.
func (be *bench) page(id string) int {
	be.Helper()
	res, err := noRedirects().Get(be.authURL(be.newFlow(id)))
	if err != nil {
		be.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// slow serves good documents, but for the hosts of evil.test, which never answer
// until the returned function is called. Each question to them puts one value
// into the channel.
func (be *bench) slow() (asked chan string, open func()) {
	gate, asked := make(chan struct{}), make(chan string, 1000)
	be.documents(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Host, "evil") {
			asked <- r.Host
			select {
			case <-gate:
			case <-r.Context().Done():
			}
		}
		serveDocument(strings.Replace(goodDocument(), documentID, "https://"+r.Host+r.URL.Path, 1))(w, r)
	})
	return asked, func() { close(gate) }
}

// A publisher whose documents never come takes no turn of anybody else's.
func TestSlowPublishersHoldUpThemselvesOnly(t *testing.T) {
	be := newBench(t, nil)
	asked, open := be.slow()
	defer open()
	for i := range 3 * maxFetching {
		id := fmt.Sprintf("https://a%d.evil.test/slow%d", i, i)
		ctx, cancel := context.WithCancel(context.Background())
		if i >= maxSiteFetching { // refused at once
			if _, err := be.b.documentClient(ctx, id); err != errFetching {
				t.Fatalf("document %d: %v", i, err)
			}
			cancel()
			continue
		}
		go func() { _, _ = be.b.documentClient(ctx, id) }()
		<-asked
		cancel() // it goes on being fetched
	}
	if s := be.page(documentID); s != http.StatusOK {
		t.Errorf("another publisher's client: %d", s)
	}
	if s := be.page("https://b.evil.test/one-more"); s != http.StatusServiceUnavailable {
		t.Errorf("one more of the same: %d", s)
	}
	if n := len(asked); n != 0 {
		t.Errorf("asked %d times more", n)
	}
}

// All publishers together have so many turns.
func TestFetchesUnderWayAreBounded(t *testing.T) {
	be := newBench(t, nil)
	asked, open := be.slow()
	for i := range maxFetching {
		go func() { _, _ = be.b.documentClient(context.Background(), fmt.Sprintf("https://evil%d.test/slow", i)) }()
		<-asked
	}
	if s := be.page(documentID); s != http.StatusServiceUnavailable {
		t.Errorf("one more: %d", s)
	}
	open()
	be.b.documents.wait()
	if s := be.page(documentID); s != http.StatusOK {
		t.Errorf("afterwards: %d", s)
	}
}

// wait waits for the fetches under way.
func (c *documents) wait() {
	c.mu.Lock()
	var all []*documentFlight
	for _, f := range c.flights {
		all = append(all, f)
	}
	c.mu.Unlock()
	for _, f := range all {
		<-f.done
	}
}

// One publisher's documents push out its own, however long they may be kept, and
// many publishers' the oldest; nobody is refused for it.
func TestDocumentsKeptAreBounded(t *testing.T) {
	be := newBench(t, nil)
	n := be.documents(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=86400")
		serveDocument(strings.Replace(goodDocument(), documentID, "https://"+r.Host+r.URL.Path, 1))(w, r)
	})
	fetch := func(id string) {
		t.Helper()
		if _, err := be.b.documentClient(context.Background(), id); err != nil {
			t.Fatal(id, err)
		}
		be.advance(siteRate.Every)
	}
	fetch(documentID)
	for i := range 2 * maxSiteDocuments {
		fetch(fmt.Sprintf("https://a%d.evil.test/d", i))
	}
	fetch(documentID)
	if got := n.Load(); got != 2*maxSiteDocuments+1 || be.b.documents.order.Len() != maxSiteDocuments+1 {
		t.Errorf("fetched %d times, %d kept", got, be.b.documents.order.Len())
	}
	for i := range maxDocuments {
		be.b.documents.keep(&kept{fmt.Sprint(i), fmt.Sprint(i), &document{}, be.b.now().Add(time.Hour)})
	}
	if len(be.b.documents.byID) != maxDocuments || be.b.documents.order.Len() != maxDocuments {
		t.Errorf("%d documents are kept", len(be.b.documents.byID))
	}
	if s := be.page(documentID); s != http.StatusOK {
		t.Errorf("a client whose document was pushed out: %d", s)
	}
}

// Whoever asks for a document and hangs up does not have it fetched again and
// again.
func TestAbandonedFetchesAreRemembered(t *testing.T) {
	be := newBench(t, nil)
	asked, open := be.slow()
	const id = "https://evil.test/x"
	for i := range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() {
			_, err := be.b.documentClient(ctx, id)
			done <- err
		}()
		if i == 0 {
			<-asked
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("attempt %d: %v", i, err)
		}
	}
	open()
	if _, err := be.b.documentClient(context.Background(), id); err != nil || len(asked) != 0 {
		t.Errorf("%v, asked %d times more", err, len(asked))
	}
}

// However many documents strangers name there, one site is seldom asked.
func TestASiteIsSeldomAsked(t *testing.T) {
	be := newBench(t, nil)
	n := be.documents(func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) })
	for i := range 10 * siteRate.Burst {
		_, err := be.b.documentClient(context.Background(), fmt.Sprintf("https://www.victim.test/%d", i))
		if want := i >= siteRate.Burst; want != (err == errFetching) {
			t.Fatalf("document %d: %v", i, err)
		}
	}
	be.advance(siteRate.Every)
	if _, err := be.b.documentClient(context.Background(), "https://www.victim.test/x"); !errors.Is(err, errDocument) {
		t.Errorf("later: %v", err)
	}
	if got := n.Load(); got != int64(siteRate.Burst)+1 {
		t.Errorf("asked %d times", got)
	}
}

func TestSites(t *testing.T) {
	for id, want := range map[string]string{
		"https://client.test/x": "client.test", "https://a.b.client.test/x": "client.test", "https://A.Client.Test./x": "client.test",
		"https://a.shop.co.uk/x": "shop.co.uk", "https://a.b.example.ai/x": "example.ai", "https://a.b.com.test/x": "com.test",
		"https://9.9.9.9/x": "9.9.9.9", "https://[2620:fe::fe]/x": "2620:fe::fe", "https://localhost/x": "localhost",
	} {
		if got := siteOf(id); got != want {
			t.Errorf("siteOf(%q) = %q, want %q", id, got, want)
		}
	}
}

// A fetch has an end as a whole, and is not ended by its caller.
func TestAFetchHasAnEnd(t *testing.T) {
	c := newDocuments(time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := c.get(ctx, documentID, func(ctx context.Context) (*document, time.Duration) {
		cancel()
		end, ok := ctx.Deadline()
		if left := time.Until(end); !ok || left > fetchTimeout || ctx.Err() != nil {
			t.Errorf("%v are left, %v", left, ctx.Err())
		}
		return &document{}, time.Minute
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	c.wait()
}
