package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore"
	"github.com/mcp-migrate/mcp-migrate/internal/doctor"
	"github.com/mcp-migrate/mcp-migrate/internal/doctor/doctest"
)

var update = flag.Bool("update", false, "rewrite the expected reports in testdata")

// signedIn starts a server and signs users in; nobody's token is in what doctor says.
func signedIn(t *testing.T, o doctest.Options, users ...string) (*doctest.Server, []string) {
	t.Helper()
	s, err := doctest.Start(filepath.Join(t.TempDir(), "sessions"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	tokens := []string{s.Key}
	for _, user := range users {
		c := authtest.NewClient(t, s.URL).SignIn(authtest.Answers{"user": user, "code": doctest.Code})
		tokens = append(tokens, c.Token())
	}
	return s, tokens
}

func place(s *doctest.Server) doctor.SessionOptions {
	return doctor.SessionOptions{
		Place: doctor.Place{Store: "file", Dir: s.Dir, Resource: s.URL, ResourceEnv: "MCP_RESOURCE_URL", Keys: s.Key},
		Most:  10, Free: func(string) (uint64, bool) { return 1 << 30, true },
	}
}

// sessions runs the command, and makes sure that no secret is in its report.
func sessions(t *testing.T, o doctor.SessionOptions, secrets []string) *doctor.Report {
	t.Helper()
	r := doctor.Sessions(context.Background(), o)
	hidden(t, r, secrets)
	return r
}

func hidden(t *testing.T, r *doctor.Report, secrets []string) {
	t.Helper()
	all, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, r.Text(time.Now())...)
	for _, s := range secrets {
		if s != "" && bytes.Contains(all, []byte(s)) {
			t.Errorf("a secret is in the report:\n%s", all)
		}
	}
	if bytes.Contains(all, []byte{0x1b}) {
		t.Errorf("colours: %q", all)
	}
}

// want requires the outcome of a step, and a part of what it says.
func want(t *testing.T, r *doctor.Report, step string, outcome doctor.Outcome, found string) {
	t.Helper()
	for _, s := range r.Steps {
		if s.Name == step && s.Outcome == outcome && strings.Contains(s.Found, found) {
			if outcome == doctor.Wrong && s.Cure == "" {
				t.Errorf("%s: it does not say how to mend it", step)
			}
			return
		}
	}
	t.Errorf("no step %q is %s with %q:\n%s", step, outcome, found, r.Text(time.Now()))
}

func TestSessionsOfAFolder(t *testing.T) {
	s, secrets := signedIn(t, doctest.Options{}, "alice", "bob")
	o := place(s)
	r := sessions(t, o, append(secrets, "alice", "bob"))
	if !r.OK || r.Unreachable || r.Sessions == nil || r.Sessions.Live != 2 || len(r.Sessions.Listed) != 2 {
		t.Fatalf("%s", r.Text(time.Now()))
	}
	in := r.Sessions.Listed[0]
	if in.Provider != "dev" || in.Handle == "" || !in.Refreshable || time.Since(in.Began) > time.Minute || !in.Ends.After(time.Now()) {
		t.Errorf("%+v", in)
	}
	for step, found := range map[string]string{"permissions": "only its owner", "free space": "1024 MiB", "key ring": "1 key", "records": "2 sign-ins, all open", "folder": "nothing but records", "reach": "read and locked"} {
		want(t, r, step, doctor.OK, found)
	}
	o.Most = 1
	if r := sessions(t, o, secrets); r.Sessions.Live != 2 || len(r.Sessions.Listed) != 1 {
		t.Errorf("at most one: %+v", r.Sessions)
	}
}

// What is wrong with a store, its keys or the environment is said with its cure.
func TestSessionsExplainWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, o *doctor.SessionOptions)
		step   string
		is     doctor.Outcome
		found  string
		lost   bool // it could not be looked at
	}{
		"another key":        {func(_ *testing.T, o *doctor.SessionOptions) { o.Keys = session.NewKey() }, "records", doctor.Wrong, "sealed with a key that is not in MCP_SESSION_KEY", false},
		"no key":             {func(_ *testing.T, o *doctor.SessionOptions) { o.Keys = "" }, "key ring", doctor.Wrong, "MCP_SESSION_KEY is not set", true},
		"half a key":         {func(_ *testing.T, o *doctor.SessionOptions) { o.Keys = "aGFsZg" }, "key ring", doctor.Wrong, "not 32", true},
		"no URL":             {func(_ *testing.T, o *doctor.SessionOptions) { o.Resource = "" }, "resource", doctor.Wrong, "is not set", true},
		"plain http":         {func(_ *testing.T, o *doctor.SessionOptions) { o.Resource = "http://mcp.acme.test/mcp" }, "resource", doctor.Wrong, "must be https", true},
		"a placeholder":      {func(_ *testing.T, o *doctor.SessionOptions) { o.Resource = "https://mcp.example.com/mcp" }, "resource", doctor.Wrong, "placeholder", true},
		"another URL":        {func(_ *testing.T, o *doctor.SessionOptions) { o.Resource += "2" }, "other resources", doctor.Wrong, "1 sign-in of another MCP_RESOURCE_URL", false},
		"no folder":          {func(_ *testing.T, o *doctor.SessionOptions) { o.Dir += "2" }, "folder", doctor.Wrong, "not there", true},
		"a file":             {func(t *testing.T, o *doctor.SessionOptions) { o.Dir = foreign(t, o.Dir, "x") }, "folder", doctor.Wrong, "is a file", true},
		"a foreign folder":   {func(t *testing.T, o *doctor.SessionOptions) { o.Dir = t.TempDir(); foreign(t, o.Dir, "x") }, "folder", doctor.Wrong, "no session folder", true},
		"a foreign file":     {func(t *testing.T, o *doctor.SessionOptions) { foreign(t, o.Dir, "notes.txt") }, "folder", doctor.Warning, "notes.txt", false},
		"others read it":     {func(t *testing.T, o *doctor.SessionOptions) { mode(t, o.Dir, 0o755) }, "permissions", doctor.Warning, "others may read", false},
		"others write it":    {func(t *testing.T, o *doctor.SessionOptions) { mode(t, o.Dir, 0o777) }, "permissions", doctor.Wrong, "others may write", true},
		"others read one":    {func(t *testing.T, o *doctor.SessionOptions) { mode(t, grantFile(t, o.Dir), 0o644) }, "permissions", doctor.Warning, "(0644)", false},
		"others write one":   {func(t *testing.T, o *doctor.SessionOptions) { mode(t, grantFile(t, o.Dir), 0o666) }, "permissions", doctor.Wrong, "(0666)", false},
		"a damaged record":   {func(t *testing.T, o *doctor.SessionOptions) { cut(t, grantFile(t, o.Dir)) }, "records", doctor.Wrong, "1 sign-in damaged", false},
		"half written":       {func(t *testing.T, o *doctor.SessionOptions) { half(t, grantFile(t, o.Dir)) }, "records", doctor.OK, "1 sign-in, all open", false},
		"a full disk":        {func(_ *testing.T, o *doctor.SessionOptions) { o.Free = free(0) }, "free space", doctor.Wrong, "0 MiB", false},
		"an almost full one": {func(_ *testing.T, o *doctor.SessionOptions) { o.Free = free(30 << 20) }, "free space", doctor.Warning, "30 MiB", false},
		"an unknown one":     {func(_ *testing.T, o *doctor.SessionOptions) { o.Free = func(string) (uint64, bool) { return 0, false } }, "free space", doctor.NotTried, "does not say", false},
		"an unknown store":   {func(_ *testing.T, o *doctor.SessionOptions) { o.Store = "paper" }, "store", doctor.Wrong, "paper", true},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.HasPrefix(name, "others") {
				t.Skip("Windows keeps no modes: access lists say there who may read, and this case makes none")
			}
			s, secrets := signedIn(t, doctest.Options{}, "alice")
			o := place(s)
			c.change(t, &o)
			r := sessions(t, o, append(secrets, o.Keys))
			want(t, r, c.step, c.is, c.found)
			if others := "other resources"; c.step != others && strings.Contains(string(r.Text(time.Now())), others) {
				t.Errorf("it speaks of other resources:\n%s", r.Text(time.Now()))
			}
			if r.Unreachable != c.lost || r.OK == (c.is == doctor.Wrong) {
				t.Errorf("ok %v, unreachable %v:\n%s", r.OK, r.Unreachable, r.Text(time.Now()))
			}
		})
	}
}

// Looking writes nothing, also where the folder is none of ours.
func TestSessionsLeaveFilesAlone(t *testing.T) {
	s, secrets := signedIn(t, doctest.Options{}, "alice")
	before := listing(t, s.Dir)
	sessions(t, place(s), secrets)
	if after := listing(t, s.Dir); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	o := place(s)
	o.Dir = t.TempDir()
	sessions(t, o, secrets)
	if after := listing(t, o.Dir); after != "" {
		t.Errorf("made in a folder that is none of ours: %s", after)
	}
}

func TestSessionsInTheKeyRing(t *testing.T) {
	s, secrets := signedIn(t, doctest.Options{}, "alice")
	o := place(s)
	o.Keys = session.NewKey() + "," + s.Key
	r := sessions(t, o, append(secrets, o.Keys))
	want(t, r, "key 1", doctor.OK, "sealed 0 sign-ins")
	want(t, r, "key 2", doctor.OK, "sealed 1 sign-in")
}

func TestSessionsInMemory(t *testing.T) {
	o := doctor.SessionOptions{Place: doctor.Place{Store: "memory", Resource: "http://localhost:8080/mcp"}}
	r := sessions(t, o, nil)
	want(t, r, "store", doctor.NotTried, "nothing to see from outside")
	if !r.OK || len(r.Steps) != 1 {
		t.Errorf("%s", r.Text(time.Now()))
	}
	o.Resource = "https://mcp.acme.test/mcp"
	want(t, sessions(t, o, nil), "resource", doctor.Warning, "a restart signs everybody out")
	o.Store = ""
	want(t, sessions(t, o, nil), "store", doctor.NotTried, "keeps no sessions")
}

func TestSessionsInRedis(t *testing.T) {
	m := miniredis.RunT(t)
	m.RequireAuth("hunter2pass")
	address := "redis://:hunter2pass@" + m.Addr()
	const resource = "http://localhost:9999/mcp"
	store, err := redisstore.Open(redisstore.Config{URL: address, Resource: resource})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	o := doctor.SessionOptions{Most: 5, Place: doctor.Place{Store: "redis", RedisURL: address, RedisURLEnv: "OUR_REDIS", Resource: resource, ResourceEnv: "MCP_RESOURCE_URL", Keys: session.NewKey()}}
	secrets := []string{"hunter2pass", o.Keys, m.Addr()}
	r := sessions(t, o, secrets)
	want(t, r, "store", doctor.OK, "OUR_REDIS")
	want(t, r, "reach", doctor.OK, "written, read and taken")
	want(t, r, "set-up of Redis", doctor.Warning, "noeviction")
	want(t, r, "records", doctor.OK, "0 sign-ins")
	o.RedisURL = "redis://:wrong0pass@" + m.Addr()
	r = sessions(t, o, append(secrets, "wrong0pass"))
	want(t, r, "reach", doctor.Wrong, "REDIS_URL")
	m.Close()
	o.RedisURL = address
	if r = sessions(t, o, secrets); !r.Unreachable || r.OK {
		t.Errorf("a Redis that is away: %s", r.Text(time.Now()))
	}
}

func TestEnvironmentIsNamedAndNotShown(t *testing.T) {
	env := map[string]string{
		"MCP_RESOURCE_URL": "https://mcp.acme.test/mcp", "GITHUB_CLIENT_ID": "Iv1.8a61f9b3a7aba766", "GITHUB_CLIENT_SECRET": "your-secret-value",
		"MCP_SESSION_KEY": "c2hvcnQ", "REDIS_URL": "http://hunter2@redis", "OIDC_ISSUER": "http://issuer.acme.test", "MCP_API_KEYS_FILE": "/no/such/file-7",
		"MCP_ROLES": "admin=user:hidden-name",
	}
	var vars []doctor.Variable
	for name := range env {
		vars = append(vars, doctor.Variable{Name: name, Required: true})
	}
	vars = append(vars, doctor.Variable{Name: "GOOGLE_CLIENT_ID", Required: true}, doctor.Variable{Name: "MCP_SESSION_DIR"})
	r := doctor.New("sessions", "x")
	r.Environment(vars, func(name string) string { return env[name] })
	hidden(t, r, []string{"Iv1.8a61f9b3a7aba766", "your-secret-value", "c2hvcnQ", "hunter2", "issuer.acme.test", "file-7", "mcp.acme.test", "hidden-name"})
	for name, found := range map[string]string{
		"GITHUB_CLIENT_SECRET": "placeholder", "MCP_SESSION_KEY": "not 32", "REDIS_URL": "not a URL of a Redis",
		"OIDC_ISSUER": "must be https", "MCP_API_KEYS_FILE": "cannot be read", "GOOGLE_CLIENT_ID": "is not set here",
	} {
		want(t, r, "environment: "+name, doctor.Wrong, found)
	}
	want(t, r, "environment: GITHUB_CLIENT_ID", doctor.OK, "well formed")
	want(t, r, "environment: MCP_SESSION_DIR", doctor.OK, "need not be")
	want(t, r, "environment: MCP_ROLES", doctor.OK, "what it says the program judges")
}

// The forms of a report stay as they are: programs read them.
func TestSessionsReportForms(t *testing.T) {
	at := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	ends := at.Add(30 * time.Minute)
	r := doctor.New("sessions", "sessions of \"https://mcp.acme.test/mcp\"")
	r.Good("store", "file, in %s", "/var/lib/mcp")
	r.Warn("folder", "holds what is no record: \x1b[31m", "keep sessions apart")
	r.Bad("records", "1 sign-in damaged", "look for a full disk")
	r.Skip("why not", "free space")
	r.Sessions = &doctor.SessionList{Live: 4, Ended: 1, Listed: []doctor.Session{
		{Handle: "abcdefghijkl", Provider: "github", Began: at.Add(-72 * time.Hour), Used: at.Add(-5 * time.Minute), Ends: at.Add(720 * time.Hour), Latest: at.Add(2000 * time.Hour), Refreshable: true},
		{Handle: "mnopqrstuvwx", Provider: "google", Began: at.Add(-3 * time.Hour), Used: at.Add(-3 * time.Hour), Ends: at.Add(90 * time.Second), Latest: at.Add(90 * time.Second), ProviderExpires: &ends},
		{Handle: "yzabcdefghij", Provider: "", Machine: true, Began: at, Used: at, Ends: ends, Latest: ends},
	}}
	golden(t, "sessions.txt", r.Text(at))
	js, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "sessions.json", append(js, '\n'))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wanted, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, wanted) {
		t.Errorf("%s: %v, got\n%s", name, err, got)
	}
}

func free(n uint64) func(string) (uint64, bool) {
	return func(string) (uint64, bool) { return n, true }
}

func foreign(t *testing.T, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mode(t *testing.T, path string, m os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, m); err != nil {
		t.Fatal(err)
	}
}

// half leaves beside a record what a crash leaves behind.
func half(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path+".1.tmp", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func cut(t *testing.T, path string) {
	t.Helper()
	if err := os.Truncate(path, 40); err != nil {
		t.Fatal(err)
	}
}

// grantFile is the one sign-in in dir.
func grantFile(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "grant*", "*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v, %v", names, err)
	}
	return names[0]
}

var temporary = regexp.MustCompile(`\.tmp$`)

// listing names every file below dir with its size and mode.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && path != dir && !temporary.MatchString(path) {
			out.WriteString(path + info.Mode().String() + info.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
