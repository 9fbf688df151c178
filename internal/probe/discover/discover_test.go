package discover_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/internal/doctor/doctest"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/discover"
)

func start(t *testing.T, o doctest.Options) *doctest.Server {
	t.Helper()
	s, err := doctest.Start(filepath.Join(t.TempDir(), "sessions"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func look(t *testing.T, o discover.Options) *doctor.Report {
	t.Helper()
	r, err := discover.URL(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// want requires the outcome of a step, and a part of what it says or of its cure.
func want(t *testing.T, r *doctor.Report, step string, outcome doctor.Outcome, says string) {
	t.Helper()
	for _, s := range r.Steps {
		if s.Name == step && s.Outcome == outcome && strings.Contains(s.Found+"\n"+s.Cure, says) {
			if outcome == doctor.Wrong && s.Cure == "" {
				t.Errorf("%s: it does not say how to mend it", step)
			}
			return
		}
	}
	t.Errorf("no step %q is %s with %q:\n%s", step, outcome, says, r.Text(time.Now()))
}

var allSteps = []string{"url", "reach", "tls", "clock", "refusal", "challenge", "resource_metadata", "metadata at the endpoint's path", "metadata at the root", "resource", "authorization server", "pkce", "registration", "cors"}

// A server as migrate makes one has nothing wrong, and no request is made that could
// change something or run a tool.
func TestURLOfAMigratedServer(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	s := start(t, doctest.Options{Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			var m struct{ Method string }
			_ = json.Unmarshal(body, &m)
			mu.Lock()
			asked = append(asked, r.Method+" "+r.URL.Path+" "+m.Method)
			mu.Unlock()
			next.ServeHTTP(w, r)
		})
	}})
	r := look(t, discover.Options{URL: s.URL})
	if !r.OK || r.Unreachable {
		t.Errorf("%s", r.Text(time.Now()))
	}
	var names []string
	for _, step := range r.Steps {
		names = append(names, step.Name)
		if step.Outcome == doctor.Warning {
			t.Errorf("%+v", step)
		}
	}
	if strings.Join(names, ",") != strings.Join(allSteps, ",") {
		t.Errorf("steps %q", names)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, a := range asked {
		if a != "POST /mcp initialize" && !strings.HasPrefix(a, "GET /.well-known/") {
			t.Errorf("asked %q", a)
		}
	}
}

// A fault is what stands in front of a server that is right.
type fault func(w http.ResponseWriter, r *http.Request, next http.Handler)

func (f fault) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(w, r, next) })
}

// at answers requests whose path begins with prefix, and passes on the others.
func at(prefix string, answer http.HandlerFunc) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasPrefix(r.URL.Path, prefix) {
			answer(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// edited passes on a JSON document with one member changed.
func edited(prefix, name string, value any) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.HasPrefix(r.URL.Path, prefix) {
			next.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		doc := map[string]any{}
		_ = json.Unmarshal(rec.Body.Bytes(), &doc)
		doc[name] = value
		for k, v := range rec.Header() {
			if k != "Content-Length" {
				w.Header()[k] = v
			}
		}
		w.WriteHeader(rec.Code)
		_ = json.NewEncoder(w).Encode(doc)
	}
}

// header changes a header of every answer.
func header(name, value string) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.Header().Del(name)
		if value != "" {
			w.Header().Set(name, value)
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	}
}

const (
	ofResource = "/.well-known/oauth-protected-resource"
	ofServer   = "/.well-known/oauth-authorization-server"
)

func TestURLExplainsWhatIsWrong(t *testing.T) {
	open := at("/mcp", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":{}}`)
	})
	optional := fault(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get("Authorization") == "" {
			open(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	})
	for name, c := range map[string]struct {
		fault fault
		step  string
		is    doctor.Outcome
		says  string
	}{
		"open":                 {open, "refusal", doctor.Wrong, "asks nobody who they are"},
		"optional":             {optional, "refusal", doctor.Warning, "--requirement optional"},
		"another path":         {at("/mcp", status(404)), "refusal", doctor.Wrong, "at another path"},
		"another method":       {at("/mcp", status(405)), "refusal", doctor.Wrong, "another transport"},
		"redirected":           {at("/mcp", http.RedirectHandler("https://other.test/mcp", http.StatusPermanentRedirect).ServeHTTP), "refusal", doctor.Wrong, `leads to "https://other.test/mcp"`},
		"forbidden":            {at("/mcp", status(403)), "refusal", doctor.Wrong, "firewall"},
		"no store":             {at("/mcp", status(503)), "refusal", doctor.Wrong, "doctor sessions"},
		"no program":           {at("/mcp", status(502)), "refusal", doctor.Wrong, "proxy does not reach"},
		"broken":               {at("/mcp", status(500)), "refusal", doctor.Wrong, "logs"},
		"no challenge":         {header("WWW-Authenticate", ""), "challenge", doctor.Wrong, "no WWW-Authenticate"},
		"another scheme":       {header("WWW-Authenticate", "Basic realm=x"), "challenge", doctor.Wrong, "0 Bearer challenges"},
		"no pointer":           {header("WWW-Authenticate", "Bearer scope=x"), "resource_metadata", doctor.Warning, "does not name the metadata"},
		"pointer elsewhere":    {header("WWW-Authenticate", `Bearer resource_metadata="http://10.0.0.5:8080/x"`), "resource_metadata", doctor.Wrong, "set MCP_RESOURCE_URL=http://127.0.0.1"},
		"pointer is no URL":    {header("WWW-Authenticate", `Bearer resource_metadata="x y"`), "resource_metadata", doctor.Wrong, "is no URL"},
		"pointer at odd place": {header("WWW-Authenticate", `Bearer resource_metadata="{origin}/meta"`), "resource_metadata", doctor.Warning, "is not where clients look"},
		"no metadata":          {at(ofResource, status(404)), "metadata at the endpoint's path", doctor.Wrong, "have the proxy pass on " + ofResource + "/mcp"},
		"metadata is HTML":     {at(ofResource, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }), "metadata at the endpoint's path", doctor.Wrong, "page of HTML"},
		"metadata too long":    {at(ofResource, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte(" "), 65<<10)) }), "metadata at the endpoint's path", doctor.Wrong, "longer than 65536"},
		"behind a proxy":       {edited(ofResource, "resource", "http://localhost:8080/mcp"), "resource", doctor.Wrong, "behind a proxy: set MCP_RESOURCE_URL="},
		"slash":                {edited(ofResource, "resource", "{origin}/mcp/"), "resource", doctor.Wrong, "slash at the end"},
		"scheme":               {edited(ofResource, "resource", "{https}/mcp"), "resource", doctor.Wrong, "TLS ends at a proxy"},
		"path":                 {edited(ofResource, "resource", "{origin}/"), "resource", doctor.Wrong, "the path is another"},
		"no servers":           {edited(ofResource, "authorization_servers", []string{}), "authorization server", doctor.Wrong, "authorization_servers is empty"},
		"a plain http issuer":  {edited(ofResource, "authorization_servers", []string{"http://issuer.test"}), "authorization server", doctor.Wrong, "does not use https"},
		"no server metadata":   {at("/.well-known/o", status(404)), "metadata at the endpoint's path", doctor.Wrong, "404"},
		"server without":       {withoutServer, "authorization server", doctor.Wrong, "no metadata of"},
		"another issuer":       {edited(ofServer, "issuer", "https://other.test"), "authorization server", doctor.Wrong, "clients refuse that"},
		"no endpoints":         {edited(ofServer, "token_endpoint", ""), "authorization server", doctor.Wrong, "lacks authorization_endpoint or token_endpoint"},
		"no PKCE":              {edited(ofServer, "code_challenge_methods_supported", []string{"plain"}), "pkce", doctor.Wrong, "lacks S256"},
		"no registration":      {unregistered, "registration", doctor.Warning, "only clients work that the issuer knows before"},
		"a fast clock":         {header("Date", time.Now().Add(5*time.Minute).UTC().Format(http.TimeFormat)), "clock", doctor.Wrong, "apart"},
		"no CORS":              {header("Access-Control-Allow-Origin", ""), "cors", doctor.Warning, "metadata of the resource and metadata of the authorization server"},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.fault
			s := start(t, doctest.Options{Wrap: func(next http.Handler) http.Handler { return placed(f.wrap(next)) }})
			r := look(t, discover.Options{URL: s.URL})
			want(t, r, c.step, c.is, c.says)
			if r.OK != (c.is != doctor.Wrong) {
				t.Errorf("ok %v:\n%s", r.OK, r.Text(time.Now()))
			}
			complete(t, r)
		})
	}
}

// complete: every step is reported, whatever went wrong before it.
func complete(t *testing.T, r *doctor.Report) {
	t.Helper()
	have := map[string]bool{}
	for _, s := range r.Steps {
		have[s.Name] = true
	}
	for _, name := range allSteps {
		if !have[name] {
			t.Errorf("nothing is said of %s:\n%s", name, r.Text(time.Now()))
		}
	}
}

// placed puts the server's own origin in place of {origin} and {https}.
func placed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		swap := strings.NewReplacer("{origin}", "http://"+r.Host, "{https}", "https://"+r.Host)
		for k, v := range rec.Header() {
			for _, s := range v {
				w.Header().Add(k, swap.Replace(s))
			}
		}
		w.WriteHeader(rec.Code)
		_, _ = io.WriteString(w, swap.Replace(rec.Body.String()))
	})
}

func withoutServer(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if strings.HasPrefix(r.URL.Path, ofServer) || strings.Contains(r.URL.Path, "openid-configuration") {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	next.ServeHTTP(w, r)
}

func unregistered(w http.ResponseWriter, r *http.Request, next http.Handler) {
	once := edited(ofServer, "registration_endpoint", "")
	edited(ofServer, "client_id_metadata_document_supported", false)(w, r, once.wrap(next))
}

// A server that was told another host answers 421, and the cure names the variable.
func TestURLOfAServerBehindAProxy(t *testing.T) {
	s := start(t, doctest.Options{Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Host = "10.0.0.5:8080" // as a proxy that does not pass on the name does
			next.ServeHTTP(w, r)
		})
	}})
	want(t, look(t, discover.Options{URL: s.URL}), "refusal", doctor.Wrong, "MCP_RESOURCE_URL only")
}

func TestURLThatCannotBeReached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String() + "/mcp"
	_ = l.Close()
	r := look(t, discover.Options{URL: closed})
	want(t, r, "reach", doctor.Wrong, "nothing listens")
	complete(t, r)
	if !r.Unreachable || r.OK {
		t.Errorf("%+v", r)
	}
	noName := failing{&net.DNSError{Err: "no such host", Name: "nowhere.invalid", IsNotFound: true}}
	want(t, look(t, discover.Options{URL: "https://nowhere.invalid/mcp", Transport: noName}), "reach", doctor.Wrong, "has no address")
	want(t, look(t, discover.Options{URL: "https://slow.invalid/mcp", Transport: failing{context.DeadlineExceeded}}), "reach", doctor.Wrong, "nobody answers in time")
	plain := look(t, discover.Options{URL: "http://mcp.invalid/mcp", Transport: noName})
	want(t, plain, "url", doctor.Wrong, "anybody on the way reads the tokens")
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestURLLooksAtTLS(t *testing.T) {
	srv := httptest.NewUnstartedServer(status(401))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	r := look(t, discover.Options{URL: srv.URL + "/mcp"})
	want(t, r, "tls", doctor.Wrong, "nobody vouches")
	complete(t, r)
	trusting := srv.Client().Transport
	r = look(t, discover.Options{URL: srv.URL + "/mcp", Transport: trusting})
	want(t, r, "tls", doctor.OK, "TLS 1.3, certificate valid until")
	ends := srv.Certificate().NotAfter
	r = look(t, discover.Options{URL: srv.URL + "/mcp", Transport: trusting, Now: func() time.Time { return ends.Add(-time.Hour) }})
	want(t, r, "tls", doctor.Warning, "renew the certificate")
	want(t, r, "clock", doctor.Wrong, "apart")
	other := strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
	want(t, look(t, discover.Options{URL: other + "/mcp", Transport: trusting}), "tls", doctor.Wrong, "for another name")
	http1 := httptest.NewServer(status(401))
	defer http1.Close()
	want(t, look(t, discover.Options{URL: strings.Replace(http1.URL, "http:", "https:", 1)}), "tls", doctor.Wrong, "speaks no TLS")
}

func TestURLRefusesWhatIsNone(t *testing.T) {
	for _, u := range []string{"", "mcp.acme.test", "ftp://acme.test/", "https://user:hunter2@acme.test/mcp", "https://acme.test/mcp#x"} {
		if _, err := discover.URL(context.Background(), discover.Options{URL: u}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", u, err)
		}
	}
}

// What a hostile server says can forge no line and no colour.
func TestURLQuotesWhatServersSay(t *testing.T) {
	f := edited(ofResource, "resource", "https://x/\x1b[31m\nok  everything")
	s := start(t, doctest.Options{Wrap: f.wrap})
	r := look(t, discover.Options{URL: s.URL})
	if text := string(r.Text(time.Now())); strings.Contains(text, "\x1b") || strings.Contains(text, "\nok  everything") {
		t.Errorf("%q", text)
	}
}
