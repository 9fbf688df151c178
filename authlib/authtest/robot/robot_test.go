package robot

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const back = "http://127.0.0.1:1/cb"

// formSite answers /start by a form and /form by what the form sent.
func formSite(t *testing.T, form string, answer http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /start", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "c", Value: "v"})
		fmt.Fprint(w, form)
	})
	mux.HandleFunc("POST /form", answer)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL + "/start?redirect_uri=" + url.QueryEscape(back)
}

func TestSignInFillsForms(t *testing.T) {
	form := `<form method="post" action="/form"><input type="hidden" name="h" value="a&amp;b"><input name="user" value="default">
<input type="radio" name="p" value="one"><input type="radio" name="p" value="two" checked><input type="checkbox" name="no">
<button name="answer" value="approve">x</button><button name="answer" value="deny">x</button></form>`
	var got url.Values
	start := formSite(t, form, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		got = r.PostForm
		if c, err := r.Cookie("c"); err != nil || c.Value != "v" || r.Header.Get("Origin") == "" || r.Header.Get("Sec-Fetch-Site") != "same-origin" {
			http.Error(w, "not a browser", http.StatusForbidden)
			return
		}
		http.Redirect(w, r, back+"?code=x", http.StatusSeeOther)
	})
	u, err := SignIn(context.Background(), nil, start, map[string]string{"user": "alice"})
	if err != nil || u.Query().Get("code") != "x" {
		t.Fatalf("SignIn = %v, %v", u, err)
	}
	if want := "answer=approve&h=a%26b&p=two&user=alice"; got.Encode() != want {
		t.Errorf("sent %s, want %s", got.Encode(), want)
	}
	if _, err := SignIn(context.Background(), nil, start, map[string]string{"answer": "deny", "p": "one"}); err != nil || got.Encode() != "answer=deny&h=a%26b&p=one&user=default" {
		t.Errorf("sent %s, %v", got.Encode(), err)
	}
}

func TestSignInFails(t *testing.T) {
	form := `<form method="post" action="/form"><input name="code"></form>`
	for want, answer := range map[string]http.HandlerFunc{
		"wrong code here": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<style>p{}</style><p>wrong code here</p>"+form)
		},
		"not back at": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/start", http.StatusSeeOther) },
		"no form":     func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<h1>no form</h1>") },
	} {
		u, err := SignIn(context.Background(), nil, formSite(t, form, answer), nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "p{}") {
			t.Errorf("SignIn = %v, %v; want %q", u, err, want)
		}
	}
	if _, err := SignIn(context.Background(), nil, "http://127.0.0.1:1/", nil); err == nil {
		t.Error("an authorization URL without redirect_uri was opened")
	}
}

// What another site sends to is told from what a page sends to its own, as a browser
// tells it; and the client's transport and cookies are the browser's.
func TestSignInOverSites(t *testing.T) {
	var seen []string
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Method+" "+r.Header.Get("Sec-Fetch-Site")+" "+r.Header.Get("Origin"))
		if r.Method == http.MethodPost {
			http.Redirect(w, r, back+"?code="+r.PostFormValue("go"), http.StatusSeeOther)
			return
		}
		fmt.Fprint(w, `<form method="POST"><input type="submit" name="go" value="yes"><input type="submit" name="go" value="no"></form>`)
	}))
	defer provider.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, provider.URL+"/page", http.StatusFound)
	}))
	defer server.Close()
	steps := 0
	client := &http.Client{Transport: counting{&steps}}
	u, err := SignIn(context.Background(), client, server.URL+"/start?redirect_uri="+url.QueryEscape(back), map[string]string{"go": "no"})
	if err != nil || u.Query().Get("code") != "no" {
		t.Fatalf("SignIn = %v, %v", u, err)
	}
	if want := "GET cross-site ,POST same-origin " + provider.URL; strings.Join(seen, ",") != want || steps != 3 {
		t.Errorf("sent %q in %d steps, want %q", seen, steps, want)
	}
}

type counting struct{ n *int }

func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	*c.n++
	return http.DefaultTransport.RoundTrip(r)
}

// A form that would put its answers into the URL, a page that leads nowhere that can
// be read, and a server that is not there are errors.
func TestSignInGivesUp(t *testing.T) {
	form := `<form method="get" action="/form"><input name="user"></form>`
	if u, err := SignIn(context.Background(), nil, formSite(t, form, http.NotFound), nil); err == nil {
		t.Errorf("sent a form by GET to %v", u)
	}
	if u, err := SignIn(context.Background(), nil, formSite(t, `<form method="post" action="http://%zz/">x</form>`, http.NotFound), nil); err == nil {
		t.Errorf("sent a form to %v", u)
	}
	for _, start := range []string{"http://127.0.0.1:1/start?redirect_uri=" + url.QueryEscape(back), "http://%zz/", "http://h/?redirect_uri=%25zz"} {
		if u, err := SignIn(context.Background(), nil, start, nil); err == nil {
			t.Errorf("%s: %v", start, u)
		}
	}
}
