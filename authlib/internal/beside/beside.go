// Package beside measures what a guard costs: the same call of a bare server and of
// a guarded one in turn, so that both see the same machine. It is for benchmarks.
package beside

import (
	"bytes"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

// block is how many calls of one server follow each other: so many that each server
// pays for its own garbage.
const block = 250

// Compare runs both in turn, in blocks of calls, and reports how long a call takes of
// each ("bare-ns", "guarded-ns"), as a tenth of the blocks have it at most, and the
// ratio of the two ("ratio"). "bare-call-ns" and "guarded-call-ns" are what a tenth of
// the single calls take at most, which is without garbage collection, and "own-ns" is
// their difference. Run it with thousands of iterations.
func Compare(b *testing.B, bare, guarded func()) {
	b.Helper()
	var blocks, calls [2][]float64 // ns of a call
	servers := [2]func(){bare, guarded}
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += block {
		for i := range 2 {
			which := (i + n/block) % 2 // each is the first one half of the time
			begin, size := time.Now(), min(block, b.N-n)
			for range size {
				start := time.Now()
				servers[which]()
				calls[which] = append(calls[which], float64(time.Since(start)))
			}
			blocks[which] = append(blocks[which], float64(time.Since(begin))/float64(size))
		}
	}
	b.StopTimer()
	less, more := quick(blocks[0]), quick(blocks[1])
	b.ReportMetric(less, "bare-ns")
	b.ReportMetric(more, "guarded-ns")
	b.ReportMetric(more/less, "ratio")
	reportCalls(b, calls)
}

// Own runs both in turn, call by call, and reports what a tenth of the calls of each
// take at most ("bare-call-ns", "guarded-call-ns"), and the difference ("own-ns"). No
// garbage is collected meanwhile: an SDK that makes a hundred times as much of it as a
// guard would slow down both, now the one more and now the other. What the guard makes
// is bounded by [MostAllocs]. All runs on one processor: where another one is idle, the
// runtime's own work there (waking it, giving memory back) slows down some calls of
// either. Run it with thousands of iterations.
func Own(b *testing.B, bare, guarded func()) {
	b.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	calls := [2][]float64{}
	servers := [2]func(){bare, guarded}
	b.ReportAllocs()
	b.ResetTimer()
	for n := range b.N {
		if n%uncollected == 0 {
			runtime.GC()
		}
		for i := range 2 {
			which := (i + n) % 2
			start := time.Now()
			servers[which]()
			calls[which] = append(calls[which], float64(time.Since(start)))
		}
	}
	b.StopTimer()
	reportCalls(b, calls)
}

// uncollected is after how many calls of each server garbage is collected in between:
// so few that what they leave behind, up to 300 KB each, stays within 10 MB.
const uncollected = 16

func reportCalls(b *testing.B, calls [2][]float64) {
	less, more := quick(calls[0]), quick(calls[1])
	b.ReportMetric(less, "bare-call-ns")
	b.ReportMetric(more, "guarded-call-ns")
	b.ReportMetric(more-less, "own-ns")
}

// Each runs call, and reports what a tenth of the calls take at most ("call-ns").
func Each(b *testing.B, call func()) {
	b.Helper()
	took := make([]float64, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range took {
		start := time.Now()
		call()
		took[i] = float64(time.Since(start))
	}
	b.StopTimer()
	b.ReportMetric(quick(took), "call-ns")
}

// quick is what a tenth of the times are below.
func quick(ns []float64) float64 {
	slices.Sort(ns)
	return ns[len(ns)/10]
}

// Allocs returns how many allocations the second makes more than the first.
func Allocs(bare, guarded func()) float64 {
	for range 10 { // pools and caches fill
		bare()
		guarded()
	}
	return testing.AllocsPerRun(200, guarded) - testing.AllocsPerRun(200, bare)
}

// initialize begins a session, where the server keeps sessions.
const initialize = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",` +
	`"capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}`

const initialized = `{"jsonrpc":"2.0","method":"notifications/initialized"}`

// Call is a tools/call whose arguments are in JSON.
func Call(tool, arguments string) string {
	return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + arguments + `}}`
}

// Arguments are those of usual calls: few, 4 KiB in one string, and 4 KiB in many
// small values.
var Arguments = map[string]string{
	"small": `{"text":"hello"}`,
	"text":  `{"text":"` + strings.Repeat("The quick brown fox. ", 195) + `"}`,
	"dense": `{"items":[` + strings.Repeat(`{"id":12345,"name":"item","on":true},`, 108) + `{}]}`,
}

// Over returns what sends body to url over the network, in a session of its own.
func Over(tb testing.TB, url, token, body string) (call func()) {
	tb.Helper()
	header := headerFor(token)
	send := func(body string) http.Header {
		r, _ := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
		r.Header = header
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			tb.Fatal(err)
		}
		defer res.Body.Close()
		if got, err := io.ReadAll(res.Body); err != nil || res.StatusCode/100 != 2 {
			tb.Fatalf("%d %s: %v", res.StatusCode, got, err)
		}
		return res.Header
	}
	begin(header, send)
	return func() { send(body) }
}

// Within returns what hands body to h in this process, in a session of its own. It
// makes nothing for each call that would be in the way of counting.
func Within(tb testing.TB, h http.Handler, url, token, body string) (call func()) {
	tb.Helper()
	header := headerFor(token)
	w, in := &writer{header: http.Header{}}, strings.NewReader("")
	r, err := http.NewRequest(http.MethodPost, url, nil)
	if err != nil {
		tb.Fatal(err)
	}
	r.RequestURI = r.URL.RequestURI()
	closer := io.NopCloser(in)
	send := func(body string) http.Header {
		in.Reset(body)
		r.Header, r.Body, r.ContentLength = header, closer, int64(len(body)) // whatever was made of them
		clear(w.header)
		w.body.Reset()
		w.status = http.StatusOK
		h.ServeHTTP(w, r)
		if w.status/100 != 2 {
			tb.Fatalf("%d %s", w.status, &w.body)
		}
		return w.header
	}
	begin(header, send)
	return func() { send(body) }
}

func headerFor(token string) http.Header {
	return http.Header{
		"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}, "User-Agent": {"bench/1"},
		"Mcp-Protocol-Version": {"2025-11-25"}, "Authorization": {"Bearer " + token},
	}
}

func begin(header http.Header, send func(string) http.Header) {
	if id := send(initialize).Get("Mcp-Session-Id"); id != "" {
		header.Set("Mcp-Session-Id", id)
	}
	send(initialized)
}

// writer is what net/http's own writer is, as far as guards and SDKs use it.
type writer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *writer) Header() http.Header              { return w.header }
func (w *writer) Write(b []byte) (int, error)      { return w.body.Write(b) }
func (w *writer) WriteHeader(code int)             { w.status = code }
func (w *writer) Flush()                           {}
func (w *writer) SetReadDeadline(time.Time) error  { return nil }
func (w *writer) SetWriteDeadline(time.Time) error { return nil }
