package authlib_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// An observer counts what happens. Its words are few, so that they can be labels of a
// metric.
func ExampleObserver() {
	counts := map[string]int{} // a program's observer locks it, or counts atomically
	guard, err := authlib.New(authlib.Config{
		Resource:             "https://mcp.example.com/mcp",
		AuthorizationServers: []string{"https://id.example.com"},
		Verifier: authlib.VerifierFunc(func(context.Context, string) (*authlib.Principal, error) {
			return nil, authlib.ErrTokenExpired
		}),
		Observer: authlib.ObserverFunc(func(_ context.Context, e authlib.Event) {
			counts[fmt.Sprintf("%s %s %s", e.Kind, e.Outcome, e.Reason)]++
		}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := httptest.NewRequest(http.MethodGet, "https://mcp.example.com/mcp", nil)
	r.Header.Set("Authorization", "Bearer an-old-one")
	guard.Protect(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)
	fmt.Println(counts)
	// Output: map[authentication rejected expired:1 decision refused invalid_token:1]
}

// Whoever asks learns whether this program can serve, and nothing else.
func ExampleReadiness() {
	store := func(context.Context) error { return errors.New("dial tcp 10.0.0.3:6379: refused") } // such as broker.Broker.Health
	mux := http.NewServeMux()
	mux.Handle("/readyz", authlib.Readiness(nil, store))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	fmt.Print(w.Code, " ", w.Body)
	// Output: 503 unavailable
}
