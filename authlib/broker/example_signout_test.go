package broker_test

import (
	"context"
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
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
)

// A program signs a user out everywhere: here the user asks for it, by a tool. Every
// token of theirs is refused from then on, whichever client has it.
func ExampleBroker_Revoke() {
	inATest(func(t testing.TB) {
		srv := httptest.NewUnstartedServer(nil)
		defer srv.Close()
		url := "http://" + srv.Listener.Addr().String() + "/mcp"
		handler, err := withSignOut(url)
		if err != nil {
			t.Fatalf("%v", err)
		}
		srv.Config.Handler = handler
		srv.Start()

		answers := authtest.Answers{"user": "alice", "code": "1234-5678"}
		laptop, phone := authtest.NewClient(t, url).SignIn(answers), authtest.NewClient(t, url).SignIn(answers)
		fmt.Println(laptop.MustCall("sign-out-everywhere", nil))
		_, err = phone.Call(context.Background(), "sign-out-everywhere", nil)
		var refusal *authtest.Refusal
		fmt.Println(errors.As(err, &refusal) && refusal.Status == http.StatusUnauthorized)
	})
	// Output:
	// goodbye, alice
	// true
}

// withSignOut is the program.
func withSignOut(url string) (http.Handler, error) {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	p, err := dev.New(dev.Config{Resource: url, Code: "1234-5678", Out: io.Discard})
	if err != nil {
		return nil, err
	}
	b, err := broker.New(broker.Config{Resource: url, Providers: []provider.Provider{p}, Logger: quiet})
	if err != nil {
		return nil, err
	}
	core, err := authlib.New(authlib.Config{Resource: url, Verifier: b, AuthServer: b, Logger: quiet})
	if err != nil {
		return nil, err
	}
	s := mcp.NewServer(&mcp.Implementation{Name: "goodbyes", Version: "1"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "sign-out-everywhere"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
		p, ok := authlib.FromContext(ctx)
		if !ok {
			return nil, nil, errors.New("sign in first")
		}
		if err := b.Revoke(ctx, p.Issuer, p.Subject); err != nil {
			return nil, nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "goodbye, " + p.Subject}}}, nil, nil
	})
	guard := gosdk.New(core)
	return guard.Handler("/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return guard.Server(s) }, nil)), nil
}
