package authlib

import (
	"context"
	"net/url"
	"strings"
	"testing"
)

// The ID is made by hand, and is what package url makes, byte for byte.
func TestIDIsEscapedAsQueriesAre(t *testing.T) {
	var every strings.Builder
	for c := range 256 {
		every.WriteByte(byte(c))
	}
	for _, s := range []string{"", "https://id.example.com", "a|b", "é ſ\u212a", every.String(), strings.Repeat("%", 500)} {
		p := Principal{Issuer: s, Subject: s + "x"}
		if want := url.QueryEscape(s) + "|" + url.QueryEscape(s+"x"); p.ID() != want {
			t.Errorf("%q: %s, want %s", s, p.ID(), want)
		}
	}
}

// An anonymous caller is told apart from no call.
func TestAnonymous(t *testing.T) {
	ctx := context.Background()
	if Anonymous(ctx) || Anonymous(NewContext(ctx, &Principal{Subject: "alice"})) || !Anonymous(NewContext(ctx, nil)) {
		t.Error("a stranger, a user and no call are taken for each other")
	}
}
