package mcpgo_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// Without sessions, mcp-go lets all requests that are under way share one while a
// tool waits for its user: callers would get each other's notifications.
func TestStatelessCallersShareNoSession(t *testing.T) {
	a := newApp()
	a.s.AddTool(mcp.NewTool("who"), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if r.GetString("do", "") == "ask" {
			_, _ = a.s.RequestElicitation(ctx, mcp.ElicitationRequest{Params: mcp.ElicitationParams{
				Message: "well?", RequestedSchema: map[string]any{"type": "object", "properties": map[string]any{}},
			}})
			return mcp.NewToolResultText("asked"), nil
		}
		_ = a.s.SendNotificationToClient(ctx, "notifications/message", map[string]any{"level": "info", "data": "of bob"})
		time.Sleep(20 * time.Millisecond)
		return mcp.NewToolResultText(server.ClientSessionFromContext(ctx).SessionID()), nil
	})
	url := serve(t, stateless(a)) + "/mcp"

	heard := make(chan string, 100)
	asked := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		defer close(heard)
		r, _ := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader(req("tools/call", `{"name":"who","arguments":{"do":"ask"}}`)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer alice")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			close(asked)
			return
		}
		defer res.Body.Close()
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if strings.Contains(lines.Text(), "elicitation/create") {
				close(asked)
			}
			heard <- lines.Text()
		}
	}()
	<-asked
	for range 20 {
		if got := post(t, url, "bob", "", req("tools/call", `{"name":"who"}`)); got.status != 200 {
			t.Fatalf("status %d: %s", got.status, got.body)
		}
	}
	cancel()
	n := 0
	for line := range heard {
		n++
		if strings.Contains(line, "of bob") {
			t.Fatal("alice's stream told what bob's call did")
		}
	}
	if n == 0 {
		t.Error("alice's call did not wait for her")
	}
}
