// Command mcpgo has checks around the handlers of its tools, one by one. What they
// compare with is a header that anybody can send.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

type scopesKey struct{}
type rolesKey struct{}

// withCaller puts what the caller says of itself into the context.
func withCaller(ctx context.Context, r *http.Request) context.Context {
	ctx = context.WithValue(ctx, scopesKey{}, strings.Fields(r.Header.Get("X-Scopes")))
	return context.WithValue(ctx, rolesKey{}, r.Header.Get("X-Role"))
}

func scopes(ctx context.Context) []string {
	list, _ := ctx.Value(scopesKey{}).([]string)
	return list
}

// requireAny wants one of the scopes.
func requireAny(any []string, next server.ToolHandlerFunc) server.ToolHandlerFunc {
	return func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for _, scope := range scopes(ctx) {
			if slices.Contains(any, scope) {
				return next(ctx, req)
			}
		}
		return mcp.NewToolResultError("one of " + strings.Join(any, ", ") + " is needed"), nil
	}
}

// requireAll wants all of them.
func requireAll(all ...string) func(server.ToolHandlerFunc) server.ToolHandlerFunc {
	return func(next server.ToolHandlerFunc) server.ToolHandlerFunc {
		return func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			for _, scope := range all {
				if !slices.Contains(scopes(ctx), scope) {
					return mcp.NewToolResultError("missing " + scope), nil
				}
			}
			return next(ctx, req)
		}
	}
}

// adminsOnly wants a role.
func adminsOnly(next server.ToolHandlerFunc) server.ToolHandlerFunc {
	return func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if role, _ := ctx.Value(rolesKey{}).(string); role != "admin" {
			return nil, errors.New("not for you")
		}
		return next(ctx, req)
	}
}

func logged(next server.ToolHandlerFunc) server.ToolHandlerFunc {
	return func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		log.Printf("called: %s", req.Params.Name)
		return next(ctx, req)
	}
}

func done(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return mcp.NewToolResultText("done"), nil
}

func main() {
	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTool(mcp.NewTool("list_notes"), done)
	s.AddTool(mcp.NewTool("either"), requireAny([]string{"notes:read", "notes:admin"}, done)) // reading
	s.AddTool(mcp.NewTool("both"), logged(requireAll("notes:read", "notes:write")(done)))
	s.AddTool(mcp.NewTool("purge"), adminsOnly(logged(requireAll("notes:write")(done))))

	mux := http.NewServeMux()
	mux.Handle("/mcp", server.NewStreamableHTTPServer(s, server.WithHTTPContextFunc(withCaller)))
	log.Fatal(http.ListenAndServe("localhost:"+os.Getenv("PORT"), mux))
}
