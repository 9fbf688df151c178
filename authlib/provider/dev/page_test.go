package dev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"golang.org/x/oauth2"
)

// A sign-in page of a login that ended, or never was, has no form.
func TestPageOfNoLogin(t *testing.T) {
	b := newBench(t)
	state := b.login("s")
	b.now = b.now.Add(loginTTL)
	for _, s := range []string{state, "other", ""} {
		if w := b.serve(request(http.MethodGet, s, "", "")); w.Code != http.StatusBadRequest || strings.Contains(w.Body.String(), "<form") {
			t.Errorf("state %q: status %d: %s", s, w.Code, w.Body)
		}
	}
}

// A form that is no form, or is larger than any of ours, is not looked at.
func TestFormThatCannotBeRead(t *testing.T) {
	b := newBench(t)
	state := b.login("s")
	for name, body := range map[string]string{"malformed": "state=%zz", "huge": "user=" + strings.Repeat("a", 10<<10)} {
		r := request(http.MethodPost, state, "", "")
		r.Body = io.NopCloser(strings.NewReader(body))
		if w := b.serve(r); w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	if w := b.serve(request(http.MethodPost, state, "alice", code)); w.Code != http.StatusSeeOther {
		t.Errorf("afterwards: status %d", w.Code)
	}
}

// Logins under way are bounded, and those that ended make room.
func TestLoginsAreBounded(t *testing.T) {
	b := newBench(t)
	for i := range maxLogins {
		b.login(fmt.Sprint(i))
	}
	req := provider.AuthRequest{State: "one more", Challenge: "c", RedirectURL: "http://localhost:8080/cb"}
	if u, err := b.p.AuthCodeURL(context.Background(), req); err == nil {
		t.Errorf("%d logins under way, and another at %s", maxLogins, u)
	}
	b.now = b.now.Add(loginTTL)
	if _, err := b.p.AuthCodeURL(context.Background(), req); err != nil {
		t.Errorf("when they have ended: %v", err)
	}
	for _, bad := range []provider.AuthRequest{{Challenge: "c", RedirectURL: "r"}, {State: "s", RedirectURL: "r"}, {State: "s", Challenge: "c"}} {
		if _, err := b.p.AuthCodeURL(context.Background(), bad); err == nil {
			t.Errorf("%v was begun", bad)
		}
	}
}

// Codes that nobody redeemed do not pile up.
func TestCodesEnd(t *testing.T) {
	b := newBench(t)
	for i := range 10 {
		b.signIn(fmt.Sprint("user", i))
		b.now = b.now.Add(codeTTL)
	}
	if n := len(b.p.codes); n != 1 {
		t.Errorf("%d codes are kept, want the last", n)
	}
}

// With a path as the issuer the page is below it, and tokens are of this server only.
func TestPathIssuer(t *testing.T) {
	cfg := Config{Resource: "http://localhost:8080/two/mcp", PathIssuer: true, Code: code, Out: io.Discard}
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Paths(); len(got) != 1 || got[0] != "/two/mcp"+SignInPath {
		t.Errorf("paths %v", got)
	}
	other := newBench(t).p
	if _, err := other.Identify(context.Background(), &oauth2.Token{AccessToken: p.token("alice")}); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("the other server took its token: %v", err)
	}
	if _, err := New(Config{Resource: "http://localhost:8080/a b/mcp", PathIssuer: true, Out: io.Discard}); err == nil {
		t.Error("a path with a space is an issuer")
	}
}

// Nothing printable shows the code, and the code is printed where the program says.
func TestCodeIsShownWhereItShould(t *testing.T) {
	b := newBench(t)
	cfg := Config{Resource: "http://localhost:8080/mcp", Code: code}
	for _, v := range []any{cfg, b.p} {
		if s := fmt.Sprintf("%v %+v %#v %s", v, v, v, v); strings.Contains(s, code) || !strings.Contains(s, "localhost:8080") {
			t.Errorf("%T prints as %s", v, s)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stderr
	os.Stderr = w
	_, err = New(cfg)
	os.Stderr = old
	w.Close()
	if out, _ := io.ReadAll(r); err != nil || !strings.Contains(string(out), code) {
		t.Errorf("by default stderr has %q, %v", out, err)
	}
	r.Close()
	cfg.Out = w // closed: nobody would ever learn the code
	if _, err := New(cfg); err == nil {
		t.Error("the code could not be printed, and that is no error")
	}
}

// The tokens have no end and are nobody's without the MAC.
func TestTokensAreNotRefreshed(t *testing.T) {
	b := newBench(t)
	if _, err := b.p.Refresh(context.Background(), &oauth2.Token{AccessToken: b.p.token("alice")}); !errors.Is(err, provider.ErrNoRefresh) {
		t.Errorf("Refresh: %v", err)
	}
	for _, tok := range []*oauth2.Token{nil, {}} {
		if _, err := b.p.Identify(context.Background(), tok); !errors.Is(err, provider.ErrInvalidToken) {
			t.Errorf("Identify(%v): %v", tok, err)
		}
	}
	b.now = b.now.Add(365 * 24 * time.Hour)
	if id, err := b.p.Identify(context.Background(), &oauth2.Token{AccessToken: b.p.token("alice")}); err != nil || id.Subject != "alice" {
		t.Errorf("after a year: %+v, %v", id, err)
	}
}
