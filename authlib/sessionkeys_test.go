package authlib

import (
	"bytes"
	"strings"
	"testing"
)

// A session goes on at a replica and after a restart with the same keys, and while
// keys are changed in two steps: the new one at the end first, then in front.
func TestSessionsOutliveAChangeOfKeys(t *testing.T) {
	alice := &Principal{Issuer: "https://login.example.com", Subject: "alice"}
	k1, k2 := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	guard := func(keys ...[]byte) *Guard { return newGuard(t, func(c *Config) { c.SessionKeys = keys }) }
	for name, c := range map[string]struct {
		made, opened *Guard
		want         bool
	}{
		"the same key":                     {guard(k1), guard(k1), true},
		"SessionKey is a list of one":      {guard(k1), newGuard(t, func(c *Config) { c.SessionKey = k1 }), true},
		"SessionKey is in front":           {newGuard(t, func(c *Config) { c.SessionKey, c.SessionKeys = k1, [][]byte{k2} }), guard(k1), true},
		"and the others behind it":         {guard(k2), newGuard(t, func(c *Config) { c.SessionKey, c.SessionKeys = k1, [][]byte{k2} }), true},
		"first step, made before":          {guard(k1), guard(k1, k2), true},
		"first step, made after":           {guard(k1, k2), guard(k1), true},
		"second step, made before":         {guard(k1, k2), guard(k2, k1), true},
		"second step, made after":          {guard(k2, k1), guard(k1, k2), true},
		"the old one taken away":           {guard(k2, k1), guard(k2), true},
		"both steps at once":               {guard(k2, k1), guard(k1), false},
		"another key":                      {guard(k1), guard(k2), false},
		"no key is a random one each time": {guard(), guard(), false},
	} {
		sealed := c.made.sealSession("id", alice)
		if id, ok := c.opened.openSession(sealed, alice); ok != c.want || ok && id != "id" {
			t.Errorf("%s: %q, %v", name, id, ok)
		}
		for _, other := range []*Principal{nil, {Issuer: alice.Issuer, Subject: "bob"}} {
			if _, ok := c.opened.openSession(sealed, other); ok {
				t.Errorf("%s: somebody else's session opens for %v", name, other)
			}
		}
	}
	cfg := Config{Resource: resourceURL, Verifier: people, SessionKeys: [][]byte{k1, make([]byte, 31)}}
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "SessionKeys[1] has 31 bytes") {
		t.Errorf("a short key: %v", err)
	}
}
