//go:build !authlib_no_init && !authlib_no_resources

package mcpgo

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// withTemplates is a server of these templates, each named as the map says.
func withTemplates(names map[string]string, opts ...server.ServerOption) *server.MCPServer {
	s := server.NewMCPServer("s", "1", append(opts, server.WithResourceCapabilities(true, true))...)
	read := func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) { return nil, nil }
	s.AddResource(mcp.NewResource("doc://"+fmt.Sprint(len(names)), "d"), read)
	for text, name := range names {
		s.AddResourceTemplate(mcp.NewResourceTemplate(text, name), read)
	}
	return s
}

// Where the SDK's pages cannot tell everything, nothing is said, so that the decision
// fails instead of being made on a part.
func TestPagesThatDoNotTellAllAreAnError(t *testing.T) {
	s := withTemplates(map[string]string{"a://{id}": "same", "b://{id}": "same", "c://{id}": "same"}, server.WithPaginationLimit(2))
	if reg, err := registered(context.Background(), s); err == nil || !strings.Contains(err.Error(), "pagination limit") {
		t.Errorf("%+v, %v", reg, err)
	}
	s = withTemplates(map[string]string{"a://{id}": "a", "b://{id}": "b", "c://{id}": "c"}, server.WithPaginationLimit(2))
	if reg, err := registered(context.Background(), s); err != nil || len(slices.Compact(slices.Sorted(slices.Values(reg.Templates)))) != 3 {
		t.Errorf("%+v, %v", reg, err)
	}
}

// A cursor of another make is passed back as it is, and the last page has none.
func TestCursorOfAnotherMake(t *testing.T) {
	end := func(name string) string { return base64.StdEncoding.EncodeToString([]byte(name)) }
	for name, c := range map[string]struct{ page, want string }{
		"the last page":         {`{"resources":[{"name":"a"}]}`, ""},
		"an empty page":         {`{"nextCursor":"x"}`, ""},
		"another make":          {`{"resources":[{"name":"a"}],"nextCursor":"page-2"}`, "page-2"},
		"behind the one before": {`{"resources":[{"name":"a"},{"name":"b"}],"nextCursor":"` + end("b") + `"}`, end("a")},
	} {
		var p page
		if err := json.Unmarshal([]byte(c.page), &p); err != nil {
			t.Fatal(err)
		}
		if got, err := p.cursor(); got != c.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

// What a server says to a question for its lists that is no list is an error, and a
// server that has no resources has none.
func TestServersThatDoNotAnswer(t *testing.T) {
	ctx := context.Background()
	none := server.NewMCPServer("s", "1")
	if err := ask(ctx, none, "resources/list", func(page) { t.Error("a list of nothing") }); err != nil {
		t.Errorf("a server without resources: %v", err)
	}
	hooks := &server.Hooks{}
	hooks.AddOnRequestInitialization(func(context.Context, any, any) error { return errors.New("not now") })
	closed := withTemplates(map[string]string{"a://{id}": "a"}, server.WithHooks(hooks))
	if reg, err := registered(ctx, closed); err == nil || strings.Contains(err.Error(), "not now") {
		t.Errorf("a server that refuses: %+v, %v", reg, err)
	}
}

// Several servers of one guard are one registry; of none there is nothing to decide
// by.
func TestRegisteredAnywhere(t *testing.T) {
	g := New(nil)
	if reg, err := g.registeredAnywhere(context.Background())(); err == nil {
		t.Errorf("without a server: %+v", reg)
	}
	for _, s := range []*server.MCPServer{withTemplates(map[string]string{"a://{id}": "a"}), withTemplates(map[string]string{"b://{id}": "b", "c://{id}": "c"})} {
		g.first(s)
	}
	reg, err := g.registeredAnywhere(context.Background())()
	slices.Sort(reg.Templates)
	slices.Sort(reg.Resources)
	if err != nil || !slices.Equal(reg.Templates, []string{"a://{id}", "b://{id}", "c://{id}"}) || !slices.Equal(reg.Resources, []string{"doc://1", "doc://2"}) {
		t.Errorf("%+v, %v", reg, err)
	}
	g.first(withTemplates(map[string]string{"a://{id}": "same", "b://{id}": "same"}, server.WithPaginationLimit(1)))
	if reg, err := g.registeredAnywhere(context.Background())(); err == nil {
		t.Errorf("with one that does not tell all: %+v", reg)
	}
}

// A program that makes a server for each request does not keep them all alive.
func TestServersAreForgotten(t *testing.T) {
	g := New(nil)
	first := server.NewMCPServer("s", "1")
	if !g.first(first) || g.first(first) {
		t.Error("a server is set up once")
	}
	for range maxServers {
		g.first(server.NewMCPServer("s", "1"))
	}
	if len(g.done) != maxServers || len(g.order) != maxServers {
		t.Errorf("%d servers are remembered, in an order of %d", len(g.done), len(g.order))
	}
	if !g.first(first) {
		t.Error("the oldest was not forgotten")
	}
}
