package beside

import (
	"net/http"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// Guarded returns a call that passes a guard of resource with v to a server that
// does nothing: what the guard and the verifier cost together. body is a message.
func Guarded(tb testing.TB, resource string, v authlib.Verifier, token, body string) (call func()) {
	tb.Helper()
	g, err := authlib.New(authlib.Config{
		Resource: resource, Verifier: v, AuthorizationServers: []string{"https://id.example.com"},
		Policy: authlib.Policy{Tools: map[string]authlib.Rule{"echo": {}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	idle := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Mcp-Session-Id") == "" {
			w.Header().Set("Mcp-Session-Id", "a-session-of-the-sdk")
		}
	}
	return Within(tb, g.Protect(http.HandlerFunc(idle)), resource, token, body)
}

// MostAllocs is how many allocations a guarded call may make more than a bare one.
const MostAllocs = 25

// CheckAllocs fails the test where call makes more than MostAllocs.
func CheckAllocs(t *testing.T, name string, call func()) {
	t.Helper()
	for range 10 { // pools and caches fill
		call()
	}
	n := testing.AllocsPerRun(200, call)
	t.Logf("%s: %.0f allocations", name, n)
	if n > MostAllocs {
		t.Errorf("%s: %.0f allocations, want %d at most", name, n, MostAllocs)
	}
}
