//go:build !authlib_no_cache

package mcpgo_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// Lists and resources are a caller's own, whether the program told the SDK otherwise
// or a hook of it does.
func TestListsAreNotCachedAsPublic(t *testing.T) {
	hooks := &server.Hooks{}
	hooks.AddAfterListTools(func(_ context.Context, _ any, _ *mcp.ListToolsRequest, r *mcp.ListToolsResult) {
		r.SetCacheHints(60_000, mcp.CacheScopePublic)
	})
	for how, opts := range map[string][]server.ServerOption{
		"nothing set":    nil,
		"for all":        {server.WithCacheHints(60_000, mcp.CacheScopePublic)},
		"for one method": {server.WithMethodCacheHints(mcp.MethodPromptsList, 60_000, mcp.CacheScopePublic)},
		"in a hook":      {server.WithHooks(hooks)},
	} {
		url := serve(t, stateless(newApp(opts...))) + "/mcp"
		for method, name := range map[string]string{
			"tools/list": "", "prompts/list": "", "resources/list": "", "resources/templates/list": "", "resources/read": "doc://a",
		} {
			got := modern(t, url, method, name)
			if got.Scope != "private" || got.TTL != 0 {
				t.Errorf("%s, %s: %+v", how, method, got)
			}
		}
	}
}

type hints struct {
	Scope string `json:"cacheScope"`
	TTL   int    `json:"ttlMs"`
}

// modern asks in protocol version 2026-07-28, the first that has such hints.
func modern(t *testing.T, url, method, uri string) hints {
	t.Helper()
	r, _ := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"jsonrpc":"2.0","id":7,"method":"`+method+`","params":{"uri":"`+uri+`","_meta":{`+
		`"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}`))
	for k, v := range map[string]string{
		"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Authorization": "Bearer admin",
		"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method, "Mcp-Name": uri,
	} {
		r.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	var answer struct{ Result *hints }
	if err := json.Unmarshal(b, &answer); err != nil || answer.Result == nil {
		t.Fatalf("%s: %d %s", method, res.StatusCode, b)
	}
	return *answer.Result
}
