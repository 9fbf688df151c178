package broker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"github.com/mcp-migrate/mcp-migrate/authlib/userdata"
)

// visits is what the program keeps of each of its users.
type visits struct{ Count int }

// profile is a tool: everything that it needs is in its context. It asks GitHub's API as
// its caller, and keeps something of them.
func profile(ctx context.Context, api string) (string, error) {
	b, ok := broker.FromContext(ctx)
	if !ok {
		return "", errors.New("sign in first")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/user", nil)
	if err != nil {
		return "", err
	}
	res, err := b.Client(ctx).Do(r) // with the caller's own token, and to GitHub's API only
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var user struct{ Login string }
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&user); err != nil {
		return "", err
	}
	seen := userdata.In[visits](b.UserData(), "visits")
	if err := seen.Update(ctx, func(v *visits) error { v.Count++; return nil }); err != nil {
		return "", err
	}
	v, err := seen.Get(ctx)
	return fmt.Sprintf("%s, visit %d", user.Login, v.Count), err
}

// A handler finds everything in its context: it calls the provider's API as its caller,
// and keeps something of them.
func ExampleFromContext() {
	inATest(func(t testing.TB) {
		gh := authtest.NewGitHub(t) // stands for GitHub
		srv := httptest.NewUnstartedServer(nil)
		defer srv.Close()
		url := "http://" + srv.Listener.Addr().String() + "/mcp"
		handler, err := withGitHub(url, gh)
		if err != nil {
			t.Fatalf("%v", err)
		}
		srv.Config.Handler = handler
		srv.Start()

		octocat := authtest.NewClient(t, url).SignIn(nil)
		fmt.Println(octocat.MustCall("profile", nil))
		fmt.Println(octocat.MustCall("profile", nil))
	})
	// Output:
	// octocat, visit 1
	// octocat, visit 2
}

// withGitHub is the program.
func withGitHub(url string, gh *authtest.GitHub) (http.Handler, error) {
	p, err := github.New(github.Config{BaseURL: gh.URL, ClientID: gh.ClientID, ClientSecret: gh.ClientSecret, Resource: url})
	if err != nil {
		return nil, err
	}
	allow, err := broker.AllowRules("user:octocat")
	if err != nil {
		return nil, err
	}
	b, err := broker.New(broker.Config{
		Resource: url, Providers: []provider.Provider{p}, Allow: allow,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, err
	}
	core, err := authlib.New(authlib.Config{Resource: url, Verifier: b, AuthServer: b})
	if err != nil {
		return nil, err
	}
	s := mcp.NewServer(&mcp.Implementation{Name: "profiles", Version: "1"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "profile"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
		text, err := profile(ctx, gh.URL+"/api/v3") // https://api.github.com
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}, nil, err
	})
	guard := gosdk.New(core)
	return guard.Handler("/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return guard.Server(s) }, nil)), nil
}

// inATest runs an example as go test would run a test: what fails is printed, and so
// is not what the example expects.
func inATest(f func(testing.TB)) {
	t := &exampleTB{}
	defer func() {
		for i := len(t.cleanups) - 1; i >= 0; i-- {
			t.cleanups[i]()
		}
		if v := recover(); v != nil && v != (stopped{}) {
			panic(v)
		}
	}()
	f(t)
}

type exampleTB struct {
	testing.TB
	cleanups []func()
}

type stopped struct{}

func (t *exampleTB) Helper()                   {}
func (t *exampleTB) Logf(string, ...any)       {}
func (t *exampleTB) Cleanup(f func())          { t.cleanups = append(t.cleanups, f) }
func (t *exampleTB) Errorf(f string, v ...any) { fmt.Printf("FAIL: "+f+"\n", v...) }
func (t *exampleTB) Fatalf(f string, v ...any) {
	t.Errorf(f, v...)
	panic(stopped{})
}
