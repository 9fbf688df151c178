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
