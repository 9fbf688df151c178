package broker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"golang.org/x/oauth2"
)

// A job is what a second process does: it opens the files, waits for a line, and asks
// for the upstream token Calls times at once.
type job struct {
	Dir, GitHub, ID, Secret, Resource, Access string
	Now                                       time.Time
	Calls                                     int
	// Hang makes it stop for ever between the provider's answer and the file.
	Hang bool
}

const jobVariable = "BROKER_TEST_JOB"

// TestMain is the second process where the first one says so.
func TestMain(m *testing.M) {
	if text := os.Getenv(jobVariable); text != "" {
		var j job
		if err := json.Unmarshal([]byte(text), &j); err != nil {
			panic(err)
		}
		j.run()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// hangingProvider says that the provider has answered, and never returns.
type hangingProvider struct{ provider.Provider }

func (p hangingProvider) Refresh(ctx context.Context, tok *oauth2.Token) (*oauth2.Token, error) {
	if _, err := p.Provider.Refresh(ctx, tok); err != nil {
		panic(err)
	}
	fmt.Println("answered")
	select {}
}

func (j job) run() {
	b := j.broker()
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	p, err := b.Verify(context.Background(), j.Access)
	if err != nil {
		fmt.Println("error", err)
		return
	}
	ctx := authlib.NewContext(context.Background(), p)
	answers := make(chan string)
	for range j.Calls {
		go func() {
			tok, err := b.TokenSource(ctx).Token()
			if err != nil {
				answers <- "error " + err.Error()
				return
			}
			answers <- "token " + hashKey(tok.AccessToken)
		}()
	}
	for range j.Calls {
		fmt.Println(<-answers)
	}
}

func (j job) broker() *Broker {
	p, err := github.New(github.Config{ClientID: j.ID, ClientSecret: j.Secret, BaseURL: j.GitHub, Orgs: true, Now: func() time.Time { return j.Now }})
	if err != nil {
		panic(err)
	}
	allow, err := AllowRules("anyone")
	if err != nil {
		panic(err)
	}
	c := Config{
		Resource: j.Resource, Providers: []provider.Provider{p}, Scopes: []string{"mcp:use", "read:user", "repo"}, Allow: allow,
		AccessTTL: 5 * time.Hour, Logger: quiet(), Now: func() time.Time { return j.Now },
	}
	if j.Hang {
		c.Providers[0] = hangingProvider{p}
	}
	files(j.Dir, 1)(&c)
	b, err := New(c)
	if err != nil {
		panic(err)
	}
	return b
}

// A process is one that runs a job.
type process struct {
	*testing.T
	cmd *exec.Cmd
	in  io.Writer
	out *bufio.Scanner
}

// start runs the job in a process of its own, up to where it waits.
func (be *bench) start(t *testing.T, j job) *process {
	t.Helper()
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{T: t, cmd: exec.Command(os.Args[0], "-test.run=^$")}
	p.cmd.Env = append(os.Environ(), jobVariable+"="+string(text))
	p.cmd.Stderr = os.Stderr
	in, err1 := p.cmd.StdinPipe()
	out, err2 := p.cmd.StdoutPipe()
	if err := errors.Join(err1, err2, p.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.kill() })
	p.in, p.out = in, bufio.NewScanner(out)
	p.want("ready")
	return p
}

func (p *process) line() string {
	p.Helper()
	if !p.out.Scan() {
		p.Fatal("the process ended: ", p.out.Err())
	}
	return p.out.Text()
}

func (p *process) want(line string) {
	p.Helper()
	if got := p.line(); got != line {
		p.Fatalf("the process said %q, want %q", got, line)
	}
}

func (p *process) proceed() { _, _ = io.WriteString(p.in, "go\n") }

// kill is kill -9: nothing is tidied up.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// farm is a broker here whose files other processes share, with a user whose
// upstream token has ended.
func farm(t *testing.T) (*bench, *authtest.GitHub, tokens, job) {
	t.Helper()
	gh, dir := authtest.NewGitHub(t), t.TempDir()
	gh.ExpireTokens(2 * time.Hour)
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) { files(dir, 1)(c); c.AccessTTL = 5 * time.Hour }))
	tok := be.signIn()
	be.advance(3 * time.Hour)
	return be, gh, tok, job{
		Dir: dir, GitHub: gh.URL, ID: gh.ClientID, Secret: gh.ClientSecret, Resource: be.b.Audience(), Access: tok.access, Now: be.clock.Now(),
	}
}

// A hundred calls over two processes of the operating system refresh the upstream
// token once, and get the same one.
func TestTwoProcessesRefreshOnce(t *testing.T) {
	be, gh, tok, j := farm(t)
	before := gh.Calls(githubToken)
	j.Calls = 50
	both := []*process{be.start(t, j), be.start(t, j)}
	for _, p := range both {
		p.proceed()
	}
	seen := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, p := range both {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range j.Calls {
				if !p.out.Scan() {
					p.Error("the process ended: ", p.out.Err())
					return
				}
				mu.Lock()
				seen[p.out.Text()]++
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	if n := gh.Calls(githubToken) - before; n != 1 {
		t.Errorf("GitHub was asked for a token %d times, want 1", n)
	}
	now := be.upstream(tok)
	if len(seen) != 1 || seen["token "+hashKey(now.AccessToken)] != 100 {
		t.Errorf("the calls got %d different answers", len(seen))
	}
}

// crash kills a process after GitHub has answered its refresh and before it wrote the
// answer down.
func (be *bench) crash(t *testing.T, j job) {
	t.Helper()
	j.Calls, j.Hang = 1, true
	p := be.start(t, j)
	p.proceed()
	p.want("answered")
	p.kill()
}

// A process that dies between the provider's answer and its file took the only
// refresh token with it, where the provider gives each out once. The user has to sign
// in again, and is told so: nothing hangs, and no half of a sign-in is left.
func TestProcessKilledBeforeItSavesTheToken(t *testing.T) {
	be, gh, tok, j := farm(t)
	be.crash(t, j)
	be.advance(refreshLease)
	before := gh.Calls(githubToken)
	if _, err := be.b.TokenSource(be.as(tok)).Token(); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("%v, want ErrInvalidToken", err)
	}
	if n := gh.Calls(githubToken) - before; n != 1 {
		t.Errorf("GitHub was asked %d times, want 1", n)
	}
	be.wantInvalid(tok.access)
	be.refused(tok.refreshForm(), "invalid_grant")
	if again := be.signIn(); be.upstream(again).AccessToken == "" {
		t.Error("no token after signing in again")
	}
}

// Where the provider takes a refresh token more than once, nothing is lost: as soon
// as the dead process's lease is over, the next one refreshes, once.
func TestProcessKilledWhereRefreshTokensLast(t *testing.T) {
	be, gh, tok, j := farm(t)
	gh.KeepRefreshTokens()
	be.crash(t, j)
	ctx, cancel := context.WithTimeout(be.as(tok), 300*time.Millisecond)
	defer cancel()
	if _, err := be.b.TokenSource(ctx).Token(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("within the lease: %v, want to wait", err)
	}
	be.advance(refreshLease)
	before := gh.Calls(githubToken)
	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if tok, err := be.b.TokenSource(be.as(tok)).Token(); err != nil || !strings.HasPrefix(tok.AccessToken, "gho_") {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if n := gh.Calls(githubToken) - before; n != 1 {
		t.Errorf("GitHub was asked %d times, want 1", n)
	}
	be.wantValid(tok.access)
	be.tokens(tok.refreshForm())
}

// While a token is still valid, a process that died over its refresh costs nobody
// anything before the token ends.
func TestProcessKilledWhileTheTokenIsValid(t *testing.T) {
	gh, dir := authtest.NewGitHub(t), t.TempDir()
	gh.ExpireTokens(2 * time.Hour)
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) { files(dir, 1)(c); c.AccessTTL = 5 * time.Hour }))
	tok := be.signIn()
	first := be.upstream(tok)
	be.advance(2*time.Hour - time.Minute)
	be.crash(t, job{Dir: dir, GitHub: gh.URL, ID: gh.ClientID, Secret: gh.ClientSecret, Resource: be.b.Audience(), Access: tok.access, Now: be.clock.Now()})
	if be.upstream(tok).AccessToken != first.AccessToken {
		t.Error("another token within the lease")
	}
}
