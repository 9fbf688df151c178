package authlib

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// Whatever header somebody decides by means something only once: twice, even with the
// same value, it is refused, whoever sends it.
func TestRepeatedHeadersAreRefused(t *testing.T) {
	names := []string{"Authorization", "Proxy-Authorization", "Mcp-Session-Id", "Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name",
		"Content-Type", "Content-Encoding", "Origin", "Last-Event-Id", "Upgrade"}
	if !slices.Equal(names, singleHeaders) {
		t.Errorf("the guard reads %v once; is a new one tried here?", singleHeaders)
	}
	for _, name := range names {
		for _, values := range [][]string{{"a", "a"}, {"a", "b"}} {
			s := &seen{}
			r := httptest.NewRequest(http.MethodPost, "https://mcp.example.com/mcp", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"ping"}`))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer alice")
			r.Header[name] = values
			w := httptest.NewRecorder()
			newGuard(t, nil).Protect(record(s)).ServeHTTP(w, r)
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "repeated header") {
				t.Errorf("%s twice: %d %s", name, w.Code, w.Body)
			}
		}
	}
}
