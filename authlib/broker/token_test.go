package broker

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestRedeemRefuses(t *testing.T) {
	be := newBench(t, nil)
	id := be.register("")["client_id"].(string)
	other := be.register(`{"client_name":"Other","redirect_uris":["http://127.0.0.1/callback"]}`)["client_id"].(string)
	tests := []struct {
		name, want string
		change     func(url.Values)
	}{
		{"other port", "invalid_grant", func(v url.Values) { v.Set("redirect_uri", "http://127.0.0.1:7778/callback") }},
		{"no redirect", "invalid_grant", func(v url.Values) { v.Del("redirect_uri") }},
		{"wrong verifier", "invalid_grant", func(v url.Values) { v.Set("code_verifier", strings.Repeat("a", 43)) }},
		{"no verifier", "invalid_grant", func(v url.Values) { v.Del("code_verifier") }},
		{"other client", "invalid_grant", func(v url.Values) { v.Set("client_id", other) }},
		{"unknown client", "invalid_client", func(v url.Values) { v.Set("client_id", "nobody") }},
		{"no client", "invalid_request", func(v url.Values) { v.Del("client_id") }},
		{"secret of a public client", "invalid_client", func(v url.Values) { v.Set("client_secret", "x") }},
		{"wrong resource", "invalid_target", func(v url.Values) { v.Set("resource", "https://other.test/") }},
		{"unknown code", "invalid_grant", func(v url.Values) { v.Set("code", "x") }},
		{"repeated", "invalid_request", func(v url.Values) { v.Add("code", "x") }},
		{"password grant", "unsupported_grant_type", func(v url.Values) { v.Set("grant_type", "password") }},
		{"no code", "invalid_request", func(v url.Values) { v.Del("code") }},
		{"a refresh without a token", "invalid_request", func(v url.Values) { v.Set("grant_type", "refresh_token") }},
		{"no grant", "invalid_request", func(v url.Values) { v.Del("grant_type") }},
	}
	f := be.newFlow(id)
	form := f.exchange(be.code(f))
	for _, tt := range tests {
		v := url.Values{}
		for k, s := range form {
			v[k] = append([]string{}, s...)
		}
		tt.change(v)
		t.Log(tt.name)
		be.refused(v, tt.want)
	}
	be.wantValid(be.tokens(form).access)
}

func TestLateCode(t *testing.T) {
	be := newBench(t, nil)
	f := be.newFlow(be.register("")["client_id"].(string))
	form := f.exchange(be.code(f))
	be.advance(61 * time.Second)
	be.refused(form, "invalid_grant")
}

// A code that is used twice ends what it gave, also when its minute is over.
func TestCodeReplay(t *testing.T) {
	be := newBench(t, nil)
	f := be.newFlow(be.register("")["client_id"].(string))
	form := f.exchange(be.code(f))
	tok := be.tokens(form)
	be.advance(30 * time.Minute)
	be.wantValid(tok.access)
	be.refused(form, "invalid_grant")
	be.wantInvalid(tok.access)
	be.refused(tok.refreshForm(), "invalid_grant")
}

// Of ten who redeem a code at once, none keeps a token: one of them is a thief.
func TestCodeRace(t *testing.T) {
	be := newBench(t, nil)
	f := be.newFlow(be.register("")["client_id"].(string))
	form := f.exchange(be.code(f))
	tokens := be.race(10, form)
	if len(tokens) > 1 {
		t.Fatalf("%d answers with tokens", len(tokens))
	}
	for _, tok := range tokens {
		be.wantInvalid(tok.access)
	}
	if n, err := be.b.store.Count(context.Background(), kindGrant); n != 0 || err != nil {
		t.Errorf("%d grants are left, %v", n, err)
	}
}

func TestTokenHeaders(t *testing.T) {
	be := newBench(t, nil)
	f := be.newFlow(be.register("")["client_id"].(string))
	form := f.exchange(be.code(f))
	res, err := http.Post(be.srv.URL+pathToken+"?"+form.Encode(), "application/x-www-form-urlencoded", strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	be.decode(res, http.StatusBadRequest) // parameters in the query do not count
	res, err = http.Post(be.srv.URL+pathToken, "text/plain", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	be.decode(res, http.StatusBadRequest)
	res = be.post(pathToken, form)
	if res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("header %v", res.Header)
	}
	be.decode(res, http.StatusOK)
}

// A client with a secret may send it either way, and must send it.
// A verifier is long enough that nobody guesses it, whatever the challenge says (RFC 7636
// §4.1).
func TestVerifiersAreLongEnough(t *testing.T) {
	be := newBench(t, nil)
	id := be.register("")["client_id"].(string)
	for verifier, good := range map[string]bool{
		strings.Repeat("a", 43): true, strings.Repeat("-._~", 32): true,
		"": false, "a": false, strings.Repeat("a", 42): false, strings.Repeat("a", 129): false, strings.Repeat("a", 42) + "!": false, strings.Repeat("a", 42) + " ": false,
	} {
		f := be.newFlow(id)
		f.verifier = verifier
		f.params.Set("code_challenge", s256(verifier))
		form := f.exchange(be.code(f))
		if good {
			be.wantValid(be.tokens(form).access)
		} else {
			t.Logf("%q", verifier)
			be.refused(form, "invalid_grant")
		}
	}
}

func TestSecretClient(t *testing.T) {
	be := newBench(t, nil)
	reg := be.register(`{"redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"client_secret_basic"}`)
	id, secret := reg["client_id"].(string), reg["client_secret"].(string)
	f := be.newFlow(id)
	form := f.exchange(be.code(f))
	be.refused(form, "invalid_client")
	basic := func(id, secret string, form url.Values) *http.Response {
		req, _ := http.NewRequest(http.MethodPost, be.srv.URL+pathToken, strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	res := basic(id, "wrong", form)
	if res.Header.Get("WWW-Authenticate") == "" {
		t.Error("a 401 to Basic must carry a challenge")
	}
	be.decode(res, http.StatusUnauthorized)
	both := f.exchange(form.Get("code"))
	both.Set("client_secret", secret)
	be.decode(basic(id, secret, both), http.StatusBadRequest)
	m := be.decode(basic(id, secret, form), http.StatusOK)
	refresh := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {m["refresh_token"].(string)}, "client_id": {id}, "client_secret": {secret}}
	be.tokens(refresh)
}

func TestAccessEnds(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	be.advance(time.Hour - time.Second)
	be.wantValid(tok.access)
	be.advance(time.Second)
	be.wantInvalid(tok.access)
	be.wantValid(be.tokens(tok.refreshForm()).access)
}

func TestScopes(t *testing.T) {
	be := newBench(t, nil)
	id := be.register("")["client_id"].(string)
	for asked, want := range map[string]string{
		"": "mcp:read mcp:write", "offline_access": "mcp:read mcp:write",
		"mcp:read": "mcp:read", "mcp:read offline_access openid": "mcp:read", "admin": "",
		"mcp:write mcp:read": "mcp:read mcp:write",
	} {
		f := be.newFlow(id)
		f.params.Set("scope", asked)
		tok := be.tokens(f.exchange(be.code(f)))
		if tok.scope != want || strings.Join(be.wantValid(tok.access).Scopes, " ") != want {
			t.Errorf("scope %q gave %q, want %q", asked, tok.scope, want)
		}
		more := tok.refreshForm()
		more.Set("scope", "mcp:read mcp:write mcp:admin")
		be.refused(more, "invalid_scope")
	}
}

func TestRevoke(t *testing.T) {
	be := newBench(t, nil)
	for _, which := range []string{"access", "refresh"} {
		tok, other := be.signIn(), be.signIn()
		value := map[string]string{"access": tok.access, "refresh": tok.refresh}[which]
		otherID := be.register(`{"client_name":"Other","redirect_uris":["http://127.0.0.1/callback"]}`)["client_id"].(string)
		for _, id := range []string{otherID, tok.client} {
			be.wantValid(tok.access) // another client's word does not count
			if res := be.post(pathRevoke, url.Values{"token": {value}, "client_id": {id}}); res.StatusCode != http.StatusOK {
				t.Fatalf("status %d", res.StatusCode)
			}
		}
		be.wantInvalid(tok.access)
		be.refused(tok.refreshForm(), "invalid_grant")
		be.wantValid(other.access)
		if res := be.post(pathRevoke, url.Values{"token": {"x"}, "client_id": {tok.client}}); res.StatusCode != http.StatusOK {
			t.Errorf("unknown token: status %d", res.StatusCode)
		}
	}
}

// Two that read the code before either wrote: the second ends both.
func TestCodeRaceLost(t *testing.T) {
	be := newBench(t, nil)
	ctx := context.Background()
	f := be.newFlow(be.register("")["client_id"].(string))
	key := hashKey(be.code(f))
	c, err := be.b.findClient(ctx, f.params.Get("client_id"))
	if err != nil {
		t.Fatal(err)
	}
	invalid := badRequest("invalid_grant", "")
	redeem := func(rec *code, version uint64) (*tokenAnswer, error) {
		return be.b.redeemChecked(ctx, c, rec, key, version, invalid)
	}
	one, version, err1 := load[code](ctx, be.b.store, kindCode, key)
	two, _, err2 := load[code](ctx, be.b.store, kindCode, key)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	a, err := redeem(one, version)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := redeem(two, version); !errors.Is(err, invalid) {
		t.Errorf("second: %v, want invalid_grant", err)
	}
	be.wantInvalid(a.AccessToken)
	if n, err := be.b.store.Count(ctx, kindGrant); n != 0 || err != nil {
		t.Errorf("%d grants are left, %v", n, err)
	}
}
