package doctor_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/apikey"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/internal/doctor/doctest"
)

const server = "https://mcp.acme.test/mcp"

// check runs the command, and makes sure that no part of the token is in its report.
func check(t *testing.T, token string, o doctor.TokenOptions) *doctor.Report {
	t.Helper()
	r := doctor.Token(context.Background(), token, o)
	secrets := []string{o.Keys, o.ClientSecret}
	for _, part := range strings.Split(strings.TrimSpace(token), ".") {
		if len(part) > 12 {
			secrets = append(secrets, part, part[:12], part[len(part)-12:])
		}
	}
	hidden(t, r, secrets)
	return r
}

func claims(is *authtest.Issuer, change map[string]any) map[string]any {
	all := map[string]any{
		"iss": is.URL, "sub": "user-4711-secret", "aud": server, "exp": time.Now().Add(time.Hour).Unix(),
		"iat": time.Now().Unix(), "client_id": "c", "scope": "mcp:use mcp:admin",
	}
	for k, v := range change {
		all[k] = v
		if v == nil {
			delete(all, k)
		}
	}
	return all
}

func jwtOptions(is *authtest.Issuer) doctor.TokenOptions {
	return doctor.TokenOptions{Ways: []string{"jwt"}, Issuer: is.URL, Place: doctor.Place{Resource: server}, Scopes: []string{"mcp:use"}}
}

func TestTokenThatIsGood(t *testing.T) {
	is := authtest.NewIssuer(t)
	r := check(t, is.Mint("at+jwt", claims(is, nil))+"\n", jwtOptions(is))
	if !r.OK {
		t.Errorf("%s", r.Text(time.Now()))
	}
	for step, found := range map[string]string{"form": "JWT", "issuer": is.URL, "signature": "key of the issuer", "type": "at+jwt", "audience": server, "expiry": "ends in", "scopes": "mcp:use mcp:admin", "verdict": "takes it"} {
		want(t, r, step, doctor.OK, found)
	}
	hidden(t, r, []string{"user-4711-secret"})
}

func TestTokenExplainsWhatIsWrong(t *testing.T) {
	is, other := authtest.NewIssuer(t), authtest.NewIssuer(t)
	good := is.Mint("at+jwt", claims(is, nil))
	for name, c := range map[string]struct {
		token  string
		step   string
		found  string
		change func(*doctor.TokenOptions)
	}{
		"another audience":   {is.Mint("at+jwt", claims(is, map[string]any{"aud": "https://other.test"})), "audience", `"https://other.test" (want "` + server + `")`, nil},
		"several audiences":  {is.Mint("at+jwt", claims(is, map[string]any{"aud": []string{"a", "b"}})), "audience", `"a", "b" (want`, nil},
		"no audience":        {is.Mint("at+jwt", claims(is, map[string]any{"aud": nil})), "audience", "none (want", nil},
		"another issuer":     {is.Mint("at+jwt", claims(is, map[string]any{"iss": "https://evil.test"})), "issuer", `"https://evil.test" (want`, nil},
		"a slash":            {is.Mint("at+jwt", claims(is, map[string]any{"iss": is.URL + "/"})), "issuer", is.URL + "/", nil},
		"another's key":      {other.Mint("at+jwt", claims(is, nil)), "signature", "invalid token", nil},
		"changed":            {good[:strings.LastIndex(good, ".")] + ".AAAA", "signature", "invalid token", nil},
		"an ID token":        {is.Mint("JWT", claims(is, map[string]any{"nonce": "n"})), "type", "looks like an ID token", nil},
		"not marked":         {is.Mint("JWT", claims(is, nil)), "type", `"jwt" (want "at+jwt")`, nil},
		"ended":              {is.Mint("at+jwt", claims(is, map[string]any{"exp": time.Now().Add(-10 * time.Minute).Unix()})), "expiry", "it ended 9m ago", nil},
		"without end":        {is.Mint("at+jwt", claims(is, map[string]any{"exp": nil})), "expiry", "no end", nil},
		"from the future":    {is.Mint("at+jwt", claims(is, map[string]any{"nbf": time.Now().Add(time.Hour).Unix()})), "expiry", "future (nbf)", nil},
		"few scopes":         {is.Mint("at+jwt", claims(is, map[string]any{"scope": "x"})), "scopes", `"x" lacks "mcp:use"`, nil},
		"no JWT":             {"eyJ.eyJ.x", "form", "cannot be read", nil},
		"opaque":             {"opaque-token-of-somebody", "form", "no verifier", nil},
		"GitHub's own":       {"gho_16C7e42F292c6912E7710c838347Ae178B4a", "form", "GitHub's own API", nil},
		"a key":              {"mcpk_" + strings.Repeat("ab", 32), "form", "takes none", nil},
		"a program's own":    {"mcpat_abcdefghijklmnop", "form", "signs nobody in", nil},
		"none":               {" \n", "form", "no token", nil},
		"two":                {"one two", "form", "space within", nil},
		"endless":            {strings.Repeat("x", 20<<10), "form", "longer than", nil},
		"no issuer set":      {good, "verifier", "OIDC_ISSUER", func(o *doctor.TokenOptions) { o.Issuer = "" }},
		"an issuer far away": {good, "signature", "metadata", func(o *doctor.TokenOptions) { o.Issuer = "http://127.0.0.1:1" }},
	} {
		t.Run(name, func(t *testing.T) {
			o := jwtOptions(is)
			if c.change != nil {
				c.change(&o)
			}
			r := check(t, c.token, o)
			want(t, r, c.step, doctor.Wrong, c.found)
			if r.OK {
				t.Errorf("%s", r.Text(time.Now()))
			}
		})
	}
}

// The verifier has the last word, also on what no step looks at.
func TestTokenVerdictIsTheVerifiers(t *testing.T) {
	is := authtest.NewIssuer(t)
	r := check(t, is.Mint("at+jwt", claims(is, map[string]any{"sub": nil})), jwtOptions(is))
	want(t, r, "verdict", doctor.Wrong, "invalid token")
	o := jwtOptions(is)
	o.AnyType = true
	if r := check(t, "Bearer "+is.Mint("JWT", claims(is, nil)), o); !r.OK {
		t.Errorf("with AnyType: %s", r.Text(time.Now()))
	} else {
		want(t, r, "form", doctor.Warning, "Bearer")
	}
}

func TestTokenByIntrospection(t *testing.T) {
	is := authtest.NewIssuer(t)
	o := jwtOptions(is)
	o.Introspection, o.ClientID, o.ClientSecret = is.URL+authtest.IssuerIntrospection, is.ClientID, is.ClientSecret
	p := authlib.Principal{Subject: "42", Scopes: []string{"mcp:use"}}
	r := check(t, is.OpaqueToken(p, server), o)
	want(t, r, "verdict", doctor.OK, "takes it")
	want(t, check(t, is.OpaqueToken(p, "https://other.test"), o), "audience", doctor.Wrong, server)
	want(t, check(t, "nobody-knows-this-token", o), "verdict", doctor.Wrong, "not active")
	p.Expiry = time.Now().Add(-time.Hour)
	want(t, check(t, is.OpaqueToken(p, server), o), "verdict", doctor.Wrong, "not active")
	o.ClientSecret = "another-one-of-these"
	r = check(t, "nobody-knows-this-token", o)
	want(t, r, "verifier", doctor.Wrong, "refused our credentials")
	if !r.Unreachable {
		t.Error("an issuer that cannot be asked says nothing of the token")
	}
	o.ClientID = ""
	want(t, check(t, "nobody-knows-this-token", o), "verifier", doctor.Wrong, "OIDC_CLIENT_ID")
}

func TestTokenThatIsAnAPIKey(t *testing.T) {
	key, entry, err := apikey.Generate("ci", "mcp:use")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keys-of-ours.json")
	save := func(keys ...apikey.Key) {
		b, err := json.Marshal(keys)
		if err == nil {
			err = os.WriteFile(path, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	o := doctor.TokenOptions{Ways: []string{"apikey"}, KeysFile: path, Scopes: []string{"mcp:use"}, Place: doctor.Place{Resource: server}}
	save(entry)
	if r := check(t, key, o); !r.OK {
		t.Errorf("%s", r.Text(time.Now()))
	}
	sum := sha256.Sum256([]byte("another"))
	save(apikey.Key{SHA256: hex.EncodeToString(sum[:]), Subject: "x"})
	want(t, check(t, key, o), "verdict", doctor.Wrong, "unknown API key")
	entry.ExpiresAt = "2020-01-01T00:00:00Z"
	save(entry)
	want(t, check(t, key, o), "expiry", doctor.Wrong, "has ended")
	o.KeysFile = path + ".gone"
	r := check(t, key, o)
	want(t, r, "verifier", doctor.Wrong, "cannot be read")
	hidden(t, r, []string{"keys-of-ours"})
}

func TestTokenThatTheProgramIssued(t *testing.T) {
	s, secrets := signedIn(t, doctest.Options{}, "alice")
	token := secrets[1]
	o := doctor.TokenOptions{Ways: []string{"dev"}, Place: place(s).Place, Scopes: []string{"mcp:use"}}
	r := check(t, token, o)
	if !r.OK {
		t.Errorf("%s", r.Text(time.Now()))
	}
	want(t, r, "sign-in", doctor.OK, "refreshable: yes")
	want(t, r, "audience", doctor.OK, s.URL)
	o.Scopes = []string{"mcp:admin"}
	want(t, check(t, token, o), "scopes", doctor.Wrong, `lacks "mcp:admin"`)
	want(t, check(t, "mcpat_somebody-elses", o), "sign-in", doctor.Wrong, "does not know it")
	want(t, check(t, "mcprt_somebody-elses", o), "form", doctor.Wrong, "refresh token")
	for name, change := range map[string]func(*doctor.TokenOptions){
		"key ring": func(o *doctor.TokenOptions) { o.Keys = "" },
		"folder":   func(o *doctor.TokenOptions) { o.Dir += "-gone" },
		"resource": func(o *doctor.TokenOptions) { o.Resource = "https://mcp.example.com/mcp" },
		"sign-in":  func(o *doctor.TokenOptions) { o.Keys = session.NewKey() },
	} {
		bad := o
		change(&bad)
		want(t, check(t, token, bad), name, doctor.Wrong, "")
	}
	o.Store = "memory"
	want(t, check(t, token, o), "sign-in", doctor.NotTried, "in memory")
}
