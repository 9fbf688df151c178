package gosdk_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
)

// What the program registers below a template of the policy has to be named itself.
func TestATemplateOpensNothingElse(t *testing.T) {
	for name, page := range map[string]int{"whole lists": 0, "in pages": 2} {
		a := overlapping(&mcp.ServerOptions{
			PageSize:           page,
			SubscribeHandler:   func(context.Context, *mcp.SubscribeRequest) error { return nil },
			UnsubscribeHandler: func(context.Context, *mcp.UnsubscribeRequest) error { return nil },
			CompletionHandler: func(context.Context, *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
				return &mcp.CompleteResult{}, nil
			},
		})
		url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, false)) }) + "/mcp"
		session := start(t, url, "alice")
		for _, uri := range []string{"item://secret", "item://xabc"} {
			for _, r := range []string{
				req("resources/read", `{"uri":"`+uri+`"}`),
				req("resources/subscribe", `{"uri":"`+uri+`"}`),
				req("completion/complete", `{"ref":{"type":"ref/resource","uri":"`+uri+`"},"argument":{"name":"id","value":"a"}}`),
			} {
				if got := post(t, url, "alice", session, r); !strings.Contains(got.body, `"message":"forbidden"`) {
					t.Errorf("%s: %s: %d %s", name, r, got.status, got.body)
				}
			}
		}
		if got := post(t, url, "alice", session, req("resources/subscribe", `{"uri":"item://1"}`)); !strings.Contains(got.body, `"result"`) {
			t.Errorf("%s: subscribing to the template itself: %s", name, got.body)
		}
		if got := post(t, url, "alice", session, req("resources/read", `{"uri":"item://1"}`)); !strings.Contains(got.body, `"text":"x"`) || a.log() != "item://1" {
			t.Errorf("%s: reading the template itself: %s, ran %s", name, got.body, a.log())
		}
	}
}

// Lists show what is named itself, in memory with a credential too.
func TestListsShowNothingElse(t *testing.T) {
	a := overlapping(nil)
	core, err := authlib.New(authlib.Config{Resource: "http://localhost/mcp", Verifier: people, AuthorizationServers: servers, Policy: policy(), AllowAnonymous: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	local, err := core.AuthenticateStdio(ctx, "alice")
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := mcp.NewInMemoryTransports()
	if _, err := gosdk.New(core).Server(a.s).Connect(local, ours, nil); err != nil {
		t.Fatal(err)
	}
	c, err := mcp.NewClient(&mcp.Implementation{Name: "c", Version: "1"}, nil).Connect(ctx, theirs, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b := overlapping(nil)
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", b.transport(g, true)) }) + "/mcp"
	for how, c := range map[string]*mcp.ClientSession{"in memory": c, "over HTTP": connect(t, url, "alice")} {
		if got := strings.Join(listed(t, c), " "); got != "doc://a item://{id}" {
			t.Errorf("%s: lists %s", how, got)
		}
		if _, err := c.ReadResource(ctx, &mcp.ReadResourceParams{URI: "item://secret"}); err == nil || a.log()+b.log() != "" {
			t.Errorf("%s: read it: %v, ran %s %s", how, err, a.log(), b.log())
		}
	}
}

// A stream that is asked for resources carries those only which may be read.
func TestListeningIsDecidedByWhatIsRegistered(t *testing.T) {
	a := overlapping(nil)
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, true)) }) + "/mcp"
	listen := func(uri string) string {
		body := `{"jsonrpc":"2.0","id":7,"method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":["` + uri + `"]},` +
			`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}`
		r, _ := http.NewRequest("POST", url, strings.NewReader(body))
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		for k, v := range map[string]string{
			"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Authorization": "Bearer alice",
			"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "subscriptions/listen",
		} {
			r.Header.Set(k, v)
		}
		res, err := http.DefaultClient.Do(r.WithContext(ctx))
		if err != nil {
			return err.Error()
		}
		defer res.Body.Close()
		b := make([]byte, 4096)
		n, _ := res.Body.Read(b)
		return string(b[:n])
	}
	if strings.Contains(listen("item://1"), "Unsupported protocol version") {
		t.Skip("this version of go-sdk knows no subscriptions/listen")
	}
	if got := listen("item://secret"); !strings.Contains(got, "forbidden") {
		t.Errorf("item://secret: %s", got)
	}
	if got := listen("item://1"); strings.Contains(got, "forbidden") {
		t.Errorf("item://1: %s", got)
	}
}

// A server that was set up twice, or for two guards, is still asked.
func TestSetUpTwice(t *testing.T) {
	a := overlapping(nil)
	url := serve(t, func(g *gosdk.Guard) http.Handler { gosdk.Check(a.s); return g.Handler("/mcp", a.transport(g, true)) }) + "/mcp"
	if got := post(t, url, "alice", "", req("resources/read", `{"uri":"item://1"}`)); got.status != 200 || a.log() != "item://1" {
		t.Errorf("%d %s, ran %s", got.status, got.body, a.log())
	}
}
