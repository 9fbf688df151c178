package jwtauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
)

func newIntrospection(t *testing.T) (*Introspection, *authtest.Issuer, *storetest.Clock) {
	t.Helper()
	is, clock := authtest.NewIssuer(t), storetest.NewClock()
	is.Now = clock.Now
	v, err := NewIntrospection(IntrospectionConfig{
		Issuer: is.URL, Endpoint: is.URL + authtest.IssuerIntrospection, ClientID: is.ClientID, ClientSecret: is.ClientSecret,
		Audience: resource, Now: clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	is.Tamper(authtest.IssuerIntrospection, func(m map[string]any) { m["aud"] = resource })
	return v, is, clock
}

func TestIntrospection(t *testing.T) {
	v, is, clock := newIntrospection(t)
	token := is.Opaque()
	for range 3 {
		p, err := v.Verify(context.Background(), token)
		if err != nil || p.Subject != "42" || p.Issuer != is.URL || !p.HasScope("mcp:use") || p.ClientID != is.ClientID {
			t.Fatalf("Verify = %+v, %v", p, err)
		}
	}
	if n := is.Calls(authtest.IssuerIntrospection); n != 1 {
		t.Errorf("asked %d times, want 1", n)
	}
	is.RevokeAll()
	clock.Advance(defaultCacheFor)
	if _, err := v.Verify(context.Background(), token); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("a revoked token: %v", err)
	}
	before := is.Calls(authtest.IssuerIntrospection)
	for range 3 {
		if _, err := v.Verify(context.Background(), token); !errors.Is(err, authlib.ErrInvalidToken) {
			t.Errorf("a refused token: %v", err)
		}
	}
	clock.Advance(refusedFor) // not for long: the token may be on its way
	if _, err := v.Verify(context.Background(), token); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("a refused token: %v", err)
	}
	if n := is.Calls(authtest.IssuerIntrospection); n != before+1 {
		t.Errorf("asked %d times for a refused token, want once in %v", n-before, refusedFor)
	}
}

func TestIntrospectionRefuses(t *testing.T) {
	for _, tt := range []struct {
		what string
		name string
		to   any
		want error // nil: an outage
	}{
		{"another audience", "aud", "https://other.test", authlib.ErrWrongAudience},
		{"no audience", "aud", nil, authlib.ErrWrongAudience},
		{"not active", "active", false, authlib.ErrInvalidToken},
		{"active in text", "active", "true", nil},
		{"no answer", "active", nil, nil},
		{"another issuer", "iss", "https://other.test", authlib.ErrInvalidToken},
		{"ended", "exp", 1, authlib.ErrTokenExpired},
		{"end is text", "exp", "tomorrow", authlib.ErrInvalidToken},
		{"nobody", "sub", nil, authlib.ErrInvalidToken},
		{"bound", "cnf", map[string]any{"jkt": "x"}, authlib.ErrInvalidToken},
		{"DPoP", "token_type", "DPoP", authlib.ErrInvalidToken},
	} {
		v, is, _ := newIntrospection(t)
		is.Tamper(authtest.IssuerIntrospection, func(m map[string]any) {
			m["aud"] = resource
			m[tt.name] = tt.to
		})
		p, err := v.Verify(context.Background(), is.Opaque())
		if p != nil || err == nil || tt.want != nil && !errors.Is(err, tt.want) || tt.want == nil && errors.Is(err, authlib.ErrInvalidToken) {
			t.Errorf("%s: %v, %v; want %v", tt.what, p, err, tt.want)
		}
	}
}

func TestIntrospectionBounds(t *testing.T) {
	v, is, clock := newIntrospection(t)
	is.ExpireTokens(10 * time.Second)
	token := is.Opaque()
	if _, err := v.Verify(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	clock.Advance(11 * time.Second) // the answer would be remembered for longer
	is.SetDown(true)
	_, err := v.Verify(context.Background(), token)
	if err == nil || errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("down: %v, want an error that is not about the token", err)
	}
	if strings.Contains(fmt.Sprint(err), token) {
		t.Errorf("the error holds the token: %v", err)
	}
	if _, err := v.Verify(context.Background(), strings.Repeat("x", 9000)); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("a huge token: %v", err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v %v", v, v, v, v.cfg), is.ClientSecret) {
		t.Error("the secret is printed")
	}
}

func TestNewIntrospectionRefuses(t *testing.T) {
	good := IntrospectionConfig{Issuer: "https://login.test", Endpoint: "https://login.test/i", ClientID: "a", ClientSecret: "b", Audience: resource}
	if _, err := NewIntrospection(good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*IntrospectionConfig){
		"OIDC_ISSUER":        func(c *IntrospectionConfig) { c.Issuer = "" },
		"Endpoint":           func(c *IntrospectionConfig) { c.Endpoint = "http://login.test/i" },
		"OIDC_CLIENT_SECRET": func(c *IntrospectionConfig) { c.ClientSecret = "" },
		"Audience is empty":  func(c *IntrospectionConfig) { c.Audience = "" },
		"OIDC_CLIENT_ID":     func(c *IntrospectionConfig) { c.ClientID = "" },
		"use 0 to 1m":        func(c *IntrospectionConfig) { c.CacheFor = time.Hour },
		"CacheFor is -1s":    func(c *IntrospectionConfig) { c.CacheFor = -time.Second },
	} {
		cfg := good
		change(&cfg)
		if _, err := NewIntrospection(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NewIntrospection = %v, want %q", err, want)
		}
	}
}

// Only an answer with status 200 is one about the token, whatever it says.
func TestIntrospectionTakesNoAnswerOfAnotherStatus(t *testing.T) {
	for _, status := range []int{201, 302, 400, 401, 403, 404, 429, 500, 503} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"active":true,"sub":"42","aud":%q}`, resource)
		}))
		v, err := NewIntrospection(IntrospectionConfig{Issuer: srv.URL, Endpoint: srv.URL + "/i", ClientID: "c", ClientSecret: "s", Audience: resource})
		if err != nil {
			t.Fatal(err)
		}
		p, err := v.Verify(context.Background(), "token")
		if p != nil || err == nil || errors.Is(err, authlib.ErrInvalidToken) {
			t.Errorf("%d: %v, %v", status, p, err)
		}
		if refused := status == 401 || status == 403; refused != strings.Contains(fmt.Sprint(err), "OIDC_CLIENT_SECRET") {
			t.Errorf("%d: %v", status, err)
		}
		srv.Close()
	}
}

// A token that its issuer gives no end is remembered like any other, and an empty one is
// nobody's to ask about.
func TestIntrospectionOfATokenWithoutAnEnd(t *testing.T) {
	v, is, _ := newIntrospection(t)
	is.Tamper(authtest.IssuerIntrospection, func(m map[string]any) { m["aud"] = resource; delete(m, "exp") })
	token := is.Opaque()
	for range 2 {
		if p, err := v.Verify(context.Background(), token); err != nil || !p.Expiry.IsZero() {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if _, err := v.Verify(context.Background(), ""); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("an empty token: %v", err)
	}
	if n := is.Calls(authtest.IssuerIntrospection); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}
