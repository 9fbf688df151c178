// Command gosdk has checks at the top of the handlers of its tools. What they compare
// with is a header that anybody can send.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type callerKey struct{}

type caller struct {
	scopes []string
	roles  map[string]bool
}

type none struct{}

var errForbidden = errors.New("not for you")

// withCaller puts what the caller says of itself into the context.
func withCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &caller{scopes: strings.Fields(r.Header.Get("X-Scopes")), roles: map[string]bool{r.Header.Get("X-Role"): true}}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
	})
}

func callerOf(ctx context.Context) (*caller, bool) {
	c, ok := ctx.Value(callerKey{}).(*caller)
	return c, ok
}

func hasScope(ctx context.Context, scope string) bool {
	c, ok := callerOf(ctx)
	return ok && slices.Contains(c.scopes, scope)
}

func requireScope(ctx context.Context, scope string) error {
	if !hasScope(ctx, scope) {
		return errors.New("missing " + scope)
	}
	return nil
}

func done() (*mcp.CallToolResult, any, error) {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "done"}}}, nil, nil
}

func list(context.Context, *mcp.CallToolRequest, none) (*mcp.CallToolResult, any, error) {
	return done()
}

// either is for readers and for admins of notes.
func either(ctx context.Context, _ *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
	if !hasScope(ctx, "notes:read") && !hasScope(ctx, "notes:admin") {
		return nil, nil, errForbidden
	}
	return done()
}

func both(ctx context.Context, _ *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
	if err := requireScope(ctx, "notes:read"); err != nil {
		return nil, nil, err
	}
	if err := requireScope(ctx, "notes:write"); err != nil {
		return nil, nil, err
	}
	return done()
}

func purge(ctx context.Context, _ *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
	c, ok := callerOf(ctx)
	if !ok || !c.roles["admin"] {
		return nil, nil, errForbidden
	}
	if !slices.Contains(c.scopes, "notes:write") {
		return nil, nil, errForbidden
	}
	return done()
}

func main() {
	s := mcp.NewServer(&mcp.Implementation{Name: "Notes", Version: "1.0.0"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "list_notes"}, list)
	mcp.AddTool(s, &mcp.Tool{Name: "either"}, either)
	mcp.AddTool(s, &mcp.Tool{Name: "both"}, both)
	mcp.AddTool(s, &mcp.Tool{Name: "purge"}, purge)

	mux := http.NewServeMux()
	mux.Handle("/mcp", withCaller(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil)))
	log.Fatal(http.ListenAndServe("localhost:"+os.Getenv("PORT"), mux))
}
