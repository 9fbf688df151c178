package gosdk_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
)

// Who subscribed to a resource with a token that may read it, and comes back with
// one that may not, is told nothing of its changes.
func TestChangesAreToldToWhoMayRead(t *testing.T) {
	a := overlapping(&mcp.ServerOptions{
		SubscribeHandler:   func(context.Context, *mcp.SubscribeRequest) error { return nil },
		UnsubscribeHandler: func(context.Context, *mcp.UnsubscribeRequest) error { return nil },
	})
	a.s.AddResource(&mcp.Resource{Name: "b", URI: "doc://b"}, nil)
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, false)) }) + "/mcp"
	for token, want := range map[string]string{"alice": "doc://a", "alice+write": "doc://b doc://a"} {
		session := start(t, url, "alice+write")
		for _, uri := range []string{"doc://a", "doc://b"} {
			if got := post(t, url, "alice+write", session, req("resources/subscribe", `{"uri":"`+uri+`"}`)); !strings.Contains(got.body, `"result"`) {
				t.Fatalf("subscribe: %d %s", got.status, got.body)
			}
		}
		if got := hear(t, a, url, token, session); got != want {
			t.Errorf("%s heard %q, want %q", token, got, want)
		}
	}
}

// hear opens the session's stream and returns the resources that it says have
// changed, up to doc://a.
func hear(t *testing.T, a *app, url, token, session string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, "GET", url, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Mcp-Session-Id", session)
	res, err := http.DefaultClient.Do(r)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%v, %v", res, err)
	}
	defer res.Body.Close()
	for _, uri := range []string{"doc://b", "doc://a"} {
		if err := a.s.ResourceUpdated(ctx, &mcp.ResourceUpdatedNotificationParams{URI: uri}); err != nil {
			t.Fatal(err)
		}
	}
	var heard []string
	text := ""
	for b := make([]byte, 4096); !strings.Contains(text, "doc://a"); {
		n, err := res.Body.Read(b)
		if text += string(b[:n]); err != nil && err != io.EOF {
			t.Fatalf("%v after %s", err, text)
		}
	}
	for _, uri := range []string{"doc://b", "doc://a"} {
		if strings.Contains(text, uri) {
			heard = append(heard, uri)
		}
	}
	return strings.Join(heard, " ")
}
