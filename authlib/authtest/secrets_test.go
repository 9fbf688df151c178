package authtest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/apikey"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/jwtauth"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/google"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/oidc"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore"
	"github.com/mcp-migrate/mcp-migrate/authlib/userdata"
)

// mark is every secret of this test. It has the length of a key.
const mark = "0f9dMARKEDb7c1e6a2d4853960fedcba9871"

// plain are the exported types that hold no secret by what they are for, and those
// that only tests use.
var plain = map[string]string{
	"authlib.Operation": "a method and a name", "authlib.Rule": "names of scopes and roles", "authlib.Policy": "rules",
	"authlib.DeniedError": "an operation and names of scopes", "authlib.Registry": "what a server lists",
	"authlib.Event": "words of a table", "authlib.EventWords": "the table", "otelauth.Observer": "instruments",
	"jwtauth.Config": "an issuer's public side", "jwtauth.IssuerKeysConfig": "an issuer's public side", "jwtauth.Keys": "public keys",
	"broker.EnterpriseIssuer": "an issuer's public side", "session.Listener": "two functions",
	"policyfile.Error": "a place, and names of keys", "policyfile.Name": "a place and a name",
	"storetest.Clock": "a time", "redistest.Server": "a test's own", "redistest.Wire": "an address", "apikey.Key": "a hash",
	"broker.TokenRecord": "names of scopes and times", "broker.SignInRecord": "a handle of a hash, and times", "broker.SignInSurvey": "those, and counts",
}

// No exported type of the library shows a secret that it holds, however it is
// printed, logged or encoded: not as text, nor as the bytes of it.
func TestNothingPrintsASecret(t *testing.T) {
	values := holders(t)
	for _, name := range exportedStructs(t) {
		if values[name] == nil && plain[name] == "" {
			t.Errorf("%s is in no table: fill one with secrets, or say why it holds none", name)
		}
	}
	for name, v := range values {
		for form, out := range printed(v) {
			if name == "session.Record" && form == "json.Marshal" {
				continue // what a store writes
			}
			for _, secret := range append(hidden(reflect.ValueOf(v), 0), []byte(mark)) {
				if shows(out, secret) {
					t.Errorf("%s by %s shows %q: %s", name, form, secret, out)
				}
			}
		}
	}
}

// The check itself sees secrets in all forms, also those of a field that is not
// exported.
func TestSecretsAreSeenInEveryForm(t *testing.T) {
	type leak struct {
		Text  string
		Bytes []byte
		own   [32]byte
	}
	v := leak{Text: mark, Bytes: []byte(mark)}
	copy(v.own[:], "another secret, of thirty-two by")
	found := hidden(reflect.ValueOf(&v), 0)
	for form, out := range printed(v) {
		if !shows(out, []byte(mark)) {
			t.Errorf("%s is not seen through: %s", form, out)
		}
		if strings.HasPrefix(form, "%") && !slices.ContainsFunc(found, func(b []byte) bool { return !bytes.Equal(b, []byte(mark)) && shows(out, b) }) {
			t.Errorf("%s: an array in a field of its own is not seen: %s", form, out)
		}
	}
}

// printed is what there is of v for people and machines to read.
func printed(v any) map[string]string {
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		out[verb] = fmt.Sprintf(verb, v) + fmt.Sprintf(verb, []any{v}) + fmt.Sprintf(verb, struct{ V any }{v})
	}
	if b, err := json.Marshal(v); err == nil { // what has functions has no JSON
		out["json.Marshal"] = string(b)
	}
	var text, js bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&js, nil)).Info("m", "v", v)
	out["slog as text"], out["slog as JSON"] = text.String(), js.String()
	return out
}

// shows reports whether out holds secret, in one of the forms that fmt and
// encoding/json give to text and bytes.
func shows(out string, secret []byte) bool {
	decimal := strings.Trim(fmt.Sprint(secret), "[]")
	return strings.Contains(out, string(secret)) || strings.Contains(out, decimal) ||
		strings.Contains(strings.ReplaceAll(out, " ", ""), strings.ReplaceAll(decimal, " ", ",")) ||
		strings.Contains(strings.ToLower(out), hex.EncodeToString(secret)) ||
		strings.Contains(out, base64.StdEncoding.EncodeToString(secret)) ||
		strings.Contains(out, strings.Trim(fmt.Sprintf("%#v", secret), "[]byte{}"))
}

// hidden returns the byte strings of 16 or more bytes that v holds in any field:
// keys, and what is derived from them.
func hidden(v reflect.Value, depth int) (out [][]byte) {
	if depth > 6 || !v.IsValid() {
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return hidden(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			out = append(out, hidden(v.Field(i), depth+1)...)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			for i := range min(v.Len(), 10) {
				out = append(out, hidden(v.Index(i), depth+1)...)
			}
			return out
		}
		b := make([]byte, v.Len())
		for i := range b {
			b[i] = byte(v.Index(i).Uint())
		}
		if len(b) >= 16 && !bytes.Equal(b, make([]byte, len(b))) {
			out = append(out, b)
		}
	}
	return out
}

// exportedStructs are the struct types that programs can name, by package; what
// adapters export is theirs to test.
func exportedStructs(t *testing.T) (out []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(".."), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"internal", "testdata", "authtest", "mcpgo", "gosdk"}, d.Name()) {
			return fs.SkipDir
		}
		if path.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path.Join("..", p), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.TypeSpec); ok && s.Name.IsExported() {
				if _, ok := s.Type.(*ast.StructType); ok {
					out = append(out, f.Name.Name+"."+s.Name.Name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || len(out) < 20 {
		t.Fatalf("found %d types: %v", len(out), err)
	}
	return out
}

// holders are values of the types that hold secrets, filled with them.
func holders(t *testing.T) map[string]any {
	t.Helper()
	const resource = "http://localhost:8080/mcp"
	key := []byte(mark)[:session.KeySize]
	now := time.Now
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	githubConfig := github.Config{ClientID: "Iv1.0123456789abcdef", ClientSecret: mark, Resource: resource}
	gh, err := github.New(githubConfig)
	must(err)
	googleConfig := google.Config{ClientID: "1234-abc.apps.googleusercontent.com", ClientSecret: mark, Resource: resource}
	gg, err := google.New(googleConfig)
	must(err)
	is := authtest.NewIssuer(t)
	oidcConfig := oidc.Config{Issuer: is.URL, ClientID: "mcp-server", ClientSecret: mark, Resource: resource}
	oi, err := oidc.New(oidcConfig)
	must(err)
	devConfig := dev.Config{Resource: resource, Code: mark, Out: io.Discard}
	dv, err := dev.New(devConfig)
	must(err)
	askConfig := jwtauth.IntrospectionConfig{Issuer: is.URL, Endpoint: is.URL + authtest.IssuerIntrospection, ClientID: "mcp-server", ClientSecret: mark, Audience: resource}
	ask, err := jwtauth.NewIntrospection(askConfig)
	must(err)
	jwt, err := jwtauth.New(jwtauth.Config{Issuer: is.URL, Audience: resource})
	must(err)
	_, apiKey, err := apikey.Generate("alice")
	must(err)
	keys, err := apikey.New(apiKey)
	must(err)
	redis := miniredis.RunT(t)
	redis.RequireUserAuth("u", mark)
	redisConfig := redisstore.Config{URL: "redis://u:" + mark + "@" + redis.Addr(), Resource: resource, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
	rs, err := redisstore.Open(redisConfig)
	must(err)
	t.Cleanup(func() { _ = rs.Close() })
	record := session.Record{Value: []byte(mark), Version: 1, Expires: now().Add(time.Hour)}
	mem := memstore.New()
	must(mem.Put(context.Background(), "grant", mark, record, 0))
	files, err := filestore.Open(t.TempDir())
	must(err)
	must(files.Put(context.Background(), "grant", mark, record, 0))
	ring, err := session.NewRing(resource, [][]byte{key})
	must(err)
	userConfig := userdata.Config{Store: mem, Ring: ring}
	users, err := userdata.New(userConfig)
	must(err)
	must(userdata.In[string](users, "x").Update(authlib.NewContext(context.Background(), &authlib.Principal{Subject: "alice"}), func(s *string) error { *s = mark; return nil }))
	brokerConfig := broker.Config{Resource: resource, Providers: []provider.Provider{dv}, Keys: [][]byte{key}, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
	br, err := broker.New(brokerConfig)
	must(err)
	readerConfig := broker.ReaderConfig{Resource: resource, Store: mem, Keys: [][]byte{key}}
	reader, err := broker.NewReader(readerConfig)
	must(err)
	guardConfig := authlib.Config{Resource: resource, Verifier: ask, AuthorizationServers: []string{is.URL}, SessionKey: key, SessionKeys: [][]byte{key}}
	guard, err := authlib.New(guardConfig)
	must(err)
	decision, principal := decided(t, resource, is.URL)
	return map[string]any{
		"github.Config": githubConfig, "github.Provider": gh, "google.Config": googleConfig, "google.Provider": gg,
		"oidc.Config": oidcConfig, "oidc.Provider": oi, "dev.Config": devConfig, "dev.Provider": dv,
		"jwtauth.IntrospectionConfig": askConfig, "jwtauth.Introspection": ask, "jwtauth.Verifier": jwt, "apikey.Verifier": keys,
		"redisstore.Config": redisConfig, "redisstore.Store": rs, "memstore.Store": mem, "filestore.Store": files,
		"session.Ring": ring, "session.Seal": session.Seal(mem, ring, nil), "session.Record": record, "broker.Config": brokerConfig, "broker.Broker": br,
		"broker.ReaderConfig": readerConfig, "broker.Reader": reader, "session.Found": session.Found{Record: record, SealedBy: 1},
		"userdata.Config": userConfig, "userdata.Store": users, "userdata.Data": userdata.In[string](users, "x"),
		"broker.Machine": broker.Machine{ID: "ci", SecretSHA256: mark},
		"authlib.Config": guardConfig, "authlib.Guard": guard, "authlib.Decision": decision, "authlib.Principal": principal,
		"provider.AuthRequest":     provider.AuthRequest{State: mark, Nonce: mark, Challenge: "public", RedirectURL: resource},
		"provider.ExchangeRequest": provider.ExchangeRequest{Code: mark, Verifier: mark, Nonce: mark, RedirectURL: resource},
		"provider.Identity":        &provider.Identity{Issuer: is.URL, Subject: "42"},
	}
}

// decided sends a request whose token is the secret, and returns what handlers get
// of it.
func decided(t *testing.T, resource, issuer string) (d *authlib.Decision, p *authlib.Principal) {
	t.Helper()
	guard, err := authlib.New(authlib.Config{
		Resource: resource, AuthorizationServers: []string{issuer},
		Verifier: authlib.VerifierFunc(func(_ context.Context, token string) (*authlib.Principal, error) {
			if token != mark {
				return nil, authlib.ErrInvalidToken
			}
			return &authlib.Principal{Issuer: issuer, Subject: "alice"}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, resource, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"ping"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+mark)
	guard.Protect(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		d, _ = authlib.Decided(r.Context())
		p, _ = authlib.FromContext(r.Context())
	})).ServeHTTP(httptest.NewRecorder(), r)
	if d == nil || p == nil {
		t.Fatal("the request did not get through")
	}
	return d, p
}
