package livetest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A recorder is a test that is skipped.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Helper() {}

func (r *recorder) Skipf(format string, args ...any) { r.said = fmt.Sprintf(format, args...) }

func TestWhatIsMissingIsNamed(t *testing.T) {
	env := map[string]string{"A_ID": "a", "A_TOKEN": " \n"}
	r := &recorder{TB: t}
	Need(r, func(name string) string { return env[name] }, "A_ID", "A_SECRET", "A_TOKEN")
	if r.said != "not run: set A_SECRET and A_TOKEN (docs/live-tests.md says how to get them)" {
		t.Errorf("%q", r.said)
	}
	env["A_TOKEN"] = " t\n"
	if got := Need(t, func(name string) string { return env[name] }, "A_ID", "A_TOKEN"); strings.Join(got, ",") != "a,t" {
		t.Errorf("%q", got)
	}
}

func TestOnlyASignInPageAsksToSignIn(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
		case "/gone":
			w.WriteHeader(http.StatusNotFound)
		default:
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
		}
	}))
	defer srv.Close()
	for page, good := range map[string]bool{"/page": true, "/to?to=/login": true, "/gone": false, "/to?to=/signin/oauth/error%3FauthError=x": false, "/to?to=http://localhost/cb%3Ferror=x": false} {
		if err := AsksToSignIn(srv.Client(), srv.URL+page); (err == nil) != good {
			t.Errorf("%s: %v", page, err)
		}
	}
	srv.Close()
	if err := AsksToSignIn(srv.Client(), srv.URL+"/page?client_id=x"); err == nil || strings.Contains(err.Error(), "client_id") {
		t.Errorf("nobody there: %v", err)
	}
}
