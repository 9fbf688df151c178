// Command mcpgo-ownkey demands a key of its own in the header X-API-Key, and writes
// down who had none.
package main

import (
	"context"
	"crypto/subtle"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	s := server.NewMCPServer("Notes", "1.0.0")
	addTools(s)

	mux := http.NewServeMux()
	mux.Handle("/mcp", withKey(server.NewStreamableHTTPServer(s)))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	if err := http.ListenAndServe("localhost:"+port, mux); err != nil {
		log.Fatal(err)
	}
}

// withKey lets those through who have the key.
func withKey(next http.Handler) http.Handler {
	key := os.Getenv("NOTES_KEY")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := r.Header.Get("X-API-Key")
		if key == "" || subtle.ConstantTimeCompare([]byte(got), []byte(key)) != 1 {
			log.Printf("no key from %s", r.RemoteAddr)
			http.Error(w, "who are you?", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func addTools(s *server.MCPServer) {
	s.AddTool(mcp.NewTool("list_notes",
		mcp.WithDescription("List all notes"),
		mcp.WithReadOnlyHintAnnotation(true),
	), func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("buy milk"), nil
	})
	s.AddTool(mcp.NewTool("delete_note",
		mcp.WithDestructiveHintAnnotation(true),
		mcp.WithString("text", mcp.Required()),
	), func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("deleted " + req.GetString("text", "")), nil
	})
}
