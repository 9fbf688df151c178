package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/doctor/doctest"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// A person reads what is written for them, opens the address and signs in.
type person struct {
	t    *testing.T
	user string
	mu   sync.Mutex
	read bytes.Buffer
	came sync.WaitGroup
}

var address = regexp.MustCompile(`(?m)^  (http://\S+)$`)

func (p *person) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read.Write(b)
	if m := address.FindSubmatch(b); m != nil {
		p.came.Go(func() { p.open(string(m[1])) })
	}
	return len(b), nil
}

func (p *person) open(authURL string) {
	back, err := signin.Robot(map[string]string{"user": p.user, "code": doctest.Code})(context.Background(), authURL)
	if err != nil {
		p.t.Errorf("the person could not sign in: %v", err)
		return
	}
	res, err := http.Get(back.String())
	if err != nil || res.StatusCode != http.StatusOK {
		p.t.Errorf("the way back: %v, %v", res, err)
		return
	}
	_ = res.Body.Close()
}

func getToken(t *testing.T, url string, args ...string) (code int, stdout string, p *person) {
	t.Helper()
	p = &person{t: t, user: "alice"}
	var out bytes.Buffer
	a := newApp(nil, strings.NewReader(""), &out, p)
	code = a.run(context.Background(), append([]string{"doctor", "token", "--get", url}, args...))
	p.came.Wait()
	return code, out.String(), p
}

func TestGetTokenIntoAFile(t *testing.T) {
	s, err := doctest.Start(filepath.Join(t.TempDir(), "s"), doctest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	file := filepath.Join(t.TempDir(), "token.txt")
	code, stdout, p := getToken(t, s.URL, "--out", file)
	token, err := os.ReadFile(file)
	if code != 0 || stdout != "" || err != nil || !strings.HasPrefix(string(token), "mcpat_") {
		t.Fatalf("exit %d, %q, %v\n%s", code, stdout, err, p.read.String())
	}
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if strings.Contains(p.read.String(), strings.TrimSpace(string(token))) {
		t.Error("the token is on stderr")
	}
	if status, why := call(t, s.URL, strings.TrimSpace(string(token))); status != http.StatusOK {
		t.Errorf("the server refuses the token: %d %s", status, why)
	}
	if code, _, p := getToken(t, s.URL, "--out", file); code != exitUsage || address.Match(p.read.Bytes()) {
		t.Errorf("a file that is there: exit %d\n%s", code, p.read.String())
	}
}

func call(t *testing.T, url, token string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b) + res.Header.Get("WWW-Authenticate")
}

func TestGetTokenShowsItWhenAsked(t *testing.T) {
	s, err := doctest.Start(filepath.Join(t.TempDir(), "s"), doctest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if code, stdout, p := getToken(t, s.URL, "--show"); code != 0 || !strings.HasPrefix(stdout, "mcpat_") {
		t.Errorf("exit %d, %q\n%s", code, stdout, p.read.String())
	}
}

func TestGetTokenRefuses(t *testing.T) {
	open := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {})
	s, err := doctest.Start(filepath.Join(t.TempDir(), "s"), doctest.Options{Wrap: func(http.Handler) http.Handler { return open }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, c := range map[string]struct {
		url  string
		args []string
		says string
	}{
		"nowhere to put it": {s.URL, nil, "--out FILE"},
		"an open server":    {s.URL, []string{"--show"}, "not 401"},
		"no URL":            {"mcp.acme.test", []string{"--show"}, "--get mcp.acme.test: is not an http or https URL"},
		"nobody there":      {"http://127.0.0.1:1/mcp", []string{"--show"}, "doctor url explains"},
	} {
		if code, stdout, p := getToken(t, c.url, c.args...); code != exitUsage || stdout != "" || !strings.Contains(p.read.String(), c.says) {
			t.Errorf("%s: exit %d, %q\n%s", name, code, stdout, p.read.String())
		}
	}
	var out, errs bytes.Buffer
	if code := newApp(nil, strings.NewReader("x"), &out, &errs).run(context.Background(), []string{"doctor", "token", "--show"}); code != exitUsage || !strings.Contains(errs.String(), "only with --get") {
		t.Errorf("--show alone: exit %d, %s", code, &errs)
	}
}

// Who does not sign in in time ends it.
func TestGetTokenGivesUp(t *testing.T) {
	s, err := doctest.Start(filepath.Join(t.TempDir(), "s"), doctest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var out, errs bytes.Buffer
	g := &tokenGetter{app: newApp(nil, strings.NewReader(""), &out, &errs), url: s.URL, show: true, wait: 300 * time.Millisecond}
	if err := g.run(context.Background()); exitCode(err) != exitUsage || !strings.Contains(err.Error(), "within 300ms") {
		t.Errorf("%v", err)
	}
}

// A token that is typed would be on the screen, and one that is asked for in silence
// looks like a program that hangs.
func TestTokenIsNotTyped(t *testing.T) {
	stdin, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	var out, errs bytes.Buffer
	a := newApp(nil, stdin, &out, &errs)
	a.watched = func(w io.Writer) bool { return w == io.Writer(stdin) }
	code := a.run(context.Background(), []string{"doctor", "token", "-C", t.TempDir(), "--issuer", "https://login.acme.test"})
	if code != exitUsage || !strings.Contains(errs.String(), "stdin is a terminal") {
		t.Errorf("exit %d, %s", code, &errs)
	}
}
